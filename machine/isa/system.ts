/**
 * Environment calls and the privileged instructions: the hart does them outside the generated code (hart/system.ts).
 * Reference: RISC-V Privileged Architecture, "Machine-Mode Privileged Instructions" and "Supervisor Instructions".
 */
import { define, type Encoding, OPCODE } from './define.ts';
import type { FormatName } from './formats.ts';
import type { Instruction, SystemOperation } from './instruction.ts';

const system = (name: SystemOperation, format: FormatName, encoding: Omit<Encoding, 'opcode'>): Instruction =>
  define('system', name, format, { opcode: OPCODE.SYSTEM, funct3: 0, ...encoding }, (s) => [s.system(name)], { effects: true });

export const SYSTEM: readonly Instruction[] = [
  system('ecall', 'none', { funct7: 0, rs2: 0 }),
  system('ebreak', 'none', { funct7: 0, rs2: 1 }),
  system('sret', 'none', { funct7: 0x08, rs2: 2 }),
  system('mret', 'none', { funct7: 0x18, rs2: 2 }),
  system('wfi', 'none', { funct7: 0x08, rs2: 5 }),
  system('sfence.vma', 'sfence', { funct7: 0x09 }),
];
