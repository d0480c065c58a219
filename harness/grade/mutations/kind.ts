/** What a mutation is: evidence that differs in one thing from what the reference solution left, as a wrong kernel might have left it. */
import type { Evidence } from '../../evidence/evidence.ts';

export interface Mutation {
  /** Parts with `/` between them, e.g. `blk/request-2/type=IN`; unique within a run. */
  name: string;
  /** What is different, as a sentence without a full stop. */
  what: string;
  evidence: Evidence;
}

/** Things of one kind that are mutated one by one: of many, as a loop makes them, the first ones stand for the rest. */
export const MOST_OF_A_KIND = 200;

/** The list with one item replaced, left out (none given) or several in its place. */
export function replaced<T>(list: readonly T[], index: number, ...items: T[]): T[] {
  return [...list.slice(0, index), ...items, ...list.slice(index + 1)];
}
