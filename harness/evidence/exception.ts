/** What kind of exception one is, from its cause alone. */
import type { ExceptionEvidence } from './explanation.ts';

/** Causes of instructions that could not be fetched (Privileged Architecture, scause). */
export const FETCH_FAULTS: ReadonlySet<number> = new Set([0, 1, 12]);

/** The kernel went on at an address from which no instruction can be fetched: it may have jumped there, or the page table has changed. */
export function isJump({ cause, pc, value }: Pick<ExceptionEvidence, 'cause' | 'pc' | 'value'>): boolean {
  return FETCH_FAULTS.has(cause) && BigInt(pc) === BigInt(value);
}
