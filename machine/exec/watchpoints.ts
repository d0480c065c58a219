/**
 * Watched memory: reports each store to given bytes of RAM, or load from them, just before it happens (architecture.md, decision 10).
 *
 * A page with watched bytes has a bit in a map, at which only the slow paths look (mmu/access.ts): its stores, or its loads, never
 * become fast. So watching costs nothing elsewhere, and nothing at all when nothing is watched. Each page has a list of the ranges that
 * lie in it: an access looks at those of its page, and a change at those of the pages that it concerns.
 */

import { RAM, WATCHED, WATCHED_BYTES, WATCHED_LOADS } from '../layout/memory-map.ts';
import { hostOf, physicalOf, ramPageOf } from '../layout/ram.ts';
import type { HartState } from '../layout/state.ts';
import { flushAllTlbs } from '../layout/tlb.ts';
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
  /** Pages of it that had no room for one more range. */
  readonly leftOut: Set<number>;
  /** It is watched no more, and may still be in the lists of its pages. */
  gone: boolean;
}

/** What is watched on one page. */
export interface WatchedPage {
  /** In the order in which they were added, those that are gone among them: at most as many as the others. */
  places: Place[];
  /** How many there are without those, and of these how many are watched for loads. */
  watched: number;
  loads: number;
}

interface Watcher {
  readonly tell: (access: WatchedAccess) => void;
  readonly looked: () => void;
  /** Whether it belongs to the machine, so that a snapshot holds it; else nothing is watched after `restore`. */
  readonly isSaved: boolean;
}

/** Most ranges of one watch on one page, since an access has to look at them all. A page holds 256 descriptors. Further ranges are ignored. */
const MOST_ON_A_PAGE = 512;
/** What one watch watches. Ranges are known by their identity. */
export interface WatchState {
  readonly places: Map<WatchedRange, Place>;
  /** By the page's number. */
  readonly pages: Map<number, WatchedPage>;
}

const nothing = (): WatchState => ({ places: new Map(), pages: new Map() });

export class Watchpoints {
  readonly #state: HartState;
  readonly #watches = new Set<Watch>();

  constructor(state: HartState) {
    this.#state = state;
  }

  /** Makes a watch without ranges. `looked` is called for each access for which its ranges have to be looked at. */
  open(tell: (access: WatchedAccess) => void, looked: () => void = () => undefined): Watch {
    return this.#open({ tell, looked, isSaved: true });
  }

  /** The same for somebody outside of the machine, who looks at a run: no snapshot holds it. */
  openOutside(tell: (access: WatchedAccess) => void): Watch {
    return this.#open({ tell, looked: () => undefined, isSaved: false });
  }

  #open(watcher: Watcher): Watch {
    const watch = new Watch(this.#state, this.#watches, watcher);
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
      watch.restore(states[index] ?? nothing());
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
  #watched = nothing();

  constructor(state: HartState, all: ReadonlySet<Watch>, watcher: Watcher) {
    this.#state = state;
    this.#all = all;
    this.#watcher = watcher;
  }

  add(ranges: readonly WatchedRange[]): number {
    const { places } = this.#watched;
    let steps = 0;
    let marked = false;
    for (const range of ranges) {
      const place = places.has(range) ? undefined : this.#placeOf(range);
      if (place === undefined) continue;
      places.set(range, place);
      for (const page of pagesOf(place)) {
        steps++;
        if (!this.#addTo(page, place)) continue;
        marked = this.#mark(WATCHED, page) || marked;
        if (range.loads) marked = this.#mark(WATCHED_LOADS, page) || marked;
      }
    }
    // The TLB may hold a page from before it was watched, and would hide accesses to it.
    if (marked) flushAllTlbs(this.#state);
    return steps;
  }

  /** Whether there was room. */
  #addTo(number: number, place: Place): boolean {
    const { pages } = this.#watched;
    const page = pages.get(number) ?? { places: [], watched: 0, loads: 0 };
    if (page.watched === MOST_ON_A_PAGE) {
      place.leftOut.add(number);
      return false;
    }
    pages.set(number, page);
    page.places.push(place);
    page.watched++;
    if (place.range.loads) page.loads++;
    return true;
  }

  /**
   * Watches these no more. Returns how many pages they lie in. What that takes does not depend on how many others are there: a driver can
   * have hundreds of requests that share hundreds of pages, and all of them end at once.
   */
  remove(ranges: readonly WatchedRange[]): number {
    const { places } = this.#watched;
    let steps = 0;
    for (const range of ranges) {
      const place = places.get(range);
      if (place === undefined) continue;
      places.delete(range);
      place.gone = true;
      for (const page of pagesOf(place)) {
        steps++;
        if (!place.leftOut.has(page)) this.#removeFrom(page, place);
      }
    }
    return steps;
  }

  #removeFrom(number: number, { range }: Place): void {
    const { pages } = this.#watched;
    const page = pages.get(number)!;
    page.watched--;
    if (range.loads) page.loads--;
    if (page.watched === 0) pages.delete(number);
    else if (page.places.length > 2 * page.watched) page.places = page.places.filter(({ gone }) => !gone);
    if (page.watched === 0 || page.loads === 0) this.#unmark(number);
  }

  save(): WatchState {
    return this.#watcher.isSaved ? this.#watched : nothing();
  }

  restore(watched: WatchState): void {
    this.#watched = watched;
    for (const [number, { loads }] of watched.pages) {
      this.#mark(WATCHED, number);
      if (loads > 0) this.#mark(WATCHED_LOADS, number);
    }
  }

  touched({ host, length, kind, by, value }: HostAccess): void {
    const { pages } = this.#watched;
    if (pages.size === 0) return;
    const end = host + length;
    const first = ramPageOf(host);
    const ranges: WatchedRange[] = [];
    for (let page = first; page <= ramPageOf(end - 1); page++) {
      const watched = pages.get(page);
      if (watched === undefined) continue;
      this.#watcher.looked();
      for (const { range, from, to, gone } of watched.places) {
        // A range that lies in several pages of the access counts in the first of them.
        const counts = page === first || ramPageOf(from) === page;
        if (counts && from < end && host < to && !gone && (kind === 'store' || range.loads)) ranges.push(range);
      }
    }
    if (ranges.length > 0) this.#watcher.tell({ kind, ranges, by, address: physicalOf(host), length, value });
  }

  #placeOf(range: WatchedRange): Place | undefined {
    const from = hostOf(this.#state, range.address, 1);
    if (from === undefined) return undefined;
    const to = Math.min(from + range.length, RAM + Number(this.#state.get('ramSize')));
    return { range, from, to, leftOut: new Set(), gone: false };
  }

  /** True if the page was not marked before. */
  #mark(map: number, page: number): boolean {
    const { bytes } = this.#state;
    const [at, bit] = [map + (page >>> 3), 1 << (page & 7)];
    const before = bytes[at]!;
    bytes[at] = before | bit;
    return (before & bit) === 0;
  }

  /** Takes away the marks that no watch has a reason for any more. */
  #unmark(number: number): void {
    const { bytes } = this.#state;
    const [at, bit] = [number >>> 3, 1 << (number & 7)];
    let watched = 0;
    let loads = 0;
    for (const watch of this.#all) {
      const page = watch.#watched.pages.get(number);
      watched += page?.watched ?? 0;
      loads += page?.loads ?? 0;
    }
    if (watched === 0) bytes[WATCHED + at]! &= ~bit;
    if (loads === 0) bytes[WATCHED_LOADS + at]! &= ~bit;
  }
}

function* pagesOf({ from, to }: Place): Iterable<number> {
  for (let page = ramPageOf(from); page <= ramPageOf(to - 1); page++) yield page;
}
