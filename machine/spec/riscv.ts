/**
 * Numbers of the RISC-V specifications that more than one part of the machine needs; each is written only here.
 *
 * Reference: RISC-V Privileged Architecture; each table names its section. CSR numbers are in hart/csr.ts, instruction formats in isa/.
 * This file imports nothing.
 */

/** Causes of exceptions (table "Machine cause register (mcause) values after trap"). */
export const EXCEPTION = {
  instructionMisaligned: 0,
  instructionAccess: 1,
  illegalInstruction: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  loadAccess: 5,
  storeMisaligned: 6,
  storeAccess: 7,
  ecallFromU: 8,
  ecallFromS: 9,
  ecallFromM: 11,
  instructionPage: 12,
  loadPage: 13,
  storePage: 15,
} as const;

export type Exception = (typeof EXCEPTION)[keyof typeof EXCEPTION];

/** Interrupt numbers: bits of mip and mie. */
export const INTERRUPT = {
  supervisorSoftware: 1,
  machineSoftware: 3,
  supervisorTimer: 5,
  machineTimer: 7,
  supervisorExternal: 9,
  machineExternal: 11,
} as const;

/** Highest first (Privileged Architecture, "Machine Interrupt Registers"). */
export const INTERRUPT_PRIORITY: readonly number[] = [11, 3, 7, 9, 1, 5];

export const PRIVILEGE = { user: 0, supervisor: 1, machine: 3 } as const;

const bit = (n: number): bigint => 1n << BigInt(n);

/** Fields of mstatus and sstatus ("Machine Status Registers"). */
export const STATUS = {
  SIE: bit(1),
  MIE: bit(3),
  SPIE: bit(5),
  MPIE: bit(7),
  SPP: bit(8),
  MPP: 3n << 11n,
  FS: 3n << 13n,
  MPRV: bit(17),
  SUM: bit(18),
  MXR: bit(19),
  TVM: bit(20),
  TW: bit(21),
  TSR: bit(22),
  UXL: 3n << 32n,
  SXL: 3n << 34n,
  SD: bit(63),
} as const;

/** FS lies in the second byte of mstatus. */
export const FS_BYTE = 1;
export const FS_IN_BYTE = 0x60;

/** Fields of menvcfg and senvcfg (Privileged Architecture, "Machine Environment Configuration Register"). */
export const ENVCFG = {
  FIOM: bit(0),
  CBIE: 3n << 4n,
  CBCFE: bit(6),
  CBZE: bit(7),
  ADUE: bit(61),
  PBMTE: bit(62),
  STCE: bit(63),
} as const;

/** A page, the unit of translation: 4 KiB ("Sv39"). */
export const PAGE_BYTES = 4096;
export const PAGE_SHIFT = 12;

/** A level of the page table: a page of 512 entries of 8 bytes, selected by 9 bits of the address (Sv39, Sv48, Sv57). */
export const PAGE_TABLE = { entryBytes: 8, indexBits: 9, indexMask: 511 } as const;

/** Flags of a page table entry. */
export const PTE = { V: 1n, R: 2n, W: 4n, X: 8n, U: 16n, G: 32n, A: 64n, D: 128n } as const;
/** Bits of an entry that must be zero, whatever the hart has. */
export const PTE_RESERVED = 0x7fn << 54n;
/** Svpbmt: the type of the page's memory. Its value 3 is reserved. Svnapot: the page is one of a naturally aligned 64 KiB that are mapped alike. */
export const PTE_PBMT = 3n << 61n;
export const PTE_N = 1n << 63n;
/** The lowest bits of the physical page number where N is set: only this value, which stands for 64 KiB, is not reserved. */
export const NAPOT = { bits: 4, encoded: 8n } as const;
/** The lowest bit of an entry's physical page number, and the mask for the number after it was shifted down. */
export const PTE_PPN_SHIFT = 10;
export const PTE_PPN_MASK = (1n << 44n) - 1n;

/** Bits of an entry of pmpcfg ("Physical Memory Protection"). */
export const PMP_PERMISSION = { R: 1, W: 2, X: 4 } as const;
export const PMP_LOCKED = 0x80;
