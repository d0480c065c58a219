/**
 * Decoded pages in the one memory: for each page of RAM with code, an entry of 8 bytes for every halfword, and two sentinels after
 * them. A map gives for the number of each page of RAM where its decoded page is. exec/decoded-pages.ts keeps them.
 */
import { PAGE_BYTES } from '../spec/riscv.ts';
import { type I32, type I64, i32 } from '../wasm/code.ts';
import { DECODED_MAP, ENTRY } from './memory-map.ts';
import { generated, ramPageOf } from './ram.ts';
import type { HartState } from './state.ts';

/** How many bytes of entries there are for each byte of code, as a shift: 8 bytes for 2. */
const SPREAD = 2;
const MAP_SHIFT = 2;

function mapEntry(host: number): number {
  return DECODED_MAP + (ramPageOf(host) << MAP_SHIFT);
}

/** The decoded page for the page of RAM at a host address, or 0. */
export function decodedPageOf(state: HartState, host: number): number {
  return state.view.getUint32(mapEntry(host), true);
}

export function setDecodedPage(state: HartState, host: number, page: number): void {
  state.view.setUint32(mapEntry(host), page, true);
}

/** Offset in its decoded page of the entry for an address, which may be virtual, physical or a host address. */
export function entryOffset(address: number): number {
  return ((address % PAGE_BYTES) / 2) * ENTRY;
}

/** The same in generated code. */
export const decodedPage = {
  of: (host: I32): I32 => i32.load(i32.add(i32.const(DECODED_MAP), i32.shl(generated.ramPageOf(host), i32.const(MAP_SHIFT)))),
  /** The address must be even. */
  entryOffset: (address: I64): I32 => i32.shl(i32.and(i32.wrap(address), i32.const(PAGE_BYTES - 1)), i32.const(SPREAD)),
};
