/**
 * The one memory at one moment, as a snapshot holds it: the first part (registers, TLB), the pages of RAM that were ever stored to, and the
 * decoded pages. Translated code is not in it: entries that were translated are saved as they were before. That changes nothing for the
 * guest, since translated and interpreted code do the same.
 *
 * Going back to the snapshot that was taken or restored last only copies the pages that were stored to since then.
 */
import { clearDirty, dirtyPages, markDirty, pageBytes } from '../layout/dirty-pages.ts';
import { DIRTY, type HartState, RAM } from '../layout/state.ts';
import { pagesInStoreTables } from '../layout/tlb.ts';
import type { DecodedPages, DecodedState } from './decoded-pages.ts';
import type { Translator } from './translator.ts';

export interface MemoryState {
  /** From address 0 on, up to the marks of pages that were stored to. */
  readonly first: Uint8Array;
  /** By number: the pages of RAM that differ from power-on. These arrays are never changed, so snapshots can share them. */
  readonly pages: ReadonlyMap<number, Uint8Array>;
  readonly decoded: DecodedState;
}

export class MemorySnapshots {
  readonly #state: HartState;
  readonly #decoded: DecodedPages;
  readonly #translator: Translator;
  /** The pages of the last snapshot: memory differs from them only in pages that are marked as dirty. */
  #base: ReadonlyMap<number, Uint8Array> = new Map();

  constructor(state: HartState, decoded: DecodedPages, translator: Translator) {
    this.#state = state;
    this.#decoded = decoded;
    this.#translator = translator;
  }

  save(): MemoryState {
    const pages = new Map(this.#base);
    for (const page of dirtyPages(this.#state)) pages.set(page, pageBytes(this.#state, page).slice());
    const first = this.#state.bytes.slice(0, DIRTY);
    const decoded = this.#decoded.save(this.#translator.originals());
    this.#rebase(pages);
    return { first, pages, decoded };
  }

  restore({ first, pages, decoded }: MemoryState): void {
    this.#translator.clear();
    this.#decoded.restore(decoded);
    this.#restorePages(pages);
    this.#state.bytes.set(first, 0);
    this.#rebase(pages);
  }

  /** At power-on, when no code was decoded: every byte of RAM, or these pages. */
  fill(contents: number | MemoryState['pages']): void {
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

  #restorePages(pages: ReadonlyMap<number, Uint8Array>): void {
    const differ = new Set(dirtyPages(this.#state));
    if (pages !== this.#base) for (const page of [...this.#base.keys(), ...pages.keys()]) differ.add(page);
    for (const page of differ) {
      const bytes = pages.get(page);
      if (bytes) pageBytes(this.#state, page).set(bytes);
      else pageBytes(this.#state, page).fill(0);
    }
  }

  /** Numbers of the pages of RAM that may have been stored to since power-on: at most so many, in ascending order. */
  storedPages(most: number): number[] {
    const pages = new Set([...this.#base.keys(), ...dirtyPages(this.#state)]);
    return [...pages].sort((a, b) => a - b).slice(0, most);
  }

  /** Memory now equals these pages. Pages to which stores are already fast would not be marked again, so they are marked at once. */
  #rebase(pages: ReadonlyMap<number, Uint8Array>): void {
    this.#base = pages;
    clearDirty(this.#state);
    for (const page of pagesInStoreTables(this.#state)) this.#state.bytes[DIRTY + (page >>> 3)]! |= 1 << (page & 7);
  }
}
