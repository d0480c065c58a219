/**
 * Zawrs: a hart with a reservation waits for a store to it. It may go on at any time, and here it does so at once, as in QEMU; hart/system.ts does it.
 * Reference: RISC-V Unprivileged ISA, "Zawrs" extension.
 */
import { define, OPCODE } from './define.ts';
import type { Instruction, ReservationWait } from './instruction.ts';

const wait = (name: ReservationWait, rs2: number): Instruction =>
  define('zawrs', name, 'none', { opcode: OPCODE.SYSTEM, funct3: 0, funct7: 0, rs2 }, (s) => [s.system(name)], { effects: true });

export const ZAWRS: readonly Instruction[] = [wait('wrs.nto', 0x0d), wait('wrs.sto', 0x1d)];
