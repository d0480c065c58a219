/**
 * The TLB in the one memory: four banks (machine; supervisor; supervisor with SUM; user) of three direct-mapped tables (loads,
 * stores, fetches). An entry is a tag, the virtual address of its page, and in the next doubleword an addend: host less virtual
 * address, or for a fetch the address of the decoded page. All ones, which no page address is, make an empty tag.
 */
import { PAGE_BYTES, PAGE_SHIFT } from '../spec/riscv.ts';
import { fill, type I32, type I64, i32, i64, type Statement } from '../wasm/code.ts';
import { ramPageOf } from './ram.ts';
import { slot32 } from './slots.ts';
import { type HartState, TLB_BYTES } from './state.ts';

const ENTRIES = 256;
const ENTRY_SHIFT = 4;
const TABLE_BYTES = ENTRIES << ENTRY_SHIFT;
const EMPTY = 0xff;
/** All ones: no page has this address. */
export const NO_PAGE = (1n << 64n) - 1n;

/** Where a table begins in its bank, in bytes. */
export const TLB_TABLE = { load: 0, store: TABLE_BYTES, fetch: 2 * TABLE_BYTES } as const;
export const TLB_BANK = TLB_BYTES / 4;
/** From an entry's tag to its addend. */
export const TLB_ADDEND = 8;

export function flushTlb(state: HartState): void {
  const at = state.small('tlb');
  state.bytes.fill(EMPTY, at, at + TLB_BYTES);
}

/** Numbers of the pages of RAM to which stores are fast now, in any bank; a page may come more than once. */
export function* pagesInStoreTables(state: HartState): Iterable<number> {
  const { view } = state;
  const first = state.small('tlb') + TLB_TABLE.store;
  for (let bank = first; bank < first + TLB_BYTES; bank += TLB_BANK) {
    for (let entry = bank; entry < bank + TABLE_BYTES; entry += 1 << ENTRY_SHIFT) {
      const tag = view.getBigUint64(entry, true);
      if (tag === NO_PAGE) continue;
      yield ramPageOf((Number(tag & 0xffff_ffffn) + view.getUint32(entry + TLB_ADDEND, true)) >>> 0);
    }
  }
}

/** In generated code. */
export const tlb = {
  flush: (): Statement => fill(slot32('tlb'), i32.const(EMPTY), i32.const(TLB_BYTES)),
  bankAddress: (number: I32, table: number): I32 => i32.add(i32.mul(number, i32.const(TLB_BANK)), i32.add(slot32('tlb'), i32.const(table))),
  /** Address of the entry for a virtual address, in the bank or table that begins at `base`. */
  entryOf: (base: I32, address: I64): I32 =>
    i32.add(base, i32.and(i32.shrU(i32.wrap(address), i32.const(PAGE_SHIFT - ENTRY_SHIFT)), i32.const((ENTRIES - 1) << ENTRY_SHIFT))),
  /** The tag of a virtual address. With a width, the low bits of a misaligned address stay in it, so that it equals no tag in the TLB. */
  tagOf: (address: I64, width = 1): I64 => i64.and(address, i64.const(-PAGE_BYTES | (width - 1))),
};
