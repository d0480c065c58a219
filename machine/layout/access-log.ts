/**
 * The ring in the one memory into which the logging variant of the generated code writes what harts do to memory (mmu/access-log.ts).
 * TypeScript reads it out when it is full and after each slice, so that between two runs it is always empty, and no snapshot has to hold it.
 */
import { CODE_WATCHES_END } from './code-watches.ts';

/** After the code watches, and before the decoded pages. */
export const ACCESS_LOG = CODE_WATCHES_END;
/** Bytes of a record. */
export const ACCESS_RECORD = 48;
export const MOST_ACCESSES = 1536;
export const ACCESS_LOG_END = ACCESS_LOG + MOST_ACCESSES * ACCESS_RECORD;

/** Offsets in a record. The first four are bytes, the others are doublewords. */
export const ACCESS_FIELD = {
  kind: 0,
  width: 1,
  order: 2,
  hart: 3,
  pc: 8,
  /** Physical, for an access; a cause, for a trap; the number of a hart, for a signal. */
  address: 16,
  /** Guest time, in units of the clock, before the instruction. */
  time: 24,
  /** What memory held before, for a store or an atomic to RAM. */
  old: 32,
  /** What a store stores. For an SC, what its LR has read: it stores only where that is what memory holds. */
  value: 40,
} as const;

/** What a record is about. */
export const ACCESS_KIND = {
  load: 0,
  store: 1,
  /** An atomic that reads and writes (AMO). */
  atomic: 2,
  reserve: 3,
  /** An SC whose reservation is on its address. */
  conditional: 4,
  fence: 5,
  'device-load': 6,
  'device-store': 7,
  /** The handler of an exception or an interrupt begins. */
  trap: 8,
  /** MRET or SRET. */
  return: 9,
  /** The hart has interrupted another one, or started it. */
  signal: 10,
  wake: 11,
  /** The hart has another one forget translations, which the other one has done before this one goes on. */
  'remote-fence': 12,
  /** A device reads or writes RAM: at an address, so many bytes (the value). The hart is the one that has its turn. */
  'dma-load': 13,
  'dma-store': 14,
} as const;
export type AccessKind = keyof typeof ACCESS_KIND;

/** In the address of a trap's record: it is an interrupt. */
export const INTERRUPT_TRAP = 0x80000000;

/** Bits of `order`. Of a fence: its predecessors in the upper half of the byte, its successors in the lower one. */
export const FENCE_ORDER = { input: 8, output: 4, read: 2, write: 1 } as const;
/** Of an atomic, LR or SC. */
export const ATOMIC_ORDER = { acquire: 2, release: 1 } as const;
