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
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store page fault',
};
const ILLEGAL_INSTRUCTION = 2;

export function causeOf({ cause, value }: Pick<ExceptionEvidence, 'cause' | 'value'>): string {
  const name = CAUSES[cause] ?? `exception ${cause}`;
  return cause === ILLEGAL_INSTRUCTION ? `${name} (${value})` : `${name} at address ${value}`;
}

export const amount = (count: number): string => count.toLocaleString('en-US');
