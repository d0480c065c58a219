/**
 * Floating point: the exception flags, the rounding modes and the names of the computational instructions.
 *
 * Reference: RISC-V unprivileged ISA, "F" extension, fcsr, and "D" extension, version 2.2; "Zfh".
 */

/** The bits of `fflags`, the five low ones of `fcsr`. */
export const Flag = {
  /** Inexact. */
  NX: 1,
  /** Underflow. */
  UF: 2,
  /** Overflow. */
  OF: 4,
  /** Divide by zero. */
  DZ: 8,
  /** Invalid operation. */
  NV: 16,
} as const;

/** The static encodings of `rm`: not DYN (7), which stands for `frm`, and not 5 and 6, which are reserved. */
export const RoundingMode = {
  /** To nearest, ties to even. */
  RNE: 0,
  /** Towards zero. */
  RTZ: 1,
  /** Down, towards -∞. */
  RDN: 2,
  /** Up, towards +∞. */
  RUP: 3,
  /** To nearest, ties to the larger magnitude. */
  RMM: 4,
} as const;

export type RoundingMode = (typeof RoundingMode)[keyof typeof RoundingMode];

/** Mnemonics of what interprets its operands, without the suffix of the format. In conversions `fmt` stands in its place, as in the specification. */
export const FLOAT_OPERATIONS = [
  'fadd',
  'fsub',
  'fmul',
  'fdiv',
  'fsqrt',
  'fmadd',
  'fmsub',
  'fnmsub',
  'fnmadd',
  'fmin',
  'fmax',
  'feq',
  'flt',
  'fle',
  'fclass',
  'fcvt.w.fmt',
  'fcvt.wu.fmt',
  'fcvt.l.fmt',
  'fcvt.lu.fmt',
  'fcvt.fmt.w',
  'fcvt.fmt.wu',
  'fcvt.fmt.l',
  'fcvt.fmt.lu',
  'fcvt.fmt.s',
  'fcvt.fmt.d',
  'fcvt.fmt.h',
] as const;

export type FloatOperationName = (typeof FLOAT_OPERATIONS)[number];
