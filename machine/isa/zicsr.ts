/**
 * Zicsr: access to control and status registers. hart/csr.ts says what each register holds and allows.
 * Reference: RISC-V Unprivileged ISA, "Zicsr": CSRRS and CSRRC with x0 (or 0) read only; CSRRW with rd = x0 does not read.
 */
import { define, OPCODE } from './define.ts';
import type { CsrOperation, Instruction } from './instruction.ts';

const OPERATIONS: readonly [name: string, funct3: number, operation: CsrOperation][] = [
  ['csrrw', 1, 'write'],
  ['csrrs', 2, 'set'],
  ['csrrc', 3, 'clear'],
];

export const ZICSR: readonly Instruction[] = OPERATIONS.flatMap(([name, funct3, operation]) => [
  define('zicsr', name, 'csr', { opcode: OPCODE.SYSTEM, funct3 }, (s) => [s.csr(operation, s.rs1)], { effects: true }),
  define('zicsr', `${name}i`, 'csri', { opcode: OPCODE.SYSTEM, funct3: funct3 + 4 }, (s) => [s.csr(operation, s.zimm)], { effects: true }),
]);
