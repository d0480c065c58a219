/**
 * CSR instructions that the generated fast path (csr-access.ts) does not do: those on registers with conditions or effects of their own.
 * Reference: RISC-V Unprivileged ISA, "Zicsr": CSRRS and CSRRC with x0 (or 0) only read.
 */

import type { DecodedEntry } from '../exec/operations.ts';
import type { CsrOperation } from '../isa/instruction.ts';
import { accessible, csrNamed, readCsr, writeCsr } from './csr.ts';
import type { Csr, CsrPort } from './csr-register.ts';

/** By the two letters after `csr`; CSRRW and CSRRWI have the same two, and so on. */
const OPERATION: Readonly<Record<string, CsrOperation>> = { rw: 'write', rs: 'set', rc: 'clear' };

const COMBINE: Record<CsrOperation, (old: bigint, source: bigint) => bigint> = {
  write: (_, source) => source,
  set: (old, source) => old | source,
  clear: (old, source) => old & ~source,
};

/** A write of a register that an instruction is about to do. */
export interface CsrWrite {
  readonly name: string;
  readonly operation: CsrOperation;
  /** What it writes, or the bits that it sets or clears. */
  readonly operand: bigint;
}

/** The register that the instruction writes and the operand with which it does so; undefined if it writes none. */
export function csrWritten({ state }: Pick<CsrPort, 'state'>, { operation, imm, rs1 }: DecodedEntry): CsrWrite | undefined {
  const { name, format } = operation.instruction;
  const csr = csrNamed(imm & 0xfff);
  const does = OPERATION[name.slice(3, 5)]!;
  if (csr === undefined || (does !== 'write' && rs1 === 0)) return undefined;
  return { name: csr, operation: does, operand: format === 'csri' ? BigInt(rs1) : state.x(rs1) };
}

/** Does the instruction, except for moving pc on. Undefined if it is illegal. */
export function executeCsr(p: CsrPort, { operation, imm, rs1, rd }: DecodedEntry, touched: () => void): Csr | undefined {
  const { name, format } = operation.instruction;
  const does = OPERATION[name.slice(3, 5)]!;
  const writes = does === 'write' || rs1 !== 0;
  const csr = accessible(p, imm & 0xfff, writes);
  if (!csr) return undefined;
  const source = format === 'csri' ? BigInt(rs1) : p.state.x(rs1);
  if (csr.unrepeatable) touched();
  // CSRRW to x0 must not read. Here it may, since reading changes none of these registers.
  const old = readCsr(p, csr);
  if (writes) writeCsr(p, csr, COMBINE[does](old, source));
  p.state.setX(rd, old);
  return csr;
}
