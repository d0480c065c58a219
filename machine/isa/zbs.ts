/** Zbs: single bits. Reference: RISC-V Unprivileged ISA, "B" extension. The index counts modulo 64, as i64 shifts do. */
import { type I64, i64 } from '../wasm/code.ts';
import { immediate, OPCODE, register } from './define.ts';
import type { Instruction } from './instruction.ts';

const op = register('zbs', OPCODE.OP);
const opImm = immediate('zbs', OPCODE.OP_IMM, 'shift6');
const bit = (index: I64): I64 => i64.shl(i64.const(1), index);

const clear = (a: I64, b: I64) => i64.and(a, i64.xor(bit(b), i64.const(-1)));
const extract = (a: I64, b: I64) => i64.and(i64.shrU(a, b), i64.const(1));
const invert = (a: I64, b: I64) => i64.xor(a, bit(b));
const set = (a: I64, b: I64) => i64.or(a, bit(b));

export const ZBS: readonly Instruction[] = [
  op('bclr', 0x24, 1, clear),
  op('bext', 0x24, 5, extract),
  op('binv', 0x34, 1, invert),
  op('bset', 0x14, 1, set),
  opImm('bclri', 1, clear, 0x24),
  opImm('bexti', 5, extract, 0x24),
  opImm('binvi', 1, invert, 0x34),
  opImm('bseti', 1, set, 0x14),
];
