/**
 * Pages of RAM that may have been stored to since the last snapshot: one bit each. The bit is set when a page gets into the TLB's table of
 * stores, and on the slow paths of a store, so it costs the fast path nothing. Here for TypeScript and for generated code.
 */
import { PAGE_BYTES } from '../spec/riscv.ts';
import { type Callable, callVoid, type I32, i32, type Statement, sequence, when } from '../wasm/code.ts';
import { DIRTY, DIRTY_BYTES, RAM } from './memory-map.ts';
import { generated as ram, ramPageOf } from './ram.ts';
import { slot32 } from './slot-access.ts';
import type { HartState } from './state.ts';

/** A device or the board is about to store to these bytes. */
export function markDirty(state: HartState, host: number, length: number): void {
  if (length === 0) return;
  const last = ramPageOf(host + length - 1);
  for (let page = ramPageOf(host); page <= last; page++) {
    if (state.small('keeping') !== 0 && !isDirty(state, page)) state.keepPage(page);
    setDirty(state, page);
  }
}

function isDirty(state: HartState, page: number): boolean {
  return ((state.bytes[DIRTY + (page >>> 3)]! >>> (page & 7)) & 1) === 1;
}

export function setDirty(state: HartState, page: number): void {
  state.bytes[DIRTY + (page >>> 3)]! |= 1 << (page & 7);
}

const markWords = (state: HartState): Uint32Array => new Uint32Array(state.memory.buffer, DIRTY, DIRTY_BYTES / 4);

/** A copy of the marks. */
export function copyMarks(state: HartState): Uint32Array {
  return markWords(state).slice();
}

/** Whether a page is marked in a copy. */
export function isMarked(marks: Uint32Array, page: number): boolean {
  return ((marks[page >>> 5]! >>> (page & 31)) & 1) === 1;
}

/** Numbers of the pages that are marked, now or in a copy, in ascending order. */
export function dirtyPages(state: HartState, copy?: Uint32Array): number[] {
  const pages: number[] = [];
  const words = markWords(state);
  for (let word = 0; word < words.length; word++) {
    let marks = words[word]! | (copy?.[word] ?? 0);
    while (marks !== 0) {
      const bit = 31 - Math.clz32(marks & -marks);
      pages.push(word * 32 + bit);
      marks &= marks - 1;
    }
  }
  return pages;
}

export function clearDirty(state: HartState): void {
  state.bytes.fill(0, DIRTY, DIRTY + DIRTY_BYTES);
}

/** The bytes of a page of RAM: a view. */
export function pageBytes(state: HartState, page: number): Uint8Array {
  return state.bytes.subarray(RAM + page * PAGE_BYTES, RAM + (page + 1) * PAGE_BYTES);
}

/**
 * In generated code: a store to the page of this host address is about to be made. `keep` is called with the page's number before the first
 * one, while the slot `keeping` is set.
 */
export function markDirtyCode(host: I32, keep: Callable<undefined>): Statement {
  const page = ram.ramPageOf(host);
  const at = i32.shrU(page, i32.const(3));
  const number = i32.and(page, i32.const(7));
  const isClean = i32.eqz(i32.and(i32.shrU(i32.load8u(at, DIRTY), number), i32.const(1)));
  return sequence(
    when(slot32('keeping'), [when(isClean, [callVoid(keep, page)])]),
    i32.store8(at, i32.or(i32.load8u(at, DIRTY), i32.shl(i32.const(1), number)), DIRTY),
  );
}
