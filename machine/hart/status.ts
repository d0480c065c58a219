/** Fields of mstatus and sstatus. Reference: RISC-V Privileged Architecture, "Machine Status Registers". */
const bit = (n: number): bigint => 1n << BigInt(n);

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

export const MPP_SHIFT = 11n;
export const SPP_SHIFT = 8n;
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
  STCE: bit(63),
} as const;
