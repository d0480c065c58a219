/**
 * Which words of memory are touched by more than one context, at least one of which writes. A context is a hart, outside of all interrupt handlers
 * or in one: what a handler does to a word may come in the middle of what its own hart does to it.
 */
import { ACCESS_KIND } from '../layout/access-log.ts';
import { PAGE_SHIFT } from '../spec/riscv.ts';
import type { AccessBatch } from './access-log.ts';

/** Pages of words that are kept: 2 KiB each. */
const MOST_PAGES = 1 << 14;
const WORDS_PER_PAGE = 512;
/** Handlers that interrupt each other. */
const MOST_NESTED = 32;

/** Follows which harts are in the handler of an interrupt. */
export class Contexts {
  /** For each hart, whether each of the traps that have not returned is an interrupt. */
  readonly #traps: boolean[][] = [];

  /** Looks at a record that is a trap or a return. */
  follow(batch: AccessBatch, record: number): void {
    const kind = batch.kind(record);
    if (kind === ACCESS_KIND.trap) this.#trapped(batch.hart(record), batch.interrupt(record) !== undefined);
    else if (kind === ACCESS_KIND.return) this.#traps[batch.hart(record)]?.pop();
  }

  isInHandler(hart: number): boolean {
    return this.#traps[hart]?.includes(true) === true;
  }

  /** Twice the hart's number, and one more in a handler. */
  of(hart: number): number {
    return hart * 2 + (this.isInHandler(hart) ? 1 : 0);
  }

  #trapped(hart: number, isInterrupt: boolean): void {
    this.#traps[hart] ??= [];
    const traps = this.#traps[hart];
    if (traps.length === MOST_NESTED) traps.shift();
    traps.push(isInterrupt);
  }
}

/** By word of 8 bytes of one page: a bit for each context that touches it; and the same for those that write it. */
interface TouchedPage {
  readonly touched: Uint16Array;
  readonly written: Uint16Array;
}

export class TouchedWords {
  readonly #pages = new Map<number, TouchedPage>();

  /** False where there is no room for one more page. */
  touch(address: number, context: number, writes: boolean): boolean {
    const page = this.#page(Math.floor(address / (1 << PAGE_SHIFT)));
    if (page === undefined) return false;
    const word = wordOf(address);
    page.touched[word]! |= 1 << context;
    if (writes) page.written[word]! |= 1 << context;
    return true;
  }

  /** A bit for each context that touches it. */
  touchedBy(address: number): number {
    return this.#pages.get(Math.floor(address / (1 << PAGE_SHIFT)))?.touched[wordOf(address)] ?? 0;
  }

  isShared(address: number): boolean {
    const page = this.#pages.get(Math.floor(address / (1 << PAGE_SHIFT)));
    if (page === undefined) return false;
    const touched = page.touched[wordOf(address)]!;
    return page.written[wordOf(address)] !== 0 && (touched & (touched - 1)) !== 0;
  }

  #page(number: number): TouchedPage | undefined {
    const found = this.#pages.get(number);
    if (found !== undefined || this.#pages.size === MOST_PAGES) return found;
    const page = { touched: new Uint16Array(WORDS_PER_PAGE), written: new Uint16Array(WORDS_PER_PAGE) };
    this.#pages.set(number, page);
    return page;
  }
}

function wordOf(address: number): number {
  return (address >>> 3) & (WORDS_PER_PAGE - 1);
}
