/**
 * Where everything lies in the one WebAssembly memory: the hart's registers, its TLB, the decoded instructions and guest RAM.
 *
 * One table of slots gives both sides their view: generated code loads and stores at these offsets, TypeScript reads and
 * writes the same bytes through `HartState`. RAM comes last, and the host commits it page by page as the guest touches it.
 */

const PAGE = 0x10000;

/** Registers x0…x31 at 0, f0…f31 after them: an instruction's register field times 8 is an address. */
export const X = 0;
export const F = 256;

export const PMP_ADDRESSES = [
  ...(['pmpaddr0', 'pmpaddr1', 'pmpaddr2', 'pmpaddr3', 'pmpaddr4', 'pmpaddr5', 'pmpaddr6', 'pmpaddr7'] as const),
  ...(['pmpaddr8', 'pmpaddr9', 'pmpaddr10', 'pmpaddr11', 'pmpaddr12', 'pmpaddr13', 'pmpaddr14', 'pmpaddr15'] as const),
] as const;

/** Slots of each hart. */
const HART_SLOTS = [
  'pc',
  // CSRs that are plain storage, and those that hardware reads. Names as in the privileged specification.
  'mstatus',
  'mie',
  'mip',
  'mideleg',
  'medeleg',
  'mtvec',
  'mscratch',
  'mepc',
  'mcause',
  'mtval',
  'mcounteren',
  'mcountinhibit',
  'menvcfg',
  'stvec',
  'sscratch',
  'sepc',
  'scause',
  'stval',
  'satp',
  'scounteren',
  'senvcfg',
  'stimecmp',
  'fflags',
  'frm',
  'pmpcfg0',
  'pmpcfg2',
  ...PMP_ADDRESSES,
  // What the last exception left for the trap logic.
  'cause',
  'tval',
  /** Virtual address of the LR reservation (all ones: none) and the value that LR read. */
  'reservation',
  'reservedValue',
  /** 3 machine, 1 supervisor, 0 user. */
  'privilege',
  /** Not zero when an enabled interrupt is pending; kept by `refresh`. */
  'interrupt',
  /** Addresses of the TLB banks in force for data and for fetches; kept by `refresh`. */
  'dataTlb',
  'fetchTlb',
  /** Where this hart's TLB lies (tlb.ts). */
  'tlb',
  /** Address of the decoded entry at which the generated code returned last. */
  'entry',
  /** Address of the decoded page whose code was executed last. */
  'codePage',
  /** The virtual address of that page while what comes next goes on in it; NO_PAGE (tlb.ts) where the next fetch is looked up. */
  'codeAddress',
  /** The MXR bit that the TLB was filled under. */
  'mxr',
  /** Byte n: whether an instruction with rounding mode n may use the host's floating point (NX is raised, and the mode means RNE). */
  'floatFast',
  /** Where the rows of PMP_TABLE end; 0 while every access is allowed. Kept by pmp.ts. */
  'pmpEnd',
  /** Set where physical memory protection divides the page that was accessed last: it must not be cached. */
  'divided',
  /** Units of the clock (`clockEnd`) in which no instruction retired: for traps and skipped time. */
  'notRetired',
  /** What was written to stvec or mtvec last, if it had no effect since its mode is a reserved one; then the second slot is not zero. */
  'refusedVector',
  'vectorRefused',
  /** What cycle and instret are ahead of the clock and of the instructions retired. */
  'cycleOffset',
  'retiredOffset',
  /** Not zero if the page walk sets A and D bits itself (Svadu). */
  'setsAccessed',
  /** Bits of a page table entry that must be zero: those of Svnapot and Svpbmt where the hart has them not, or menvcfg.PBMTE is 0. */
  'reservedPte',
  /** From satp: the number of levels of the page table (0 for no translation, else 3, 4 or 5), and the root table's physical address. */
  'levels',
  'root',
  /** satp when user mode ran last; all ones: it never did. */
  'userSatp',
  /** The hart's number. */
  'hart',
] as const;

/** Slots of the engine, which all harts share. */
const SHARED_SLOTS = [
  /** Instructions that this call of the interpreter may still start: the clock counts down here. */
  'budget',
  /** Set by a load, store or fetch that faulted, for the code that called it. */
  'fault',
  /** Set by the bus when nothing answers. */
  'busFault',
  /** Not zero while every store has to be reported (exec/loop-proof.ts). */
  'recording',
  /** Not zero while translated code may run (exec/translator.ts). */
  'translating',
  /** Address of the entry whose instruction is in the scratch page; 0 if that instruction has no entry. */
  'scratchEntry',
  /** Set when something happened that is not seen by comparing registers and stores: an A or D bit was set, or the time was read. */
  'unreported',
  /** Guest time, in instructions of `instructionTime` nanoseconds, at which the budget will be used up. */
  'clockEnd',
  /** Nanoseconds that each instruction takes. It never changes. */
  'instructionTime',
  /** Ticks that a write to mtime has added to the timebase. */
  'timeOffset',
  /** Bytes of RAM. */
  'ramSize',
  /**
   * Work that generated code has done and the meter (work-meter.ts) has not yet counted: loads and stores, jumps, stores into pages of code,
   * flushes, refreshes, instructions that are counted.
   */
  'slowAccesses',
  'slowFetches',
  'codeStores',
  'generatedFlushes',
  'refreshes',
  'traps',
  'returns',
  'softFloat',
  'reached',
  'decodings',
  /** Flags that the operation of the soft float raises that is being done. */
  'floatFlags',
  /** Not zero where the built-in firmware stands for software in M mode. */
  'firmware',
  /** For a write of satp that stop.ts does: the new value, and what is read. */
  'csrValue',
  /** Levels of the deepest page table that satp accepts. */
  'mostLevels',
  /** Bits of the instruction in the scratch page. */
  'crossingBits',
  /** Not zero while pages are kept before they are stored to for the first time (exec/memory-state.ts). */
  'keeping',
  /** The extensions that the hart has, as bits (exec/decode-table.ts). */
  'extensions',
  /** How many harts there are; and a bit for each that has to empty its TLB when its turn comes. */
  'harts',
  'staleTlbs',
  /** Where the next record of the log of accesses goes (access-log.ts), while there is one. */
  'accessLog',
  /** Where the copy of flash memory lies (flash.ts), and its bytes; 0 where the board has none. */
  'flashHost',
  'flashSize',
] as const;

const SLOTS = [...HART_SLOTS, ...SHARED_SLOTS] as const;

export type Slot = (typeof SLOTS)[number];

const FIRST_SLOT = 512;
export const SLOT = Object.fromEntries(SLOTS.map((name, i) => [name, FIRST_SLOT + i * 8])) as Record<Slot, number>;
const FIRST_SHARED = FIRST_SLOT + HART_SLOTS.length * 8;

/** Physical memory protection as the generated code checks it: a row of first byte, last byte (u64) and flags (u32) for each entry in force. */
export const PMP_TABLE = 0x8000;
export const PMP_ROW = 24;

/** Which entries of the TLB are filled, as far as that is known (tlb.ts). */
export const TLB_FILLED = 0x9000;

/** What is kept of traps for explanations (trap-record.ts). */
export const TRAP_RECORD = 0xa000;
const TRAP_RECORD_BYTES = 0x800;

/** What belongs to one hart, as pairs of first address and address after the last byte. It lies here while the hart has its turn. */
const HART_PARTS = [
  [0, FIRST_SHARED],
  [PMP_TABLE, PMP_TABLE + PMP_ADDRESSES.length * PMP_ROW],
  [TLB_FILLED, TLB_FILLED + 0x804],
  [TRAP_RECORD, TRAP_RECORD + TRAP_RECORD_BYTES],
] as const;
const HART_BYTES = TRAP_RECORD + TRAP_RECORD_BYTES;

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

const wordsOf = (buffer: ArrayBuffer): BigUint64Array => new BigUint64Array(buffer, 0, (FIRST_SLOT >> 3) + SLOTS.length);

/** TypeScript's view of a hart's registers: 64-bit values are bigints, always unsigned. */
export class HartState {
  readonly memory: WebAssembly.Memory;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The hart's registers and slots, eight bytes each, wherever they lie now. */
  words: BigUint64Array;
  /** What belongs to the hart (HART_PARTS), by the addresses that it has in memory while it is the hart's turn. */
  own: DataView;
  readonly #shared: BigUint64Array;
  #parked: Uint8Array | undefined;
  /** Called with a page's number before it is stored to for the first time, while the slot `keeping` is set. */
  keepPage: (page: number) => void = () => {};

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.bytes = new Uint8Array(memory.buffer);
    this.view = new DataView(memory.buffer);
    this.#shared = wordsOf(memory.buffer);
    this.words = this.#shared;
    this.own = this.view;
  }

  /** Whether what belongs to the hart lies elsewhere, since it is the turn of a different one. */
  get isParked(): boolean {
    return this.own !== this.view;
  }

  /** Takes what belongs to the hart out of the memory. */
  park(): void {
    this.#parked ??= new Uint8Array(HART_BYTES);
    copyParts(this.bytes, this.#parked);
    this.#parkIn(this.#parked);
  }

  #parkIn({ buffer }: Uint8Array): void {
    this.words = wordsOf(buffer as ArrayBuffer);
    this.own = new DataView(buffer);
  }

  /** Puts it back. */
  unpark(): void {
    copyParts(this.#parked!, this.bytes);
    this.#unparked();
  }

  #unparked(): void {
    this.words = this.#shared;
    this.own = this.view;
  }

  /** Makes what belongs to a hart zero in the memory, for a new one. */
  clearOwn(): void {
    for (const [from, to] of HART_PARTS) this.bytes.fill(0, from, to);
  }

  /** What is parked, for a snapshot; undefined where it is in the memory. */
  saveParked(): Uint8Array | undefined {
    return this.isParked ? this.#parked!.slice() : undefined;
  }

  restoreParked(parked: Uint8Array | undefined): void {
    if (parked === undefined) return this.#unparked();
    this.#parked = parked.slice();
    this.#parkIn(this.#parked);
  }

  x(register: number): bigint {
    return this.words[register]!;
  }

  setX(register: number, value: bigint): void {
    if (register !== 0) this.words[register] = value;
  }

  f(register: number): bigint {
    return this.words[F / 8 + register]!;
  }

  setF(register: number, value: bigint): void {
    this.words[F / 8 + register] = value;
  }

  get(slot: Slot): bigint {
    return this.#wordsWith(slot)[SLOT[slot] / 8]!;
  }

  set(slot: Slot, value: bigint): void {
    this.#wordsWith(slot)[SLOT[slot] / 8] = value;
  }

  #wordsWith(slot: Slot): BigUint64Array {
    return SLOT[slot] < FIRST_SHARED ? this.words : this.#shared;
  }

  #viewWith(slot: Slot): DataView {
    return SLOT[slot] < FIRST_SHARED ? this.own : this.view;
  }

  /** A whole number of nanoseconds below 2^53. */
  setTime(slot: Slot, time: number): void {
    const view = this.#viewWith(slot);
    view.setUint32(SLOT[slot], time % 0x1_0000_0000, true);
    view.setUint32(SLOT[slot] + 4, Math.floor(time / 0x1_0000_0000), true);
  }

  time(slot: Slot): number {
    const view = this.#viewWith(slot);
    return view.getUint32(SLOT[slot], true) + view.getUint32(SLOT[slot] + 4, true) * 0x1_0000_0000;
  }

  /** For slots that are small: privilege, budget, interrupt. */
  small(slot: Slot): number {
    return this.#viewWith(slot).getInt32(SLOT[slot], true);
  }

  setSmall(slot: Slot, value: number): void {
    const view = this.#viewWith(slot);
    view.setInt32(SLOT[slot], value, true);
    view.setInt32(SLOT[slot] + 4, value >> 31, true);
  }
}

function copyParts(from: Uint8Array, to: Uint8Array): void {
  for (const [first, end] of HART_PARTS) to.set(from.subarray(first, end), first);
}
