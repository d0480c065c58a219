/** The details of an exception: the instruction, the calls that led to it, and how its address was translated. */

import { disassemble } from '../../machine/debug/disassemble.ts';
import { hex } from '../bytes/hex.ts';
import type { ExceptionEvidence, Explanations } from '../evidence/explanation.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay } from './replay.ts';
import { instructionBits } from './stores.ts';

/** Causes whose value is an address that a page table translates (Privileged Architecture, scause): page faults. */
const PAGE_FAULTS: ReadonlySet<number> = new Set([12, 13, 15]);

const ENDS = {
  'not-canonical': 'the address is not canonical: its upper bits must all equal the highest one that is translated',
  'table-outside-ram': 'the next table would lie outside RAM',
  invalid: 'the entry is not valid (V is 0)',
  reserved: 'the entry has reserved bits or a reserved combination of permissions',
  'no-leaf': 'the last level points to a further table',
  'misaligned-superpage': 'the entry maps a large page that is not aligned to its size',
} as const;

/** To be called when the run has come to the exception's time: registers and page tables are then as it left them. */
export function explainException({ machine }: Replay, exception: ExceptionEvidence, code: KernelCode): Explanations['exception'] {
  const pc = BigInt(exception.pc);
  const bits = instructionBits(machine, pc);
  const { steps, end } = machine.debug.walk(BigInt(exception.value));
  const translated = PAGE_FAULTS.has(exception.cause);
  return {
    instruction: bits === undefined ? null : disassemble(bits, pc).text,
    stack: code.stack({ ...snapshotOf(machine), pc }),
    walk: translated ? steps.map(({ level, address, entry }) => ({ level, address: hex(address), entry: hex(entry) })) : [],
    walkEnd: translated ? ('problem' in end ? ENDS[end.problem] : permissions(end.leaf)) : null,
  };
}

/** PTE bits (Privileged Architecture, "Sv39 page table entry"). */
const BITS = ['V', 'R', 'W', 'X', 'U', 'G', 'A', 'D'];

function permissions(leaf: bigint | undefined): string {
  if (leaf === undefined) return 'no translation was in force';
  return `the page is mapped with ${BITS.filter((_, bit) => (leaf >> BigInt(bit)) & 1n).join(' ')}, which does not allow this access`;
}
