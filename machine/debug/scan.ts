/**
 * Whether a loop looks through a table with interrupts on, as a scheduler does that looks for something to run: one of its loads goes from
 * entry to entry. A loop that waits for one thing loads that alone, in every round.
 */

/** A load of the round, by what it loads from. */
interface Load {
  readonly pc: bigint;
  readonly address: bigint;
}

export interface Scan<L extends Load> {
  /** The load that looks at the entries, at the first one. */
  readonly first: L;
  /** Bytes from one to the next. */
  readonly stride: number;
  readonly entries: number;
}

/** Fewer of them, or smaller ones, are no table of things to run, but a text that is compared, for example. */
const LEAST_ENTRIES = 4;
const LEAST_STRIDE = 32n;
/** Loads that are followed. */
const MOST_LOADS = 4096;

interface Walk<L> {
  /** At the smallest address, and at the largest. */
  first: L;
  highest: bigint;
  /** The one that was loaded last. */
  last: bigint;
  stride: bigint | null;
  entries: number;
  /** How often it went back to the beginning: a round may begin in the middle. */
  wraps: number;
  isEven: boolean;
  /** The stack pointer: that of the scheduler is larger than that of what it calls. */
  readonly sp: bigint;
}

/** To be told of what a round does. */
export class Scans<L extends Load> {
  readonly #walks = new Map<bigint, Walk<L>>();
  #interruptible = false;

  /** `interruptible`: whether an interrupt that comes now would be taken. */
  execute(interruptible: boolean): void {
    this.#interruptible ||= interruptible;
  }

  load(load: L, sp: bigint): void {
    const { pc, address } = load;
    const walk = this.#walks.get(pc);
    if (walk === undefined) {
      if (this.#walks.size === MOST_LOADS) return;
      this.#walks.set(pc, { first: load, highest: address, last: address, stride: null, entries: 1, wraps: 0, isEven: true, sp });
      return;
    }
    const distance = address - walk.last;
    if (distance < 0n) walk.wraps++;
    else walk.stride ??= distance;
    walk.isEven &&= distance < 0n || (distance >= LEAST_STRIDE && distance === walk.stride);
    if (address < walk.first.address) walk.first = load;
    if (address > walk.highest) walk.highest = address;
    walk.last = address;
    walk.entries++;
  }

  /** The table with most entries. `decides`: whether the path of the round depends on what a load found in the entry that it looked at last. */
  found(decides: (pc: bigint, last: bigint) => boolean): Scan<L> | undefined {
    if (!this.#interruptible) return undefined;
    const tables = [...this.#walks].filter(([pc, walk]) => isTable(walk) && decides(pc, walk.last)).map(([, walk]) => walk);
    const [best] = tables.sort((a, b) => b.entries - a.entries || (a.sp < b.sp ? 1 : a.sp > b.sp ? -1 : 0));
    return best === undefined ? undefined : { first: best.first, stride: Number(best.stride), entries: best.entries };
  }
}

/** Each entry once. */
function isTable<L extends Load>({ first, highest, stride, entries, wraps, isEven }: Walk<L>): boolean {
  return isEven && stride !== null && wraps <= 1 && entries >= LEAST_ENTRIES && highest - first.address === stride * BigInt(entries - 1);
}
