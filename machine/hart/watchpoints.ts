/**
 * Watched memory: reports each store to given bytes of RAM, or load from them, just before it happens (architecture.md, decision 10).
 *
 * A page with watched bytes has a bit in a map, at which only the slow paths look (mmu/access.ts): its stores, or its loads, never
 * become fast. So watching costs nothing elsewhere, and nothing at all when nothing is watched. Each page has a list of the ranges that
 * lie in it: an access looks at those of its page, and a change at those of the pages that it concerns.
 */

import { hostOf, physicalOf, ramPageOf } from '../layout/ram.ts';
import { type HartState, RAM, WATCHED, WATCHED_BYTES, WATCHED_LOADS } from '../layout/state.ts';
import { flushTlb } from '../layout/tlb.ts';
import type { WatchedRange } from '../ports.ts';

/** An access to watched bytes, reported before it happens. One that crosses a page is reported byte by byte. */
export interface WatchedAccess {
  readonly kind: 'load' | 'store';
  /** The ranges that it touches, in the order in which they were added. */
  readonly ranges: readonly WatchedRange[];
  /** The hart's instruction at `pc`, or a device (DMA), whose loads are not reported. */
  readonly by: 'hart' | 'device';
  /** Physical address and bytes of the access, which may reach beyond what is watched. */
  readonly address: bigint;
  readonly length: number;
  /** Low 32 bits (signed) of the value, for a plain store by the hart; else 0. */
  readonly value: number;
}

/** An access to RAM at a host address. */
type HostAccess = Omit<WatchedAccess, 'ranges' | 'address'> & { readonly host: number };

/** A range by host addresses: its first byte, and the byte after its last one. */
export interface Place {
  readonly range: WatchedRange;
  readonly from: number;
  readonly to: number;
}

interface Watcher {
  readonly tell: (access: WatchedAccess) => void;
  readonly looked: () => void;
}

/** Most ranges of one watch on one page, since an access has to look at them all. A page holds 256 descriptors. Further ranges are ignored. */
const MOST_ON_A_PAGE = 512;
/** The work of changing a page's ranges, as a multiple of the work of looking at one of them. */
const PAGE_STEPS = 8;

/** The watched ranges of each page of RAM. A range is identified by its object. */
export type WatchState = Map<number, Place[]>;

export class Watchpoints {
  readonly #state: HartState;
  readonly #watches = new Set<Watch>();

  constructor(state: HartState) {
    this.#state = state;
  }

  /** Makes a watch without ranges. `looked` is called for each access for which its ranges have to be looked at. */
  open(tell: (access: WatchedAccess) => void, looked: () => void = () => undefined): Watch {
    const watch = new Watch(this.#state, this.#watches, { tell, looked });
    this.#watches.add(watch);
    return watch;
  }

  /** The ranges of each watch, in the order in which the watches were opened. */
  save(): WatchState[] {
    return [...this.#watches].map((watch) => watch.save());
  }

  /** The TLB needs no flush here: it is restored as well. */
  restore(states: readonly WatchState[]): void {
    this.#state.bytes.fill(0, WATCHED, WATCHED + 2 * WATCHED_BYTES);
    [...this.#watches].forEach((watch, index) => {
      watch.restore(states[index] ?? new Map());
    });
  }

  /** An access to RAM is about to happen. */
  touched(access: HostAccess): void {
    for (const watch of this.#watches) watch.touched(access);
  }
}

/** The ranges of one watcher. A range is identified by its object; one outside RAM is never reported. */
export class Watch {
  readonly #state: HartState;
  /** All watches of the same memory. */
  readonly #all: ReadonlySet<Watch>;
  readonly #watcher: Watcher;
  #pages: WatchState = new Map();

  constructor(state: HartState, all: ReadonlySet<Watch>, watcher: Watcher) {
    this.#state = state;
    this.#all = all;
    this.#watcher = watcher;
  }

  /** Watches these as well. Returns how much work that was: a page counts as PAGE_STEPS. */
  add(ranges: readonly WatchedRange[]): number {
    let steps = 0;
    let marked = false;
    for (const range of ranges) {
      const place = this.#placeOf(range);
      if (place === undefined) continue;
      for (const page of pagesOf(place)) {
        steps += PAGE_STEPS;
        const places = this.#pages.get(page) ?? [];
        if (places.length === MOST_ON_A_PAGE) continue;
        places.push(place);
        this.#pages.set(page, places);
        marked = this.#mark(WATCHED, page) || marked;
        if (range.loads) marked = this.#mark(WATCHED_LOADS, page) || marked;
      }
    }
    // The TLB may hold a page from before it was watched, and would hide accesses to it.
    if (marked) flushTlb(this.#state);
    return steps;
  }

  /** Stops watching these. Returns how much work that was: a page counts as PAGE_STEPS, and each range on it as one. */
  remove(ranges: readonly WatchedRange[]): number {
    let steps = 0;
    const gone = new Set(ranges);
    const places = ranges.flatMap((range) => this.#placeOf(range) ?? []);
    for (const page of new Set(places.flatMap((place) => [...pagesOf(place)]))) {
      const before = this.#pages.get(page) ?? [];
      steps += PAGE_STEPS + before.length;
      const left = before.filter(({ range }) => !gone.has(range));
      if (left.length > 0) this.#pages.set(page, left);
      else this.#pages.delete(page);
      this.#unmark(page);
    }
    return steps;
  }

  save(): WatchState {
    return this.#pages;
  }

  restore(pages: WatchState): void {
    this.#pages = pages;
    for (const [page, places] of pages) {
      this.#mark(WATCHED, page);
      if (places.some(({ range }) => range.loads)) this.#mark(WATCHED_LOADS, page);
    }
  }

  touched({ host, length, kind, by, value }: HostAccess): void {
    if (this.#pages.size === 0) return;
    const end = host + length;
    const first = ramPageOf(host);
    const ranges: WatchedRange[] = [];
    for (let page = first; page <= ramPageOf(end - 1); page++) {
      const places = this.#pages.get(page);
      if (places === undefined) continue;
      this.#watcher.looked();
      for (const { range, from, to } of places) {
        // A range that lies in several pages of the access is reported for the first of them only.
        const counts = page === first || ramPageOf(from) === page;
        if (counts && from < end && host < to && (kind === 'store' || range.loads)) ranges.push(range);
      }
    }
    if (ranges.length > 0) this.#watcher.tell({ kind, ranges, by, address: physicalOf(host), length, value });
  }

  #placeOf(range: WatchedRange): Place | undefined {
    const from = hostOf(this.#state, range.address, 1);
    if (from === undefined) return undefined;
    return { range, from, to: Math.min(from + range.length, RAM + Number(this.#state.get('ramSize'))) };
  }

  /** True if the page was not marked before. */
  #mark(map: number, page: number): boolean {
    const { bytes } = this.#state;
    const [at, bit] = [map + (page >>> 3), 1 << (page & 7)];
    const before = bytes[at]!;
    bytes[at] = before | bit;
    return (before & bit) === 0;
  }

  #unmark(page: number): void {
    const { bytes } = this.#state;
    const [at, bit] = [page >>> 3, 1 << (page & 7)];
    const places = [...this.#all].flatMap((watch) => watch.#pages.get(page) ?? []);
    if (places.length === 0) bytes[WATCHED + at]! &= ~bit;
    if (!places.some(({ range }) => range.loads)) bytes[WATCHED_LOADS + at]! &= ~bit;
  }
}

function* pagesOf({ from, to }: Place): Iterable<number> {
  for (let page = ramPageOf(from); page <= ramPageOf(to - 1); page++) yield page;
}
