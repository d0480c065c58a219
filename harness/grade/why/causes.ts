/** Names of the exceptions. */
import type { ExceptionEvidence } from '../../evidence/exception.ts';

/** Privileged Architecture, scause. */
const CAUSES: Readonly<Record<number, string>> = {
  0: 'instruction address misaligned',
  1: 'instruction access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'load address misaligned',
  5: 'load access fault',
  6: 'store address misaligned',
  7: 'store access fault',
  9: 'a call (ecall) of S mode',
  11: 'a call (ecall) of M mode',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store page fault',
};
const ILLEGAL_INSTRUCTION = 2;
/** ECALL from S mode and from M mode. */
export const CALLS: ReadonlySet<number> = new Set([9, 11]);

export function causeOf({ cause, value }: Pick<ExceptionEvidence, 'cause' | 'value'>): string {
  const name = CAUSES[cause] ?? `exception ${cause}`;
  // A call has no value.
  if (CALLS.has(cause)) return name;
  return cause === ILLEGAL_INSTRUCTION ? `${name} (${value})` : `${name} at address ${value}`;
}
