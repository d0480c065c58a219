/** The hart's registers and the slots after them, eight bytes each: by these names generated code and TypeScript find them in the one memory. */

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
export const FIRST_SHARED = FIRST_SLOT + HART_SLOTS.length * 8;

/** Where the last slot ends. */
export const SLOTS_END = FIRST_SLOT + SLOTS.length * 8;
