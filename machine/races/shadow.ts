/**
 * The last accesses to each doubleword of RAM, for the search for races: four of them, as in ThreadSanitizer ("ThreadSanitizer: data race
 * detection in practice", WBIA 2009, and its second version). A page that only one hart has accessed has none where many pages are used.
 */
import { MOST_HARTS } from '../spec/virt-board.ts';

export const CELLS = 4;
const DOUBLEWORDS = 512;
/** Pages that have accesses kept from the first one on, and all that can have: 40 KiB each. */
const PAGES_AT_ONCE = 512;
const MOST_PAGES = 2048;

/** Bits of `meta`, besides the mask of bytes in its lowest byte and the hart above that. */
export const CELL = { used: 1 << 11, write: 1 << 12, publishes: 1 << 13, ofHolder: 1 << 14 } as const;
export const maskOf = (meta: number): number => meta & 0xff;
export const hartOf = (meta: number): number => (meta >>> 8) & (MOST_HARTS - 1);

export class ShadowPage {
  readonly meta = new Uint16Array(DOUBLEWORDS * CELLS);
  readonly clock = new Uint32Array(DOUBLEWORDS * CELLS);
  /** Of a store, the number of the hart's last fence before it. */
  readonly fence = new Uint32Array(DOUBLEWORDS * CELLS);
  readonly pc = new Float64Array(DOUBLEWORDS * CELLS);
  /** By doubleword, the bytes that an atomic has accessed: a lock, or what orders other accesses in some other way. */
  readonly atomic = new Uint8Array(DOUBLEWORDS);
}

export class Shadow {
  /** By number: a page, or the hart that alone has accessed it. */
  readonly #pages = new Map<number, ShadowPage | number>();
  #shadowed = 0;
  #lastNumber = -1;
  #last: ShadowPage | number | undefined;
  /** Pages were left out, since there were too many. */
  isFull = false;

  /**
   * The page with this number, for an access by a hart; undefined where nothing is kept of it. `shared` is called with the hart that alone had accessed it
   * until now, where nothing is known of how.
   */
  page(number: number, hart: number, shared: (owner: number) => void): ShadowPage | undefined {
    if (number !== this.#lastNumber) {
      this.#last = this.#pages.get(number);
      this.#lastNumber = number;
    }
    const found = this.#last;
    if (found instanceof ShadowPage) return found;
    if (found === hart) return undefined;
    if (found === undefined && this.#shadowed >= PAGES_AT_ONCE) {
      this.#pages.set(number, hart);
      this.#last = hart;
      return undefined;
    }
    if (found !== undefined) shared(found);
    return this.#add(number);
  }

  #add(number: number): ShadowPage | undefined {
    if (this.#shadowed === MOST_PAGES) {
      this.isFull = true;
      return undefined;
    }
    this.#shadowed++;
    const page = new ShadowPage();
    this.#pages.set(number, page);
    this.#last = page;
    return page;
  }

  /** Whether an atomic has accessed any of these bytes of a doubleword, at any time. */
  isAtomic(address: number, mask: number): boolean {
    const page = this.#pages.get(Math.floor(address / 4096));
    return page instanceof ShadowPage && (page.atomic[(address >>> 3) & (DOUBLEWORDS - 1)]! & mask) !== 0;
  }
}
