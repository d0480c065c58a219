/**
 * A handler that interrupts enter in its middle: stvec has the vectored mode, and no table of jumps. Reference: Privileged Architecture,
 * "stvec": in that mode an interrupt begins 4 bytes for each number of its cause after the base.
 */
import { disassemble } from '../../machine/debug/disassemble.ts';
import { effectsOf, type Machine } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { ExplainedException } from '../evidence/exception.ts';
import type { KernelCode } from './code.ts';
import { instructionBits } from './stores.ts';

const VECTORED = 1n;

/** Of the last interrupt that was taken. */
export function vectoredInterrupt(machine: Machine, code: KernelCode): ExplainedException['vectored'] {
  const { taken, stvec, mtvec } = machine.interrupts();
  const last = [...taken].sort((a, b) => a.time - b.time).at(-1);
  if (last === undefined) return null;
  const vector = last.mode === 'S' ? stvec : mtvec;
  const base = vector & ~3n;
  if ((vector & 3n) !== VECTORED || last.cause === 0) return null;
  const entry = base + BigInt(4 * last.cause);
  const bits = instructionBits(machine, entry);
  if (bits === undefined || jumps(machine, entry)) return null;
  // A table may lack entries that are not used, and its last one may be the handler itself; but its first one is a jump.
  const isCompressed = isCompressedTable(machine, base);
  if (jumps(machine, base) && !isCompressed) return null;
  const stack = { places: [code.place(entry)], leftOut: 0, notes: [] };
  return { cause: last.cause, entry: hex(entry), instruction: disassemble(bits, entry).text, isCompressed, stack };
}

/** Jumps of 2 bytes, one right after the other. */
function isCompressedTable(machine: Machine, base: bigint): boolean {
  const bits = instructionBits(machine, base);
  return bits !== undefined && effectsOf(bits)?.length === 2 && jumps(machine, base) && jumps(machine, base + 2n);
}

function jumps(machine: Machine, address: bigint): boolean {
  const bits = instructionBits(machine, address);
  const effects = bits === undefined ? undefined : effectsOf(bits);
  return effects?.name === 'jal' || effects?.name === 'jalr';
}
