/**
 * Loops that change nothing (architecture.md, decision 9).
 *
 * The machine is deterministic: if the whole state at two visits to one program counter is the same, and nothing in between read
 * a counter or touched a device with effect, the rounds repeat until the next scheduled event. With none the kernel hangs, which is then
 * proved; with one, the whole rounds before it are skipped in O(1), and clock and instret come out as if they had run.
 *
 * How: a breakpoint at the pc, stores recorded with what they overwrote, and at each visit registers and recorded memory are
 * compared. A loop is looked for only now and then, with growing pauses while none is found.
 */
import { DECODED_MAP, ENTRY, F, type HartState, RAM, SLOT, type Slot, X } from '../hart/state.ts';
import { LENGTH_SHIFT, OPERATION, OPERATION_MASK } from './operations.ts';

/** What the proof needs of the hart. */
export interface LoopPort {
  readonly state: HartState;
  now(): number;
  /** Runs at most `budget` instructions; true where the breakpoint was met. */
  step(budget: number): boolean;
  /** Fetches from here on see the TLB anew, and stores are reported. */
  flushTlb(): void;
  /** Host address of the instruction at pc, or undefined where it cannot be fetched from RAM now. */
  codeAt(): number | undefined;
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

/** Instructions before the first search, and the longest pause between searches. */
const FIRST_PAUSE = 200_000;
const SHORT_PAUSE = 20_000;
const LONGEST_PAUSE = 64_000_000;
/** How long a round may be, and how often the anchor may be passed in other states. */
const LONGEST_ROUND = 50_000;
const MOST_VISITS = 400;

/** Slots that are no state: what the engine leaves for itself. */
const SCRATCH: ReadonlySet<Slot> = new Set<Slot>([
  'budget',
  'entry',
  'cause',
  'tval',
  'fault',
  'busFault',
  'recording',
  'unreported',
  'interrupt',
  'dataTlb',
  'fetchTlb',
]);
const STATE_SLOTS = (Object.keys(SLOT) as Slot[]).filter((s) => !SCRATCH.has(s)).map((s) => SLOT[s] / 8);
const REGISTER_WORDS = (F + 256 - X) / 8;

export class LoopProof {
  private readonly port: LoopPort;
  private readonly words: BigUint64Array;
  private readonly ram: BigUint64Array;
  /** Doublewords of memory stored to since the first visit, by index, with what they held before. */
  private overwritten = new Map<number, bigint>();
  private touched = false;
  private polledConsole = false;
  private pause = FIRST_PAUSE;
  private nextSearch = FIRST_PAUSE;

  constructor(port: LoopPort) {
    this.port = port;
    this.words = new BigUint64Array(port.state.memory.buffer, 0, SLOT.root / 8 + 1);
    this.ram = new BigUint64Array(port.state.memory.buffer);
  }

  /** Something happened that a comparison of registers and memory does not see: a counter was read, a device changed. */
  touch(): void {
    this.touched = true;
  }

  /** The console was asked for a key and had none: that changes nothing. */
  polled(): void {
    this.polledConsole = true;
  }

  /** A store to RAM, before it happens. */
  stored(host: number, width: number): void {
    for (const index of [host >>> 3, (host + width - 1) >>> 3]) {
      if (!this.overwritten.has(index)) this.overwritten.set(index, this.ram[index]!);
    }
  }

  /** Whether it is time to look for a loop. */
  due(): boolean {
    return this.port.now() >= this.nextSearch;
  }

  /** Looks for a loop through the present pc; the machine runs on meanwhile, at most to time `until`. */
  search(until: number): ProvedLoop | undefined {
    const loop = this.attempt(until);
    this.pause = loop ? SHORT_PAUSE : Math.min(this.pause * 2, LONGEST_PAUSE);
    this.nextSearch = this.port.now() + this.pause;
    return loop;
  }

  private attempt(until: number): ProvedLoop | undefined {
    const { port } = this;
    const last = Math.min(until, port.now() + LONGEST_ROUND);
    this.begin();
    const registers = this.capture();
    const [time, retired] = [port.now(), port.retired()];
    try {
      for (let visits = 0; visits < MOST_VISITS; visits++) {
        if (!this.runToBreakpoint(last)) return undefined;
        if (!this.same(registers)) continue;
        if (this.touched || port.state.small('unreported') !== 0) return undefined;
        return { period: port.now() - time, retired: Number(port.retired() - retired), polledConsole: this.polledConsole };
      }
      return undefined;
    } finally {
      port.state.setSmall('recording', 0);
    }
  }

  private begin(): void {
    this.overwritten = new Map();
    this.touched = false;
    this.polledConsole = false;
    this.port.state.setSmall('unreported', 0);
    this.port.state.setSmall('recording', 1);
    this.port.flushTlb();
  }

  private capture(): bigint[] {
    return [...this.words.subarray(0, REGISTER_WORDS), ...STATE_SLOTS.map((index) => this.words[index]!)];
  }

  private same(before: readonly bigint[]): boolean {
    const { words, ram } = this;
    for (let i = 0; i < REGISTER_WORDS; i++) if (words[i] !== before[i]) return false;
    if (!STATE_SLOTS.every((index, i) => words[index] === before[REGISTER_WORDS + i])) return false;
    for (const [index, value] of this.overwritten) if (ram[index] !== value) return false;
    return true;
  }

  /** Leaves the anchor and runs until it is met again; false where it is not, by time `last`. */
  private runToBreakpoint(last: number): boolean {
    const { port } = this;
    const pc = port.state.get('pc');
    const host = port.codeAt();
    if (host === undefined || port.now() >= last) return false;
    // The first instruction runs before the breakpoint stands; a loop of one comes back at once.
    port.step(1);
    if (port.state.get('pc') === pc) return true;
    const entry = this.entryOf(host);
    if (entry === undefined) return false;
    const view = port.state.view;
    const word = view.getUint16(entry, true);
    view.setUint16(entry, (word & ~OPERATION_MASK) | OPERATION.breakpoint, true);
    let met = false;
    while (!met && port.now() < last && !this.touched) {
      const before = port.now();
      met = port.step(last - before);
      if (!met && port.now() === before) break;
    }
    // A store into the code has cleared the entry, and the breakpoint with it.
    if ((view.getUint16(entry, true) & OPERATION_MASK) === OPERATION.breakpoint) view.setUint16(entry, word, true);
    return met;
  }

  /** The decoded entry of an instruction that has one of its own. */
  private entryOf(host: number): number | undefined {
    const { view } = this.port.state;
    const page = view.getUint32(DECODED_MAP + Math.floor((host - RAM) / 4096) * 4, true);
    if (page === 0) return undefined;
    const entry = page + ((host % 4096) / 2) * ENTRY;
    const operation = view.getUint16(entry, true) & OPERATION_MASK;
    return operation === OPERATION.decode || operation === OPERATION.crossing || view.getUint16(entry, true) >>> LENGTH_SHIFT === 0
      ? undefined
      : entry;
  }
}
