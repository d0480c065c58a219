/**
 * Loops that change nothing (architecture.md, decision 9).
 *
 * The machine is deterministic: if its whole state is the same at two visits to one program counter, and nothing in between read
 * a counter or changed a device, then the rounds repeat until the next scheduled event. If no event is scheduled, the kernel is proved to
 * hang. Otherwise the whole rounds before the event are skipped in O(1), and clock and instret come out as if they had run.
 *
 * How: a breakpoint is set at the pc, and every store is recorded together with what it overwrote. At each visit the registers and the
 * recorded memory are compared with those of an earlier visit: the first, the second, the fourth and so on (Brent's cycle finding), since the
 * loop may begin later, or pass the pc several times in a round. A search is made only now and then, with growing pauses while it finds none.
 */
import { F, SLOT, type Slot, X } from '../layout/slots.ts';
import { countersInUse } from '../layout/tally.ts';
import { type Anchor, AnchoredRun, type RunPort, SP } from './anchored-run.ts';

/** What the proof needs of the hart. */
export interface LoopPort extends RunPort {
  /** Registers and slots of every hart: only the state of all of them together tells whether a loop repeats. */
  readonly hartWords: readonly BigUint64Array[];
  /** Flushes the TLB, so that every later store takes the slow path and is recorded. */
  flushTlb(): void;
  /** Instructions retired. */
  retired(): bigint;
}

/** A loop: nanoseconds and retired instructions of one round. */
export interface ProvedLoop {
  readonly period: number;
  readonly retired: number;
  /** What each round adds to counters of layout/tally.ts. */
  readonly counted: readonly Counted[];
  /** In each round the guest asked the console for a key and got none. */
  readonly polledConsole: boolean;
}

interface Counted {
  readonly counters: BigUint64Array;
  readonly index: number;
  readonly each: bigint;
}

/** Looks at several harts together (joint-proof.ts). */
export interface LoopObserver {
  /** What `touch` says, and what the generated code has not reported. */
  disturbed(): void;
  /** A store to a doubleword of memory, by its index, before it happens. */
  stored(index: number): void;
}

/** A visit to the anchor, with which later visits are compared. */
interface Visit {
  readonly registers: readonly bigint[];
  readonly time: number;
  readonly retired: bigint;
  /** The counters, and what they were. */
  readonly counters: readonly (readonly [now: BigUint64Array, before: BigUint64Array])[];
}

/** Instructions before the first search, and the longest pause between searches. The pauses double while no search succeeds. */
const FIRST_PAUSE = 200_000;
const LONGEST_PAUSE = 64_000_000;
/** A round may last at most this part of the pause before, so that vain searches cost a working kernel very little (docs/development/speed.md). */
const PAUSE_TO_ROUND = 400;
const LONGEST_ROUND = LONGEST_PAUSE / PAUSE_TO_ROUND;
/** After so many visits in different states the anchor is taken to lie in an inner loop, and a new one is chosen at the end of that loop. */
const MOST_VISITS = 400;
/** After short pauses fewer visits are made, for the same reason: one for so many nanoseconds of the pause. */
const PAUSE_TO_VISIT = 25_000;

/** Slots that are not state of the guest: the engine keeps them for itself. */
const SCRATCH: ReadonlySet<Slot> = new Set<Slot>([
  'budget',
  'entry',
  'codePage',
  'codeAddress',
  'cause',
  'tval',
  'fault',
  'busFault',
  'recording',
  'translating',
  'scratchEntry',
  'unreported',
  'clockEnd',
  'instructionTime',
  'interrupt',
  'dataTlb',
  'fetchTlb',
  'slowAccesses',
  'slowFetches',
  'codeStores',
  'generatedFlushes',
  'refreshes',
  'traps',
  'returns',
  'softFloat',
  'reached',
  'decodings',
  'floatFlags',
  'notRetired',
  'crossingBits',
  'csrValue',
  'staleTlbs',
  'accessLog',
  'keeping',
]);
const STATE_SLOTS = (Object.keys(SLOT) as Slot[]).filter((s) => !SCRATCH.has(s)).map((s) => SLOT[s] / 8);
const REGISTER_WORDS = (F + 256 - X) / 8;
const HART_WORDS = REGISTER_WORDS + STATE_SLOTS.length;

export class LoopProof {
  /** When off, every round is run; tests compare the two. */
  enabled = true;
  observer: LoopObserver | undefined;
  readonly #port: LoopPort;
  readonly #run: AnchoredRun;
  readonly #ram: BigUint64Array;
  /** The doublewords of memory that were stored to since the earlier visit, by index, with what they held at that time. */
  #overwritten = new Map<number, bigint>();
  #touched = false;
  #polledConsole = false;
  #pause = FIRST_PAUSE;
  #nextSearch = FIRST_PAUSE;
  /** Where the last loop was proved. */
  #anchor: Anchor | undefined;
  /** Nanoseconds of rounds that were skipped. */
  skippedTime = 0;

  constructor(port: LoopPort) {
    this.#port = port;
    this.#run = new AnchoredRun(port);
    this.#ram = new BigUint64Array(port.state.memory.buffer);
  }

  /** Something happened that a comparison of registers and memory does not see: a counter was read, a device changed. */
  touch(): void {
    this.#touched = true;
    this.observer?.disturbed();
  }

  /** The guest asked the console for a key, and there was none. That changes nothing. */
  polled(): void {
    this.#polledConsole = true;
  }

  /** A store to RAM, before it happens. */
  stored(host: number, width: number): void {
    for (const index of [host >>> 3, (host + width - 1) >>> 3]) {
      if (!this.#overwritten.has(index)) this.#overwritten.set(index, this.#ram[index]!);
      this.observer?.stored(index);
    }
  }

  /**
   * Where a slice that is to run to `until` has to end: at the time of the next search, if that is earlier. (If searches were made only where
   * slices end at an event anyway, they would always meet the event or its handler, and never the loop around it.)
   */
  untilSearch(until: number): number {
    return this.enabled && this.#nextSearch > this.#port.now() ? Math.min(until, this.#nextSearch) : until;
  }

  /** Whether it is time to look for a loop. */
  due(): boolean {
    return this.enabled && this.#port.now() >= this.#nextSearch;
  }

  /** Looks for a loop. This runs the machine further, at most to time `until`. */
  search(until: number): ProvedLoop | undefined {
    const longest = this.#anchor ? LONGEST_ROUND : Math.min(this.#pause / PAUSE_TO_ROUND, LONGEST_ROUND);
    const last = Math.min(until, this.#port.now() + longest);
    const visits = this.#anchor ? MOST_VISITS : Math.min(this.#pause / PAUSE_TO_VISIT, MOST_VISITS);
    const loop = this.#returnToAnchor(last) ? this.#attempt(last, visits) : undefined;
    if (!loop) {
      this.#anchor = undefined;
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
      this.#nextSearch = this.#port.now() + this.#pause;
    }
    return loop;
  }

  /** Of several harts, the one whose turn it is: looks for its loop alone, at most to time `last`. */
  searchTurn(last: number): ProvedLoop | undefined {
    this.#anchor = undefined;
    return this.#attempt(last, MOST_VISITS);
  }

  /** So many rounds of it, up to `event`, were skipped. Most likely the loop goes on after the event, so the next search comes soon. */
  skipped({ period, counted }: ProvedLoop, rounds: number, event: number): void {
    this.skippedTime += rounds * period;
    for (const { counters, index, each } of counted) counters[index]! += each * BigInt(rounds);
    this.#pause = FIRST_PAUSE;
    this.#nextSearch = event + 1;
  }

  /** After an event: runs to the place where a loop was proved before, as it is most likely still there. */
  #returnToAnchor(last: number): boolean {
    const anchor = this.#anchor;
    const port = this.#port;
    if (!anchor) return true;
    for (;;) {
      if (port.state.get('pc') !== anchor.pc && !this.#run.runTo(anchor, last)) return false;
      if (port.state.x(SP) === anchor.sp) return true;
      if (!this.#run.leave(last)) return false;
    }
  }

  #attempt(last: number, visits: number): ProvedLoop | undefined {
    try {
      for (let anchor = this.#run.at(this.#port.codeAt()); anchor; anchor = this.#run.behindInnerLoop(anchor, last)) {
        const loop = this.#prove(anchor, last, visits);
        if (loop !== 'too many visits') return loop;
      }
      return undefined;
    } finally {
      this.#port.state.setSmall('recording', 0);
    }
  }

  /** Looks for two visits to the anchor in the same state, with nothing between them that could make later rounds different. */
  #prove(anchor: Anchor, last: number, most: number): ProvedLoop | 'too many visits' | undefined {
    const port = this.#port;
    let before = this.#begin();
    port.flushTlb();
    for (let visits = 1; visits <= most; visits++) {
      if (!this.#run.leaveAndReturn(anchor, last)) return undefined;
      if (this.#same(before.registers)) {
        if (this.#touched || port.state.small('unreported') !== 0) return undefined;
        this.#anchor = { ...anchor, sp: port.state.x(SP) };
        const retired = Number(port.retired() - before.retired);
        return { period: port.now() - before.time, retired, counted: countedSince(before), polledConsole: this.#polledConsole };
      }
      if ((visits & (visits - 1)) === 0) before = this.#begin();
    }
    return 'too many visits';
  }

  /** Begins to record stores, and captures the state to compare with. */
  #begin(): Visit {
    const port = this.#port;
    this.#overwritten = new Map();
    this.#touched = false;
    this.#polledConsole = false;
    if (port.state.small('unreported') !== 0) this.observer?.disturbed();
    port.state.setSmall('unreported', 0);
    port.state.setSmall('recording', 1);
    const counters = countersInUse(port.state).map((now) => [now, now.slice()] as const);
    return { registers: this.#capture(), time: port.now(), retired: port.retired(), counters };
  }

  #capture(): bigint[] {
    return this.#port.hartWords.flatMap((words) => [...words.subarray(0, REGISTER_WORDS), ...STATE_SLOTS.map((index) => words[index]!)]);
  }

  #same(before: readonly bigint[]): boolean {
    const ram = this.#ram;
    if (!this.#port.hartWords.every((words, hart) => sameHart(words, before, hart * HART_WORDS))) return false;
    for (const [index, value] of this.#overwritten) if (ram[index] !== value) return false;
    return true;
  }

  /** When and where the next search is: a run that goes on from a snapshot must search at the same times. */
  save() {
    return { pause: this.#pause, nextSearch: this.#nextSearch, anchor: this.#anchor, skippedTime: this.skippedTime };
  }

  restore({ pause, nextSearch, anchor, skippedTime }: ReturnType<LoopProof['save']>): void {
    this.#pause = pause;
    this.#nextSearch = nextSearch;
    this.#anchor = anchor;
    this.skippedTime = skippedTime;
  }
}

function countedSince({ counters }: Visit): Counted[] {
  return counters.flatMap(([now, before]) =>
    [...now.keys()]
      .filter((index) => now[index] !== before[index])
      .map((index) => ({ counters: now, index, each: now[index]! - before[index]! })),
  );
}

/** Whether a hart's registers and slots are those that were captured from `at` on. */
function sameHart(words: BigUint64Array, captured: readonly bigint[], at: number): boolean {
  for (let i = 0; i < REGISTER_WORDS; i++) if (words[i] !== captured[at + i]) return false;
  return STATE_SLOTS.every((index, i) => words[index] === captured[at + REGISTER_WORDS + i]);
}
