/**
 * Instruction formats: which bits hold which operand, how a decoded entry keeps them, and how assembly writes them.
 * Reference: RISC-V Unprivileged ISA, chapters 2.2-2.3, and the formats of Zicsr, A, F and D.
 */

/** The operands of one instruction. `imm` is a signed 32-bit value; CSR numbers and fence sets are kept in it, too. */
export interface Operands {
  rd: number;
  rs1: number;
  rs2: number;
  rs3: number;
  rm: number;
  imm: number;
}

export const NO_OPERANDS: Operands = { rd: 0, rs1: 0, rs2: 0, rs3: 0, rm: 0, imm: 0 };

/** How assembly shows one operand. `frd` and the like are floating-point registers. */
export type SyntaxPart =
  | 'rd'
  | 'rs1'
  | 'rs2'
  | 'frd'
  | 'frs1'
  | 'frs2'
  | 'frs3'
  | 'imm'
  | 'uimm'
  | 'target'
  | 'csr'
  | 'zimm'
  | 'rm'
  | 'imm(rs1)'
  | '(rs1)'
  | 'fence';

export interface Format {
  /** The bits that hold operands; all other bits must match. */
  readonly fields: number;
  readonly syntax: readonly SyntaxPart[];
  decode(bits: number): Partial<Operands>;
  encode(o: Operands): number;
  /** Where the decoded entry keeps rs2: in a byte of the immediate, or in rd's place. */
  readonly rs2: 'immediate' | 'rd';
}

const bits = (word: number, high: number, low: number): number => (word >>> low) & ((1 << (high - low + 1)) - 1);
const RD = 0x1f << 7;
const RM = 7 << 12;
const RS1 = 0x1f << 15;
const RS2 = 0x1f << 20;
const RS3 = 0x1f << 27;
const IMM12 = 0xfff << 20;

const rdOf = (w: number) => bits(w, 11, 7);
const rs1Of = (w: number) => bits(w, 19, 15);
const rs2Of = (w: number) => bits(w, 24, 20);

const registers = (o: Operands) => (o.rd << 7) | (o.rs1 << 15) | (o.rs2 << 20);

const r = (...syntax: SyntaxPart[]): Format => ({
  fields: RD | RS1 | RS2,
  syntax,
  decode: (w) => ({ rd: rdOf(w), rs1: rs1Of(w), rs2: rs2Of(w) }),
  encode: registers,
  rs2: 'immediate',
});

const unary = (...syntax: SyntaxPart[]): Format => ({
  ...r(...syntax),
  fields: RD | RS1,
  decode: (w) => ({ rd: rdOf(w), rs1: rs1Of(w) }),
  encode: (o) => (o.rd << 7) | (o.rs1 << 15),
});

const rounded = (base: Format, ...syntax: SyntaxPart[]): Format => ({
  ...base,
  syntax,
  fields: base.fields | RM,
  decode: (w) => ({ ...base.decode(w), rm: bits(w, 14, 12) }),
  encode: (o) => base.encode(o) | (o.rm << 12),
});

const i = (...syntax: SyntaxPart[]): Format => ({
  fields: RD | RS1 | IMM12,
  syntax,
  decode: (w) => ({ rd: rdOf(w), rs1: rs1Of(w), imm: w >> 20 }),
  encode: (o) => (o.rd << 7) | (o.rs1 << 15) | (o.imm << 20),
  rs2: 'immediate',
});

const s = (...syntax: SyntaxPart[]): Format => ({
  fields: RS1 | RS2 | (0x7f << 25) | RD,
  syntax,
  decode: (w) => ({ rs1: rs1Of(w), rs2: rs2Of(w), imm: ((w >> 25) << 5) | rdOf(w) }),
  encode: (o) => (o.rs1 << 15) | (o.rs2 << 20) | ((o.imm & 0x1f) << 7) | ((o.imm >> 5) << 25),
  rs2: 'rd',
});

const shift = (width: 5 | 6): Format => ({
  fields: RD | RS1 | (((1 << width) - 1) << 20),
  syntax: ['rd', 'rs1', 'uimm'],
  decode: (w) => ({ rd: rdOf(w), rs1: rs1Of(w), imm: bits(w, 19 + width, 20) }),
  encode: (o) => (o.rd << 7) | (o.rs1 << 15) | (o.imm << 20),
  rs2: 'immediate',
});

const fixed = (fields: number, ...syntax: SyntaxPart[]): Format => ({ ...r(...syntax), fields, decode: () => ({}), encode: () => 0 });

const csr = (source: SyntaxPart): Format => ({
  ...i('rd', 'csr', source),
  decode: (w) => ({ rd: rdOf(w), rs1: rs1Of(w), imm: w >>> 20 }),
});

const R4: Format = {
  ...r('frd', 'frs1', 'frs2', 'frs3', 'rm'),
  fields: RD | RS1 | RS2 | RS3 | RM,
  decode: (w) => ({ rd: rdOf(w), rs1: rs1Of(w), rs2: rs2Of(w), rs3: bits(w, 31, 27), rm: bits(w, 14, 12) }),
  encode: (o) => registers(o) | (o.rs3 << 27) | (o.rm << 12),
};

export const FORMATS = {
  R: r('rd', 'rs1', 'rs2'),
  /** One source: Zbb's count and extend instructions. */
  unary: unary('rd', 'rs1'),
  I: i('rd', 'rs1', 'imm'),
  load: i('rd', 'imm(rs1)'),
  shift5: shift(5),
  shift6: shift(6),
  S: s('rs2', 'imm(rs1)'),
  B: {
    ...s('rs1', 'rs2', 'target'),
    decode: (w) => ({
      rs1: rs1Of(w),
      rs2: rs2Of(w),
      imm: ((w >> 31) << 12) | (bits(w, 7, 7) << 11) | (bits(w, 30, 25) << 5) | (bits(w, 11, 8) << 1),
    }),
    encode: (o) =>
      (o.rs1 << 15) |
      (o.rs2 << 20) |
      (bits(o.imm, 12, 12) << 31) |
      (bits(o.imm, 10, 5) << 25) |
      (bits(o.imm, 4, 1) << 8) |
      (bits(o.imm, 11, 11) << 7),
  },
  U: {
    fields: RD | (0xfffff << 12),
    syntax: ['rd', 'imm'],
    decode: (w) => ({ rd: rdOf(w), imm: w & ~0xfff }),
    encode: (o) => (o.rd << 7) | (o.imm & ~0xfff),
    rs2: 'immediate',
  },
  J: {
    fields: RD | (0xfffff << 12),
    syntax: ['rd', 'target'],
    decode: (w) => ({
      rd: rdOf(w),
      imm: ((w >> 31) << 20) | (bits(w, 19, 12) << 12) | (bits(w, 20, 20) << 11) | (bits(w, 30, 21) << 1),
    }),
    encode: (o) =>
      (o.rd << 7) | (bits(o.imm, 20, 20) << 31) | (bits(o.imm, 10, 1) << 21) | (bits(o.imm, 11, 11) << 20) | (bits(o.imm, 19, 12) << 12),
    rs2: 'immediate',
  },
  none: fixed(0),
  /** fm, pred, succ and the reserved register fields. With one hart none of them has an effect. */
  fence: { ...fixed(RD | RS1 | IMM12, 'fence'), decode: (w) => ({ imm: bits(w, 27, 20) }), encode: (o) => (o.imm & 0xff) << 20 },
  /** FENCE.I: its fields are reserved and must be ignored. */
  ignored: fixed(RD | RS1 | IMM12),
  sfence: { ...r('rs1', 'rs2'), fields: RS1 | RS2, decode: (w) => ({ rs1: rs1Of(w), rs2: rs2Of(w) }) },
  cacheBlock: { ...fixed(RS1, '(rs1)'), decode: (w) => ({ rs1: rs1Of(w) }), encode: (o) => o.rs1 << 15 },
  csr: csr('rs1'),
  csri: csr('zimm'),
  /** aq and rl have no effect with one hart, which executes in order. */
  amo: {
    ...r('rd', 'rs2', '(rs1)'),
    fields: RD | RS1 | RS2 | (3 << 25),
    encode: (o) => registers(o) | ((o.imm & 3) << 25),
    decode: (w) => ({ rd: rdOf(w), rs1: rs1Of(w), rs2: rs2Of(w), imm: bits(w, 26, 25) }),
  },
  lr: {
    ...unary('rd', '(rs1)'),
    fields: RD | RS1 | (3 << 25),
    encode: (o) => (o.rd << 7) | (o.rs1 << 15) | ((o.imm & 3) << 25),
    decode: (w) => ({ rd: rdOf(w), rs1: rs1Of(w), imm: bits(w, 26, 25) }),
  },
  floatLoad: i('frd', 'imm(rs1)'),
  floatStore: s('frs2', 'imm(rs1)'),
  floatR: r('frd', 'frs1', 'frs2'),
  floatRounded: rounded(r(), 'frd', 'frs1', 'frs2', 'rm'),
  floatUnary: rounded(unary(), 'frd', 'frs1', 'rm'),
  floatCompare: r('rd', 'frs1', 'frs2'),
  floatToInteger: rounded(unary(), 'rd', 'frs1', 'rm'),
  integerToFloat: rounded(unary(), 'frd', 'rs1', 'rm'),
  /** fmv and fclass: no rounding. */
  floatMoveOut: unary('rd', 'frs1'),
  floatMoveIn: unary('frd', 'rs1'),
  R4,
} satisfies Record<string, Format>;

export type FormatName = keyof typeof FORMATS;

/** Formats without rd, or whose rd is a floating-point register: the number 0 has no special meaning there. */
export function writesIntegerRegister(format: FormatName): boolean {
  return (FORMATS[format].syntax as readonly SyntaxPart[])[0] === 'rd';
}
