/**
 * The TLB in the one memory: four banks (machine; supervisor; supervisor with SUM; user) of three direct-mapped tables (loads,
 * stores, fetches). An entry is a tag, the virtual address of its page, and in the next doubleword an addend: host less virtual
 * address, or for a fetch the address of the decoded page. All ones, which no page address is, make an empty tag.
 */
import { PAGE_BYTES, PAGE_SHIFT } from '../spec/riscv.ts';
import {
  branchIf,
  type Callable,
  fill,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  label,
  loop,
  returns,
  type Statement,
  sequence,
  when,
} from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { TLB_BYTES, TLB_FILLED, tlbOf } from './memory-map.ts';
import { ramPageOf } from './ram.ts';
import { slot32 } from './slot-access.ts';
import type { HartState } from './state.ts';

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

/**
 * At TLB_FILLED: how many entries were filled since they were all empty, and their addresses, so that a flush costs what was filled. Where there
 * were more than MOST_LISTED, all of the TLB is emptied.
 */
const LISTED = TLB_FILLED + 4;
const MOST_LISTED = 512;

/** To be called at power-on. */
export function emptyTlb(state: HartState): void {
  const at = state.small('tlb');
  state.bytes.fill(EMPTY, at, at + TLB_BYTES);
  state.view.setInt32(TLB_FILLED, 0, true);
}

export function flushTlb(state: HartState): void {
  const { view } = state;
  const filled = view.getInt32(TLB_FILLED, true);
  if (filled > MOST_LISTED) return emptyTlb(state);
  for (let n = 0; n < filled; n++) view.setBigUint64(view.getUint32(LISTED + 4 * n, true), NO_PAGE, true);
  view.setInt32(TLB_FILLED, 0, true);
}

/** After a change that every hart has to see: flushes the TLB of the hart whose turn it is, and those of the others before their turns. */
export function flushAllTlbs(state: HartState): void {
  flushTlb(state);
  const harts = state.small('harts');
  if (harts > 1) state.setSmall('staleTlbs', (1 << harts) - 1);
}

/** Numbers of the pages of RAM to which stores are fast now, in any bank of any hart; a page may come more than once. */
export function* pagesInStoreTables(state: HartState): Iterable<number> {
  for (let hart = 0; hart < state.small('harts'); hart++)
    yield* storeTable(state, tlbOf(Number(state.get('ramSize')), hart) + TLB_TABLE.store);
}

function* storeTable({ view }: HartState, first: number): Iterable<number> {
  for (let bank = first; bank < first + TLB_BYTES; bank += TLB_BANK) {
    for (let entry = bank; entry < bank + TABLE_BYTES; entry += 1 << ENTRY_SHIFT) {
      const tag = view.getBigUint64(entry, true);
      if (tag === NO_PAGE) continue;
      yield ramPageOf((Number(tag & 0xffff_ffffn) + view.getUint32(entry + TLB_ADDEND, true)) >>> 0);
    }
  }
}

const filled = (): I32 => i32.load(i32.const(0), TLB_FILLED);

/** In generated code. */
export const tlb = {
  /** Puts a page into an entry: its tag and its addend. */
  fill: (entry: Local<'i32'>, tag: I64, addend: I32): Statement =>
    sequence(
      when(i64.eq(i64.load(entry), i64.const(NO_PAGE)), [
        when(i32.ltU(filled(), i32.const(MOST_LISTED)), [i32.store(i32.shl(filled(), i32.const(2)), entry, LISTED)]),
        i32.store(i32.const(0), i32.add(filled(), i32.const(1)), TLB_FILLED),
      ]),
      i64.store(entry, tag),
      i32.store(entry, addend, TLB_ADDEND),
    ),
  bankAddress: (number: I32, table: number): I32 => i32.add(i32.mul(number, i32.const(TLB_BANK)), i32.add(slot32('tlb'), i32.const(table))),
  /** Address of the entry for a virtual address, in the bank or table that begins at `base`. */
  entryOf: (base: I32, address: I64): I32 =>
    i32.add(base, i32.and(i32.shrU(i32.wrap(address), i32.const(PAGE_SHIFT - ENTRY_SHIFT)), i32.const((ENTRIES - 1) << ENTRY_SHIFT))),
  /** The tag of a virtual address. With a width, the low bits of a misaligned address stay in it, so that it equals no tag in the TLB. */
  tagOf: (address: I64, width = 1): I64 => i64.and(address, i64.const(-PAGE_BYTES | (width - 1))),
};

/** Emits the flush: () -> nothing. */
export function buildFlush(module: ModuleBuilder): Callable<undefined> {
  const f = module.function([], undefined);
  const n = f.local('i32');
  const next = label('next entry');
  f.body(
    when(
      i32.gtU(filled(), i32.const(MOST_LISTED)),
      [fill(slot32('tlb'), i32.const(EMPTY), i32.const(TLB_BYTES))],
      [
        n.set(filled()),
        when(n, [
          loop(
            next,
            n.set(i32.sub(n, i32.const(1))),
            i64.store(i32.load(i32.shl(n, i32.const(2)), LISTED), i64.const(NO_PAGE)),
            branchIf(n, next),
          ),
        ]),
      ],
    ),
    i32.store(i32.const(0), i32.const(0), TLB_FILLED),
    returns(),
  );
  return f;
}
