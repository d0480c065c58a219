/**
 * Decoded pages: for each page of RAM that was fetched from, an entry for every halfword, decoded when it is first reached.
 * Stores into such a page clear the entries concerned (mmu/access.ts), so decoded code never differs from memory.
 */

import { isCompressed } from '../isa/decoder.ts';
import { PLACE } from '../layout/code-watches.ts';
import { decodedPageOf, entryOffset, setDecodedPage } from '../layout/decoded-page.ts';
import {
  DECODED_APART,
  DECODED_PAGE,
  DECODED_PAGES,
  DECODED_POOL,
  DECODED_RAM,
  DECODED_SPAN,
  DECODED_TRANSLATED,
  ENTRY,
  SCRATCH_PAGE,
} from '../layout/memory-map.ts';
import { hostOfPage, ramPageOf } from '../layout/ram.ts';
import type { HartState } from '../layout/state.ts';
import { flushAllTlbs } from '../layout/tlb.ts';
import { type Entry, OPERATION, OPERATION_MASK, ownEntry } from './operations.ts';

/** (address, instruction bits): puts the entry there; 1 where execution does not simply go on after it (exec/decode.ts). */
export type PutEntry = (at: number, bits: number) => number;

/** Which pages were decoded at a moment, without what was decoded of them. */
export interface AssignedState {
  /** Host address of the page of RAM of each. */
  readonly ramPages: Uint32Array;
  readonly free: readonly number[];
  readonly divided: readonly number[];
  /** The entry in the scratch page. */
  readonly scratch: bigint;
}

/** What a snapshot holds of the decoded pages. */
export interface DecodedState extends AssignedState {
  /** The decoded pages in use, one after the other. */
  readonly pool: Uint8Array;
}

export class DecodedPages {
  readonly #state: HartState;
  readonly #putEntry: PutEntry;
  readonly #emptied: () => void;
  #used = 0;
  /** Decoded pages that were given up and can be used again. */
  #free: number[] = [];
  #divided = new Set<number>();
  /** For each decoded page, the host address of the page of RAM whose code it holds. */
  readonly #ramPages = new Uint32Array(DECODED_PAGES);
  /** Of the instructions that are counted, by host address: where what is known of them lies (layout/code-watches.ts). */
  #watched: ReadonlyMap<number, number> = new Map();
  /** The pages of RAM that they are in, by host address. */
  #watchedPages: ReadonlySet<number> = new Set();

  /** @param emptied called after all pages were emptied */
  constructor(state: HartState, putEntry: PutEntry, emptied: () => void = () => undefined) {
    this.#state = state;
    this.#putEntry = putEntry;
    this.#emptied = emptied;
    this.#put(SCRATCH_PAGE + ENTRY, ownEntry(OPERATION.pageEnd, 0));
    this.#put(SCRATCH_PAGE + 2 * ENTRY, ownEntry(OPERATION.pageEnd, 0));
  }

  #put(at: number, [low, high]: Entry): void {
    this.#state.view.setInt32(at, low, true);
    this.#state.view.setInt32(at + 4, high, true);
  }

  /** At power-on: instructions that are counted, by host address. */
  watch(places: ReadonlyMap<number, number>): void {
    this.#watched = places;
    this.#watchedPages = new Set([...places.keys()].map((host) => hostOfPage(ramPageOf(host))));
  }

  #putWatched(at: number, place: number): void {
    const { view } = this.#state;
    view.setBigUint64(place + PLACE.original, view.getBigUint64(at, true), true);
    view.setUint16(at, (view.getUint16(at, true) & ~OPERATION_MASK) | OPERATION.watched, true);
    view.setInt32(at + 4, place, true);
  }

  /** Where entries of counted instructions were restored as they had been decoded. */
  #putAllWatched(): void {
    const { view } = this.#state;
    for (const [host, place] of this.#watched) {
      const page = decodedPageOf(this.#state, host);
      const at = page + entryOffset(host);
      if (page !== 0 && view.getInt32(at, true) !== 0) this.#putWatched(at, place);
    }
  }

  /** By address, the entries of counted instructions as they were decoded. */
  *#originals(): Iterable<[entry: number, original: bigint]> {
    const { view } = this.#state;
    for (const [host, place] of this.#watched) {
      const page = decodedPageOf(this.#state, host);
      const at = page + entryOffset(host);
      if (page === 0 || (view.getUint16(at, true) & OPERATION_MASK) !== OPERATION.watched) continue;
      yield [at, view.getBigUint64(place + PLACE.original, true)];
    }
  }

  /** Makes a decoded page for the page of RAM at a host address. From now on stores to it must be noticed, so the TLB is flushed. */
  newPage(host: number): number {
    const page = this.#unusedPage();
    const ram = hostOfPage(ramPageOf(host));
    this.#ramPages[(page - DECODED_POOL) / DECODED_PAGE] = ram;
    setDecodedPage(this.#state, host, page);
    this.#putEnd(page, ram);
    this.#forgetTranslations();
    return page;
  }

  /** What follows the entries of a decoded page. */
  #putEnd(page: number, ram: number): void {
    this.#put(page + DECODED_SPAN, ownEntry(OPERATION.pageEnd, 0));
    this.#put(page + DECODED_SPAN + ENTRY, ownEntry(OPERATION.pageEnd, 0));
    this.#state.view.setUint32(page + DECODED_RAM, ram, true);
    this.#markApart(page);
  }

  /** Whether `decodeApart` decodes a page, and not generated code. */
  #markApart(page: number): void {
    const apart = this.#divided.has(page) || this.#watchedPages.has(this.ramOf(page));
    this.#state.view.setInt32(page + DECODED_APART, Number(apart), true);
  }

  #unusedPage(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#used === DECODED_PAGES) this.#clear();
    return DECODED_POOL + this.#used++ * DECODED_PAGE;
  }

  /** Gives up a decoded page that is not being executed. Its page of RAM becomes an ordinary one again, to which stores are fast. */
  release(page: number): void {
    setDecodedPage(this.#state, this.ramOf(page), 0);
    this.#state.bytes.fill(0, page, page + DECODED_PAGE);
    this.#divided.delete(page);
    this.#free.push(page);
    this.#forgetTranslations();
  }

  /**
   * The decoded page for a page that memory protection divides: some of its bytes may be executed, others not. Each instruction has to be
   * fetched and checked every time, so the decoded page never holds any.
   */
  dividedPage(host: number): number {
    const page = decodedPageOf(this.#state, host) || this.newPage(host);
    if (!this.#divided.has(page)) {
      this.#state.bytes.fill(0, page, page + DECODED_SPAN);
      this.#divided.add(page);
      this.#markApart(page);
    }
    return page;
  }

  /** After a change of memory protection: different pages may be divided now. */
  protectionChanged(): void {
    const divided = [...this.#divided];
    this.#divided.clear();
    for (const page of divided) {
      this.#state.bytes.fill(0, page, page + DECODED_SPAN);
      this.#markApart(page);
    }
    this.#forgetTranslations();
  }

  #forgetTranslations(): void {
    flushAllTlbs(this.#state);
  }

  /** Makes their part of the memory zero. Nothing can be decoded afterwards. */
  erase(): void {
    this.#unassign();
    this.#state.bytes.fill(0, DECODED_POOL, DECODED_POOL + this.#used * DECODED_PAGE);
  }

  #clear(): void {
    this.erase();
    this.#used = 0;
    this.#free.length = 0;
    this.#divided.clear();
    this.#forgetTranslations();
    this.#emptied();
  }

  /**
   * Decodes one instruction of a page that protection divides, or in which instructions are counted; the rest is decoded by generated code. Returns
   * how many it decoded.
   */
  decodeApart(at: number, page: number): number {
    const { view } = this.#state;
    const host = this.ramOf(page) + ((at - page) / ENTRY) * 2;
    const low = view.getUint16(host, true);
    const isLast = at - page === DECODED_SPAN - ENTRY;
    if (this.#divided.has(page) || (isLast && !isCompressed(low))) this.#put(at, ownEntry(OPERATION.crossing, 0));
    else this.#putEntry(at, isCompressed(low) ? low : view.getUint32(host, true));
    const place = this.#watched.get(host);
    if (place !== undefined) this.#putWatched(at, place);
    return 1;
  }

  /** Host address of the page of RAM whose code a decoded page holds. */
  ramOf(page: number): number {
    return this.#ramPages[(page - DECODED_POOL) / DECODED_PAGE]!;
  }

  /** Puts one instruction into the scratch page: one that crosses a page, or one in a divided page. */
  fetched(bits: number): void {
    this.#state.setSmall('crossingBits', bits);
    this.#putEntry(SCRATCH_PAGE, bits);
  }

  /** @param originals by address, the entries that a translation has replaced, as they were before */
  save(originals: ReadonlyMap<number, bigint>): DecodedState {
    const pool = this.#state.bytes.slice(DECODED_POOL, DECODED_POOL + this.#used * DECODED_PAGE);
    const view = new DataView(pool.buffer);
    for (const [entry, original] of [...originals, ...this.#originals()]) view.setBigUint64(entry - DECODED_POOL, original, true);
    for (let page = 0; page < pool.length; page += DECODED_PAGE) view.setInt32(page + DECODED_TRANSLATED, 0, true);
    return { ...this.saveAssigned(), pool };
  }

  saveAssigned(): AssignedState {
    return {
      ramPages: this.#ramPages.slice(0, this.#used),
      free: [...this.#free],
      divided: [...this.#divided],
      scratch: this.#state.view.getBigUint64(SCRATCH_PAGE, true),
    };
  }

  /** The TLB needs no flush here: it is restored as well. */
  restore({ pool, ...assigned }: DecodedState): void {
    const { bytes } = this.#state;
    this.#unassign();
    bytes.fill(0, DECODED_POOL, DECODED_POOL + this.#used * DECODED_PAGE);
    bytes.set(pool, DECODED_POOL);
    this.#assign(assigned);
    this.#putAllWatched();
  }

  /**
   * Gives each decoded page back to the page of RAM that had it. What is decoded of it stays where that still is true: `differs` says whether a page
   * of RAM, by its host address, holds different bytes now than before. The rest is decoded again when it is reached.
   */
  restoreAssigned(
    saved: AssignedState,
    { originals, differs }: { readonly originals: ReadonlyMap<number, bigint>; readonly differs: (host: number) => boolean },
  ): void {
    const { bytes, view } = this.#state;
    for (const [entry, original] of originals) view.setBigUint64(entry, original, true);
    const [free, unused, divided] = [new Set(this.#free), new Set(saved.free), new Set(saved.divided)];
    const made: number[] = [];
    this.#unassign();
    for (let i = 0; i < Math.max(this.#used, saved.ramPages.length); i++) {
      const page = DECODED_POOL + i * DECODED_PAGE;
      const now = i < this.#used && !free.has(page) ? this.#ramPages[i] : undefined;
      const host = unused.has(page) ? undefined : saved.ramPages[i];
      if (host !== undefined && now === host && !differs(host) && divided.has(page) === this.#divided.has(page)) {
        view.setInt32(page + DECODED_TRANSLATED, 0, true);
        continue;
      }
      bytes.fill(0, page, page + DECODED_PAGE);
      if (host === undefined) continue;
      made.push(page);
    }
    this.#assign(saved);
    for (const page of made) this.#putEnd(page, this.ramOf(page));
  }

  #unassign(): void {
    for (let i = 0; i < this.#used; i++) setDecodedPage(this.#state, this.#ramPages[i]!, 0);
  }

  #assign({ ramPages, free, divided, scratch }: AssignedState): void {
    this.#state.view.setBigUint64(SCRATCH_PAGE, scratch, true);
    this.#used = ramPages.length;
    this.#ramPages.set(ramPages);
    this.#free = [...free];
    this.#divided = new Set(divided);
    const unused = new Set(free);
    ramPages.forEach((host, index) => {
      const page = DECODED_POOL + index * DECODED_PAGE;
      if (!unused.has(page)) setDecodedPage(this.#state, host, page);
    });
  }
}
