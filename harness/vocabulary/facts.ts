/**
 * What checks ask about the inside of a kernel: a run records only that, since all of it would be too much. Derived from the checks of a
 * scenario; what a run has recorded is in its evidence (harness/evidence/facts.ts), with the same keys.
 */

export const COUNTED = ['instructions', 'page-faults', 'system-calls', 'timer-interrupts', 'context-switches'] as const;

export interface CountAsk {
  /** `nanoseconds`: of the guest's clock. */
  of: (typeof COUNTED)[number] | 'nanoseconds';
  /** The number of the only system call that counts, in decimal; null: all of them do. */
  systemCall: string | null;
  /** From the moment at which the console has shown the first text to that of the second one, after it; null: in the whole run. */
  between: { readonly from: string; readonly to: string } | null;
}

/** Bytes of memory: at a symbol of the kernel's file, or at a virtual address; one of the two is null. */
export interface MemoryAsk {
  symbol: string | null;
  /** In hex. */
  address: string | null;
  /** Bytes from there. */
  offset: number;
  length: number;
  /** Once the console has shown this text for the first time; null: at the end of the run. */
  at: string | null;
}

/** Calls of a function: executions of the instruction at a symbol of the kernel's file, or at an address; one of the two is null. */
export interface ReachAsk {
  symbol: string | null;
  /** In hex. */
  address: string | null;
  /** Only calls from the function with this symbol; null: from anywhere. */
  from: string | null;
}

export interface FactAsks {
  counts: CountAsk[];
  memory: MemoryAsk[];
  reached: ReachAsk[];
  /** Races between harts. */
  races: boolean;
}

export const NO_ASKS: FactAsks = { counts: [], memory: [], reached: [], races: false };

/** Without those that are asked twice. */
export function joinedAsks(asks: readonly Partial<FactAsks>[]): FactAsks {
  return {
    counts: unique(asks.flatMap(({ counts = [] }) => counts)),
    memory: unique(asks.flatMap(({ memory = [] }) => memory)),
    reached: unique(asks.flatMap(({ reached = [] }) => reached)),
    races: asks.some(({ races }) => races),
  };
}

export function isSameCount(one: CountAsk, other: CountAsk): boolean {
  const isSameStretch = one.between?.from === other.between?.from && one.between?.to === other.between?.to;
  return one.of === other.of && one.systemCall === other.systemCall && isSameStretch;
}

/** A run that ends with the call of a function watches that one. */
export function endingAsks(until: { readonly reaches: readonly string[] } | null): ReachAsk[] {
  return (until?.reaches ?? []).map(endingAsk);
}

export function endingAsk(symbol: string): ReachAsk {
  return { symbol, address: null, from: null };
}

export function isSameReach(one: ReachAsk, other: ReachAsk): boolean {
  return one.symbol === other.symbol && one.address === other.address && one.from === other.from;
}

/** Whether what was recorded for the one has what the other asks for. */
export function coversMemory(one: MemoryAsk, other: MemoryAsk): boolean {
  const isSamePlace = one.symbol === other.symbol && one.address === other.address && one.offset === other.offset;
  return isSamePlace && one.at === other.at && one.length >= other.length;
}

function unique<Ask>(asks: readonly Ask[]): Ask[] {
  return [...new Map(asks.map((ask) => [JSON.stringify(ask), ask])).values()];
}

export function asksNothing({ counts, memory, reached, races }: FactAsks): boolean {
  return counts.length === 0 && memory.length === 0 && reached.length === 0 && !races;
}
