/**
 * Where everything lies in the one WebAssembly memory: first the hart's registers and slots (slots.ts), then its tables, the TLB, the decoded instructions, and
 * guest RAM. RAM comes last, and the host commits it page by page as the guest touches it.
 */
import { FIRST_SHARED, PMP_ADDRESSES } from './slots.ts';

const PAGE = 0x10000;

/** Physical memory protection as the generated code checks it: a row of first byte, last byte (u64) and flags (u32) for each entry in force. */
export const PMP_TABLE = 0x8000;
export const PMP_ROW = 24;

/** Which entries of the TLB are filled, as far as that is known (tlb.ts). */
export const TLB_FILLED = 0x9000;

/** What is kept of traps for explanations (trap-record.ts). */
export const TRAP_RECORD = 0xa000;
const TRAP_RECORD_BYTES = 0x800;

/** What belongs to one hart, as pairs of first address and address after the last byte. It lies here while the hart has its turn. */
export const HART_PARTS = [
  [0, FIRST_SHARED],
  [PMP_TABLE, PMP_TABLE + PMP_ADDRESSES.length * PMP_ROW],
  [TLB_FILLED, TLB_FILLED + 0x804],
  [TRAP_RECORD, TRAP_RECORD + TRAP_RECORD_BYTES],
] as const;
export const HART_BYTES = TRAP_RECORD + TRAP_RECORD_BYTES;

/** CSR table for the generated fast path: 4096 rows of CSR_ROW bytes (csr.ts fills it). */
export const CSR_TABLE = 0x10000;
export const CSR_ROW = 32;

/** Counters of what checks ask about (tally.ts). */
export const TALLY = 0x30000;

/** The first hart's TLB (tlb.ts); those of the others lie after RAM. */
export const TLB = 0x40000;
export const TLB_BYTES = 0x10000;

/** One bit for each page of RAM (dirty-pages.ts). */
export const DIRTY = 0x50000;
export const DIRTY_BYTES = 0x18000;

/** How instructions are decoded (decode-table.ts): constant data of the generated module. */
export const DECODE_TABLE = DIRTY + DIRTY_BYTES;
export const DECODE_TABLE_END = 0x80000;

/** For each page of RAM, by number, the address of its decoded page (4 bytes; 0 for none). Has room for MOST_RAM. */
export const DECODED_MAP = DECODE_TABLE_END;

/** One bit for each page of RAM whose stores are watched (watchpoints.ts): such a page stays out of the TLB's store tables. */
export const WATCHED = 0x380000;
export const WATCHED_BYTES = 0x18000;
/** The same for loads; right after the bits for stores. */
export const WATCHED_LOADS = WATCHED + WATCHED_BYTES;

/** Decoded pages: one 8-byte entry for each halfword of a 4 KiB page, two sentinels after the last, and where the page of RAM lies. */
export const ENTRY = 8;
export const ENTRIES_PER_PAGE = 2048;
export const DECODED_SPAN = ENTRIES_PER_PAGE * ENTRY;
export const DECODED_PAGE = DECODED_SPAN + 3 * ENTRY;
export const DECODED_POOL = 0x400000;
/** 64 MiB of decoded pages: 16 MiB of guest code before the pool is emptied. */
export const DECODED_PAGES = 4080;

/** Offset, in the first sentinel after the entries, of a flag: not zero while code of the page is translated. */
export const DECODED_TRANSLATED = DECODED_SPAN + 4;
/** Offset, in the second sentinel, of a counter: stores to the page since it was decoded. */
export const DECODED_STORES = DECODED_SPAN + 12;

/** Offset, after the sentinels, of the host address of the page of RAM. */
export const DECODED_RAM = DECODED_SPAN + 2 * ENTRY;

/** Offset, after that, of a flag: TypeScript decodes this page (exec/decoded-pages.ts). */
export const DECODED_APART = DECODED_RAM + 4;

/** Room for the entries that the translator has replaced (exec/translator.ts), 16 bytes for each. */
export const TRANSLATED_ENTRIES = 0x4400000;
export const TRANSLATED_ENTRY = 16;
export const MOST_TRANSLATED_ENTRIES = 0x40000;

/** Holds one decoded instruction that crosses a page or has to be fetched every time, and its sentinels. */
export const SCRATCH_PAGE = DECODED_POOL - 4 * PAGE;

/** Instructions that are counted (code-watches.ts). Not in snapshots: what is written here at power-on stays, and decoded entries belong to decoded pages. */
export const CODE_WATCHES = DECODED_POOL - 3 * PAGE;

export const RAM = 0x4800000;

const endOfRam = (ramBytes: number): number => Math.ceil((RAM + ramBytes) / PAGE) * PAGE;

/** Where the TLB of a hart lies, by its number. */
export function tlbOf(ramBytes: number, hart: number): number {
  return hart === 0 ? TLB : endOfRam(ramBytes) + (hart - 1) * TLB_BYTES;
}

/** Bytes of the memory for a machine with so much RAM and so many harts. */
export function memoryBytes(ramBytes: number, harts = 1): number {
  return endOfRam(ramBytes) + (harts - 1) * TLB_BYTES;
}

/** `after`: bytes beyond all that, a multiple of 64 KiB. */
export function createMemory(ramBytes: number, harts = 1, after = 0): WebAssembly.Memory {
  const pages = (memoryBytes(ramBytes, harts) + after) / PAGE;
  return new WebAssembly.Memory({ initial: pages, maximum: pages });
}

/** Clears what has a fixed place before RAM; decoded pages, translated entries and RAM are cleared by those who know how much of them was used. */
export function clearFixedParts(bytes: Uint8Array): void {
  bytes.fill(0, 0, DECODE_TABLE_END);
  bytes.fill(0, WATCHED, WATCHED_LOADS + WATCHED_BYTES);
  bytes.fill(0, SCRATCH_PAGE, DECODED_POOL);
}
