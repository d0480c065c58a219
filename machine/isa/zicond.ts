/** Zicond: a register, or zero, by a condition. Reference: RISC-V Unprivileged ISA, "Zicond" extension. */
import { type I32, type I64, i64, select } from '../wasm/code.ts';
import { OPCODE, register } from './define.ts';
import type { Instruction } from './instruction.ts';

const op = register('zicond', OPCODE.OP);
/** Zero where the condition about rs2 holds, else rs1. */
const zeroWhere = (condition: (b: I64) => I32) => (a: I64, b: I64) => select(condition(b), i64.const(0), a);

export const ZICOND: readonly Instruction[] = [
  op(
    'czero.eqz',
    0x07,
    5,
    zeroWhere((b) => i64.eqz(b)),
  ),
  op(
    'czero.nez',
    0x07,
    7,
    zeroWhere((b) => i64.ne(b, i64.const(0))),
  ),
];
