/** Zba: address generation. Reference: RISC-V Unprivileged ISA, "B" extension. */
import { i64 } from '../wasm/code.ts';
import { immediate, OPCODE, register, zeroWord } from './define.ts';
import type { Instruction } from './instruction.ts';

const op = register('zba', OPCODE.OP);
const opW = register('zba', OPCODE.OP_32);
const shifted = (amount: number): readonly [Parameters<typeof op>[3], Parameters<typeof op>[3]] => [
  (a, b) => i64.add(b, i64.shl(a, i64.const(amount))),
  (a, b) => i64.add(b, i64.shl(zeroWord(a), i64.const(amount))),
];

export const ZBA: readonly Instruction[] = [
  opW('add.uw', 0x04, 0, shifted(0)[1]),
  op('sh1add', 0x10, 2, shifted(1)[0]),
  op('sh2add', 0x10, 4, shifted(2)[0]),
  op('sh3add', 0x10, 6, shifted(3)[0]),
  opW('sh1add.uw', 0x10, 2, shifted(1)[1]),
  opW('sh2add.uw', 0x10, 4, shifted(2)[1]),
  opW('sh3add.uw', 0x10, 6, shifted(3)[1]),
  immediate('zba', OPCODE.OP_IMM_32, 'shift6')('slli.uw', 1, (a, imm) => i64.shl(zeroWord(a), imm), 0x04),
];
