/**
 * The one memory at one moment, as a snapshot holds it: the first part (registers, TLB), the pages of RAM that were ever stored to, and the
 * decoded pages. Translated code is not in it: entries that were translated are saved as they were before. That changes nothing for the
 * guest, since translated and interpreted code do the same.
 *
 * Going back to the snapshot that was taken or restored last only copies the pages that were stored to since then.
 */
import { clearDirty, copyMarks, dirtyPages, isMarked, markDirty, pageBytes, setDirty } from '../layout/dirty-pages.ts';
import { DIRTY, RAM } from '../layout/memory-map.ts';
import { hostOfPage } from '../layout/ram.ts';
import type { HartState } from '../layout/state.ts';
import { pagesInStoreTables } from '../layout/tlb.ts';
import { PAGE_BYTES } from '../spec/riscv.ts';
import type { AssignedState, DecodedPages, DecodedState } from './decoded-pages.ts';
import type { Translator } from './translator.ts';

export type Pages = ReadonlyMap<number, Uint8Array>;

/** A moment to which this machine can go back: each page that was stored to later is copied before the first such store. */
export interface KeptMoment {
  /** Marks of the pages that were stored to since the last snapshot, but before the moment. The others were as they are in that snapshot. */
  readonly before: Uint32Array;
}

interface Moment extends KeptMoment {
  /** Pages that were stored to between this moment and the next one that is kept, as they were at this one. */
  readonly changed: Map<number, Uint8Array>;
}

/** Pages that are copied for all moments together, from which on none is kept any more: 64 MiB. */
const MOST_COPIES = 16_384;
const PAGES_AT_ONCE = 64;

export interface MemoryState {
  /** From address 0 on, up to the marks of pages that were stored to. */
  readonly first: Uint8Array;
  /** By number, the pages of RAM that differ from power-on, which snapshots share, since they are never changed; or a moment of this machine. */
  readonly pages: { readonly all: Pages } | KeptMoment;
  readonly decoded: DecodedState | AssignedState;
}

export class MemorySnapshots {
  readonly #state: HartState;
  readonly #decoded: DecodedPages;
  readonly #translator: Translator;
  /** The pages of the last snapshot: memory differs from them only in pages that are marked as dirty, or were before the moment that is kept. */
  #base: Pages = new Map();
  /** Marks of the pages that were stored to since the last snapshot, but before the last moment. */
  #before: Uint32Array | undefined;
  /** In the order of time. */
  #moments: Moment[] = [];
  /** Pages that were copied for them, and room for further copies. */
  #copies = 0;
  #room: Uint8Array[] = [];

  constructor(state: HartState, decoded: DecodedPages, translator: Translator) {
    this.#state = state;
    this.#decoded = decoded;
    this.#translator = translator;
    state.keepPage = (page) => this.#keep(page);
  }

  save(): MemoryState & { readonly pages: { readonly all: Pages } } {
    const pages = new Map(this.#base);
    for (const page of this.#stored()) pages.set(page, pageBytes(this.#state, page).slice());
    this.#rebase(pages);
    return { first: this.#state.bytes.slice(0, DIRTY), decoded: this.#saveDecoded(), pages: { all: pages } };
  }

  /**
   * Keeps this moment beside those before it; only this machine can go back to it. `decoded`: also which instructions were decoded then, so that a
   * run that goes on from here costs the same work.
   */
  keepMoment({ decoded }: { readonly decoded: boolean }): MemoryState {
    const before = copyMarks(this.#state);
    this.#before?.forEach((word, index) => {
      before[index]! |= word;
    });
    this.#before = before;
    const moment: Moment = { before, changed: new Map() };
    this.#moments.push(moment);
    this.#state.setSmall('keeping', 1);
    clearDirty(this.#state);
    // Stores to these do not pass by the mark.
    for (const page of pagesInStoreTables(this.#state)) {
      this.#keep(page);
      setDirty(this.#state, page);
    }
    const first = this.#state.bytes.slice(0, DIRTY);
    return { first, pages: moment, decoded: decoded ? this.#saveDecoded() : this.#decoded.saveAssigned() };
  }

  /** Whether this machine can still go back to it. */
  holds({ pages }: Pick<MemoryState, 'pages'>): boolean {
    return 'all' in pages || this.#moments.some((moment) => moment === pages);
  }

  #saveDecoded(): DecodedState {
    return this.#decoded.save(this.#translator.originals());
  }

  #keep(page: number): void {
    const moment = this.#moments.at(-1);
    if (moment === undefined || moment.changed.has(page) || this.#isClean(page, moment)) return;
    if (this.#copies === MOST_COPIES) return this.#forgetMoments();
    moment.changed.set(page, this.#copy(page));
    this.#copies++;
  }

  /** Room is made for many pages at once: thousands of small arrays keep V8's collector busy. */
  #copy(page: number): Uint8Array {
    if (this.#room.length === 0) {
      const pages = new Uint8Array(PAGES_AT_ONCE * PAGE_BYTES);
      for (let at = pages.length; at > 0; at -= PAGE_BYTES) this.#room.push(pages.subarray(at - PAGE_BYTES, at));
    }
    const copy = this.#room.pop()!;
    copy.set(pageBytes(this.#state, page));
    return copy;
  }

  /** Whether nothing had stored to the page until the moment, so that it held zeroes. */
  #isClean(page: number, { before }: KeptMoment): boolean {
    return !isMarked(before, page) && !this.#base.has(page);
  }

  #forgetMoments(): void {
    this.#moments = [];
    this.#copies = 0;
    this.#room = [];
    this.#state.setSmall('keeping', 0);
  }

  /** Pages that were stored to since the last snapshot, in ascending order. */
  #stored(): readonly number[] {
    return dirtyPages(this.#state, this.#before);
  }

  restore({ first, pages, decoded }: MemoryState): void {
    if ('all' in pages) this.#restorePages(pages.all);
    const differ = 'all' in pages ? undefined : this.#restoreMoment(pages);
    if ('pool' in decoded) this.#decoded.restore(decoded);
    else this.#decoded.restoreAssigned(decoded, { originals: this.#translator.originals(), differs: (host) => differ?.has(host) === true });
    this.#translator.clear();
    this.#state.bytes.set(first, 0);
    // The slot `keeping` is among what was restored.
    if ('all' in pages) this.#rebase(pages.all);
    else this.#markFast();
  }

  /** Returns the host addresses of the pages that were not as they had been at the moment. Those after it are forgotten. */
  #restoreMoment(kept: KeptMoment): Set<number> {
    const moment = this.#moments.find((one) => one === kept);
    if (moment === undefined) throw new Error('this moment is not kept any more, or is one of a different machine');
    for (const { changed } of this.#moments.splice(this.#moments.indexOf(moment) + 1)) {
      for (const [page, bytes] of changed) {
        if (!moment.changed.has(page) && !this.#isClean(page, moment)) moment.changed.set(page, bytes);
        else {
          this.#room.push(bytes);
          this.#copies--;
        }
      }
    }
    const clean = this.#stored().filter((page) => this.#isClean(page, moment));
    for (const page of clean) pageBytes(this.#state, page).fill(0);
    for (const [page, bytes] of moment.changed) pageBytes(this.#state, page).set(bytes);
    this.#before = moment.before;
    clearDirty(this.#state);
    return new Set([...clean, ...moment.changed.keys()].map(hostOfPage));
  }

  /** At power-on, when no code was decoded: every byte of RAM, or these pages. */
  fill(contents: number | Pages): void {
    const state = this.#state;
    if (typeof contents !== 'number') {
      this.#restorePages(contents);
      this.#rebase(contents);
      return;
    }
    const length = Number(state.get('ramSize'));
    state.bytes.fill(contents, RAM, RAM + length);
    markDirty(state, RAM, length);
  }

  #restorePages(pages: Pages): void {
    const differ = new Set(this.#stored());
    if (pages !== this.#base) for (const page of [...this.#base.keys(), ...pages.keys()]) differ.add(page);
    for (const page of differ) {
      const bytes = pages.get(page);
      if (bytes) pageBytes(this.#state, page).set(bytes);
      else pageBytes(this.#state, page).fill(0);
    }
  }

  /** Numbers of the pages of RAM that may have been stored to since power-on: at most so many, in ascending order. */
  storedPages(most: number): number[] {
    const stored = this.#stored();
    if (this.#base.size === 0) return stored.slice(0, most);
    return [...new Set([...this.#base.keys(), ...stored])].sort((a, b) => a - b).slice(0, most);
  }

  /** Makes RAM zero again, as at power-on; false, and nothing is done, where more pages than these were stored to. */
  clear(most: number): boolean {
    const pages = this.storedPages(most + 1);
    if (pages.length > most) return false;
    for (const page of pages) pageBytes(this.#state, page).fill(0);
    return true;
  }

  /** Memory now equals these pages. */
  #rebase(pages: Pages): void {
    this.#base = pages;
    this.#before = undefined;
    this.#forgetMoments();
    clearDirty(this.#state);
    this.#markFast();
  }

  /** Pages to which stores are already fast would not be marked again, so they are marked at once. */
  #markFast(): void {
    for (const page of pagesInStoreTables(this.#state)) setDirty(this.#state, page);
  }
}
