/**
 * Where the order of harts may matter, from the log of a run: right before an access to a word that different harts touch, or an interrupt's
 * handler and what it may have interrupted, where at least one of them writes it. A schedule that preempts a hart elsewhere makes no difference.
 *
 * Reference: Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs" (PLDI 2007), section 3.1.
 */
import { ACCESS_KIND } from '../layout/access-log.ts';
import { PAGE_SHIFT } from '../spec/riscv.ts';
import type { AccessBatch, AccessConsumer } from './access-log.ts';

/** A run until the hart's own time is this one ends right before the access. */
export interface PreemptionPoint {
  readonly hart: number;
  /** In units of the engine's clock. */
  readonly time: number;
  readonly pc: bigint;
  /** Physical. */
  readonly address: bigint;
}

/** Accesses that are kept: 24 bytes each. What comes later is not looked at. */
const MOST_KEPT = 1 << 22;
const FIRST_ROOM = 1 << 14;
/** Pages of words that are kept: 2 KiB each. */
const MOST_PAGES = 1 << 14;
const WORDS_PER_PAGE = 512;
/** Handlers that interrupt each other. */
const MOST_NESTED = 32;

/** By word of 8 bytes of one page: a bit for each hart that touches it, and one for each hart whose interrupt handler does; and the same for those that write it. */
interface TouchedPage {
  readonly touched: Uint16Array;
  readonly written: Uint16Array;
}

export class SharedAccesses implements AccessConsumer {
  readonly #pages = new Map<number, TouchedPage>();
  /** For each hart, whether each of the traps that have not returned is an interrupt. */
  readonly #traps: boolean[][] = [];
  #kept = 0;
  #harts = new Uint8Array(FIRST_ROOM);
  #times = new Float64Array(FIRST_ROOM);
  #pcs = new Float64Array(FIRST_ROOM);
  #addresses = new Float64Array(FIRST_ROOM);

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length; record++) {
      const kind = batch.kind(record);
      if (kind <= ACCESS_KIND.conditional) this.#access(batch, record);
      else if (kind === ACCESS_KIND.trap) this.#trapped(batch.hart(record), batch.interrupt(record) !== undefined);
      else if (kind === ACCESS_KIND.return) this.#traps[batch.hart(record)]?.pop();
    }
  }

  #trapped(hart: number, isInterrupt: boolean): void {
    this.#traps[hart] ??= [];
    const traps = this.#traps[hart];
    if (traps.length === MOST_NESTED) traps.shift();
    traps.push(isInterrupt);
  }

  #access(batch: AccessBatch, record: number): void {
    const hart = batch.hart(record);
    const address = batch.address(record);
    const page = this.#page(Math.floor(address / (1 << PAGE_SHIFT)));
    if (page === undefined || this.#kept === MOST_KEPT) return;
    const context = 1 << (hart * 2 + (this.#traps[hart]?.includes(true) ? 1 : 0));
    const word = (address >>> 3) & (WORDS_PER_PAGE - 1);
    page.touched[word]! |= context;
    if (batch.writes(record)) page.written[word]! |= context;
    if (this.#kept === this.#harts.length) this.#grow();
    this.#harts[this.#kept] = hart;
    this.#times[this.#kept] = batch.time(record);
    this.#pcs[this.#kept] = batch.pc(record);
    this.#addresses[this.#kept] = address;
    this.#kept++;
  }

  #page(number: number): TouchedPage | undefined {
    const found = this.#pages.get(number);
    if (found !== undefined || this.#pages.size === MOST_PAGES) return found;
    const page = { touched: new Uint16Array(WORDS_PER_PAGE), written: new Uint16Array(WORDS_PER_PAGE) };
    this.#pages.set(number, page);
    return page;
  }

  #grow(): void {
    const length = this.#kept * 2;
    const grown = <T extends Uint8Array | Float64Array>(room: T, next: T): T => {
      next.set(room);
      return next;
    };
    this.#harts = grown(this.#harts, new Uint8Array(length));
    this.#times = grown(this.#times, new Float64Array(length));
    this.#pcs = grown(this.#pcs, new Float64Array(length));
    this.#addresses = grown(this.#addresses, new Float64Array(length));
  }

  /** In the order in which they were logged. A hart that polls a word in a loop has one point there until it does something else. */
  points(): PreemptionPoint[] {
    const points: PreemptionPoint[] = [];
    const last: (PreemptionPoint | undefined)[] = [];
    for (let at = 0; at < this.#kept; at++) {
      const address = this.#addresses[at]!;
      if (!this.#isShared(address)) continue;
      const hart = this.#harts[at]!;
      const point = { hart, time: this.#times[at]!, pc: BigInt.asUintN(64, BigInt(this.#pcs[at]!)), address: BigInt(address) };
      const before = last[hart];
      last[hart] = point;
      if (before === undefined || before.pc !== point.pc || before.address !== point.address) points.push(point);
    }
    return points;
  }

  #isShared(address: number): boolean {
    const page = this.#pages.get(Math.floor(address / (1 << PAGE_SHIFT)))!;
    const word = (address >>> 3) & (WORDS_PER_PAGE - 1);
    const touched = page.touched[word]!;
    return page.written[word] !== 0 && (touched & (touched - 1)) !== 0;
  }
}
