/**
 * Loops that change nothing (architecture.md, decision 9).
 *
 * The machine is deterministic: if the whole state at two visits to one program counter is the same, and nothing in between read
 * a counter or touched a device with effect, the rounds repeat until the next scheduled event. With none the kernel hangs, which is then
 * proved; with one, the whole rounds before it are skipped in O(1), and clock and instret come out as if they had run.
 *
 * How: a breakpoint at the pc, stores recorded with what they overwrote, and at each visit registers and recorded memory are
 * compared with an earlier one: the first, the second, the fourth and so on (Brent's cycle finding), as the loop may begin later, or pass the
 * pc several times a round. A loop is looked for only now and then, with growing pauses while none is found.
 */
import { F, SLOT, type Slot, X } from '../layout/state.ts';
import { type Anchor, AnchoredRun, type RunPort, SP } from './anchored-run.ts';

/** What the proof needs of the hart. */
export interface LoopPort extends RunPort {
  /** Registers and slots of every hart: the loop is one of all of them together. */
  readonly hartWords: readonly BigUint64Array[];
  /** Fetches from here on see the TLB anew, and stores are reported. */
  flushTlb(): void;
  /** Instructions retired. */
  retired(): bigint;
}

/** A loop: nanoseconds and retired instructions of one round. */
export interface ProvedLoop {
  readonly period: number;
  readonly retired: number;
  /** Its rounds asked the console for a key and got none. */
  readonly polledConsole: boolean;
}

/** A visit to the anchor that later ones are compared with. */
interface Visit {
  readonly registers: readonly bigint[];
  readonly time: number;
  readonly retired: bigint;
}

/** Instructions before the first search, and the longest pause between searches, which double while none succeeds. */
const FIRST_PAUSE = 200_000;
const LONGEST_PAUSE = 64_000_000;
/** How long a round may be: a part of the pause before, so that looking in vain costs a kernel that works little (docs/speed.md). */
const PAUSE_TO_ROUND = 400;
const LONGEST_ROUND = LONGEST_PAUSE / PAUSE_TO_ROUND;
/** How often the anchor may be passed in other states: beyond, it lies in a loop within the round, which is left for its end. */
const MOST_VISITS = 400;
/** Fewer in the first searches, for the same reason. */
const PAUSE_TO_VISIT = 25_000;

/** Slots that are no state: what the engine leaves for itself. */
const SCRATCH: ReadonlySet<Slot> = new Set<Slot>([
  'budget',
  'entry',
  'cause',
  'tval',
  'fault',
  'busFault',
  'recording',
  'translating',
  'scratchEntry',
  'unreported',
  'clockEnd',
  'interrupt',
  'dataTlb',
  'fetchTlb',
  'slowAccesses',
  'slowFetches',
  'codeStores',
  'generatedFlushes',
  'refreshes',
]);
const STATE_SLOTS = (Object.keys(SLOT) as Slot[]).filter((s) => !SCRATCH.has(s)).map((s) => SLOT[s] / 8);
const REGISTER_WORDS = (F + 256 - X) / 8;
const HART_WORDS = REGISTER_WORDS + STATE_SLOTS.length;

export class LoopProof {
  /** Off, every round is run: for tests that compare. */
  enabled = true;
  readonly #port: LoopPort;
  readonly #run: AnchoredRun;
  readonly #ram: BigUint64Array;
  /** Doublewords of memory stored to since the first visit, by index, with what they held before. */
  #overwritten = new Map<number, bigint>();
  #touched = false;
  #polledConsole = false;
  #pause = FIRST_PAUSE;
  #nextSearch = FIRST_PAUSE;
  /** Where the last loop was proved. */
  #anchor: Anchor | undefined;
  /** Nanoseconds that no instruction ran for. */
  skippedTime = 0;

  constructor(port: LoopPort) {
    this.#port = port;
    this.#run = new AnchoredRun(port);
    this.#ram = new BigUint64Array(port.state.memory.buffer);
  }

  /** Something happened that a comparison of registers and memory does not see: a counter was read, a device changed. */
  touch(): void {
    this.#touched = true;
  }

  /** The console was asked for a key and had none: that changes nothing. */
  polled(): void {
    this.#polledConsole = true;
  }

  /** A store to RAM, before it happens. */
  stored(host: number, width: number): void {
    for (const index of [host >>> 3, (host + width - 1) >>> 3]) {
      if (!this.#overwritten.has(index)) this.#overwritten.set(index, this.#ram[index]!);
    }
  }

  /**
   * The end of a slice that is to run to `until`: the time of the next search, if that is first. A slice ends at an event as well, and a
   * search that began there would always meet the event, or its handler, and never the loop around it.
   */
  untilSearch(until: number): number {
    return this.enabled && this.#nextSearch > this.#port.now() ? Math.min(until, this.#nextSearch) : until;
  }

  /** Whether it is time to look for a loop. */
  due(): boolean {
    return this.enabled && this.#port.now() >= this.#nextSearch;
  }

  /** Looks for a loop; the machine runs on meanwhile, at most to time `until`. */
  search(until: number): ProvedLoop | undefined {
    const longest = this.#anchor ? LONGEST_ROUND : Math.min(this.#pause / PAUSE_TO_ROUND, LONGEST_ROUND);
    const last = Math.min(until, this.#port.now() + longest);
    const loop = this.#returnToAnchor(last) ? this.#attempt(last) : undefined;
    if (!loop) {
      this.#anchor = undefined;
      this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
      this.#nextSearch = this.#port.now() + this.#pause;
    }
    return loop;
  }

  /** The rounds up to `event` were skipped: most likely the loop goes on behind it. */
  skipped(nanoseconds: number, event: number): void {
    this.skippedTime += nanoseconds;
    this.#pause = FIRST_PAUSE;
    this.#nextSearch = event + 1;
  }

  /** After an event a loop that was proved before is looked for where it was. */
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

  #attempt(last: number): ProvedLoop | undefined {
    try {
      const visits = this.#anchor ? MOST_VISITS : Math.min(this.#pause / PAUSE_TO_VISIT, MOST_VISITS);
      for (let anchor = this.#run.at(this.#port.codeAt()); anchor; anchor = this.#run.behindInnerLoop(anchor, last)) {
        const loop = this.#prove(anchor, last, visits);
        if (loop !== 'too many visits') return loop;
      }
      return undefined;
    } finally {
      this.#port.state.setSmall('recording', 0);
    }
  }

  /** Two visits to the anchor in the same state, with nothing between them that could make the next rounds differ. */
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
        return { period: port.now() - before.time, retired, polledConsole: this.#polledConsole };
      }
      if ((visits & (visits - 1)) === 0) before = this.#begin();
    }
    return 'too many visits';
  }

  /** From here on stores are recorded. */
  #begin(): Visit {
    const port = this.#port;
    this.#overwritten = new Map();
    this.#touched = false;
    this.#polledConsole = false;
    port.state.setSmall('unreported', 0);
    port.state.setSmall('recording', 1);
    return { registers: this.#capture(), time: port.now(), retired: port.retired() };
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

  /** When the next search is, and where: a later run must search at the same times. */
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

/** Whether a hart's registers and slots are those that were captured from `at` on. */
function sameHart(words: BigUint64Array, captured: readonly bigint[], at: number): boolean {
  for (let i = 0; i < REGISTER_WORDS; i++) if (words[i] !== captured[at + i]) return false;
  return STATE_SLOTS.every((index, i) => words[index] === captured[at + REGISTER_WORDS + i]);
}
