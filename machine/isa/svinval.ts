/**
 * Svinval: SFENCE.VMA in three steps. With one hart, SINVAL.VMA can do all of it at once, as in QEMU.
 * Reference: RISC-V Privileged Architecture, "Svinval".
 */
import { define, OPCODE } from './define.ts';
import type { Instruction, SvinvalOperation } from './instruction.ts';

const svinval = (name: SvinvalOperation, funct7: number, rs2?: number): Instruction => {
  const format = rs2 === undefined ? 'sfence' : 'none';
  return define('svinval', name, format, { opcode: OPCODE.SYSTEM, funct3: 0, funct7, rs2 }, (s) => [s.system(name)], { effects: true });
};

export const SVINVAL: readonly Instruction[] = [
  svinval('sinval.vma', 0x0b),
  svinval('sfence.w.inval', 0x0c, 0),
  svinval('sfence.inval.ir', 0x0c, 1),
];
