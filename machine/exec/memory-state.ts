/**
 * The one memory at one moment, as a snapshot holds it: the first part (registers, TLB), the pages of RAM that were ever stored to, and the
 * decoded pages. Translated code is not in it: entries that were translated are saved as they were before. That changes nothing for the
 * guest, since translated and interpreted code do the same.
 *
 * Going back to the snapshot that was taken or restored last only copies the pages that were stored to since then.
 */
import { clearDirty, copyMarks, dirtyPages, markDirty, pageBytes, setDirty } from '../layout/dirty-pages.ts';
import { DIRTY, type HartState, RAM } from '../layout/state.ts';
import { pagesInStoreTables } from '../layout/tlb.ts';
import type { DecodedPages, DecodedState } from './decoded-pages.ts';
import type { Translator } from './translator.ts';

export type Pages = ReadonlyMap<number, Uint8Array>;

export interface MemoryState {
  /** From address 0 on, up to the marks of pages that were stored to. */
  readonly first: Uint8Array;
  /**
   * By number. `all`: the pages of RAM that differ from power-on; these arrays are never changed, so snapshots can share them. `changed`: the
   * pages that were stored to after the moment, as they were then; they are kept before the first store to each, so that to save a moment costs
   * nothing for a page that stays as it is.
   */
  readonly pages: { readonly all: Pages } | { readonly changed: Pages };
  readonly decoded: DecodedState;
}

export class MemorySnapshots {
  readonly #state: HartState;
  readonly #decoded: DecodedPages;
  readonly #translator: Translator;
  /** The pages of the last snapshot: memory differs from them only in pages that are marked as dirty, or were before the moment that is kept. */
  #base: Pages = new Map();
  /** Marks of the pages that were stored to since the last snapshot, but before the moment. */
  #before: Uint32Array | undefined;
  /** The pages of the moment that is kept, if there is one. */
  #changed: Map<number, Uint8Array> | undefined;

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
    return { ...this.#saveFirst(), pages: { all: pages } };
  }

  /** Keeps this moment, which takes the place of the one before; only this machine can go back to it. */
  keepMoment(): MemoryState {
    const changed = new Map<number, Uint8Array>();
    const marks = copyMarks(this.#state);
    this.#before?.forEach((word, index) => {
      marks[index]! |= word;
    });
    this.#before = marks;
    this.#changed = changed;
    this.#state.setSmall('keeping', 1);
    clearDirty(this.#state);
    // Stores to these do not pass by the mark.
    for (const page of pagesInStoreTables(this.#state)) {
      this.#keep(page);
      setDirty(this.#state, page);
    }
    return { ...this.#saveFirst(), pages: { changed } };
  }

  #saveFirst(): Pick<MemoryState, 'first' | 'decoded'> {
    return { first: this.#state.bytes.slice(0, DIRTY), decoded: this.#decoded.save(this.#translator.originals()) };
  }

  #keep(page: number): void {
    if (this.#changed && !this.#changed.has(page)) this.#changed.set(page, pageBytes(this.#state, page).slice());
  }

  /** Pages that were stored to since the last snapshot, in ascending order. */
  #stored(): readonly number[] {
    return dirtyPages(this.#state, this.#before);
  }

  restore({ first, pages, decoded }: MemoryState): void {
    this.#translator.clear();
    this.#decoded.restore(decoded);
    if ('changed' in pages) this.#restoreMoment(pages.changed);
    else this.#restorePages(pages.all);
    this.#state.bytes.set(first, 0);
    // The slot is among what was restored.
    if ('all' in pages) this.#rebase(pages.all);
  }

  /** Every page that was stored to since then has been kept, and stays marked as dirty. */
  #restoreMoment(changed: Pages): void {
    if (changed !== this.#changed) throw new Error('this moment is not kept any more, or is one of a different machine');
    for (const [page, bytes] of changed) pageBytes(this.#state, page).set(bytes);
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

  /** Memory now equals these pages. Pages to which stores are already fast would not be marked again, so they are marked at once. */
  #rebase(pages: Pages): void {
    this.#base = pages;
    this.#before = undefined;
    this.#changed = undefined;
    this.#state.setSmall('keeping', 0);
    clearDirty(this.#state);
    for (const page of pagesInStoreTables(this.#state)) setDirty(this.#state, page);
  }
}
