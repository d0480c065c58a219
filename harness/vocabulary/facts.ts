/**
 * What checks ask about the inside of a kernel: a run records only that, since all of it would be too much. Derived from the checks of a
 * scenario; what a run has recorded is in its evidence (harness/evidence/facts.ts), with the same keys.
 */

export const COUNTED = ['instructions', 'page-faults', 'system-calls', 'timer-interrupts', 'context-switches'] as const;

export interface CountAsk {
  of: (typeof COUNTED)[number];
  /** The number of the only system call that counts, in decimal; null: all of them do. */
  systemCall: string | null;
  /** From the moment at which the console has shown the first text to that of the second one, after it; null: in the whole run. */
  between: { readonly from: string; readonly to: string } | null;
}

export interface FactAsks {
  counts: CountAsk[];
}

export const NO_ASKS: FactAsks = { counts: [] };

/** Without those that are asked twice. */
export function joinedAsks(asks: readonly Partial<FactAsks>[]): FactAsks {
  return { counts: unique(asks.flatMap(({ counts = [] }) => counts)) };
}

export function isSameCount(one: CountAsk, other: CountAsk): boolean {
  const isSameStretch = one.between?.from === other.between?.from && one.between?.to === other.between?.to;
  return one.of === other.of && one.systemCall === other.systemCall && isSameStretch;
}

function unique<Ask>(asks: readonly Ask[]): Ask[] {
  return [...new Map(asks.map((ask) => [JSON.stringify(ask), ask])).values()];
}

export function asksNothing({ counts }: FactAsks): boolean {
  return counts.length === 0;
}
