/**
 * F, D and Zfh with Zfhmin: floating point, one list for all formats.
 * Reference: RISC-V Unprivileged ISA, "F" and "D" extensions, version 2.2, "Zfh" and "Zfhmin", version 1.0. exec/soft/ does rounding and flags; the engine decides
 * when it may use the host's operation instead (exec/host-float.ts).
 */

import type { FloatOperationName } from '../spec/float.ts';
import { type I64, i64, type Statement } from '../wasm/code.ts';
import { define, OPCODE, zeroWord } from './define.ts';
import type { FormatName } from './formats.ts';
import type { Extension, FloatFormat, FloatSemantics, Instruction, Semantics, SoftOperation } from './instruction.ts';

interface Kind {
  readonly suffix: FloatFormat;
  readonly extension: 'f' | 'd' | 'zfh';
  /** What loads, stores and moves belong to. */
  readonly moves: 'f' | 'd' | 'zfhmin';
  /** The fmt field. */
  readonly code: number;
  readonly width: 2 | 4 | 8;
  /** The funct3 field of loads and stores. */
  readonly widthCode: number;
  /** The letter for the format in the names of moves. */
  readonly moveName: string;
  readonly loadName: string;
  readonly storeName: string;
  readonly sign: bigint;
  readonly box: (bits: I64) => I64;
  readonly moveOut: (bits: I64) => I64;
  readonly moveIn: (value: I64) => I64;
  /** The bits of an operand; what is not NaN-boxed counts as the canonical NaN. */
  readonly unboxed: (float: FloatSemantics, operand: 'rs1' | 'rs2') => I64;
}

const BOX = 0xffffffff00000000n;
const BOX_HALF = 0xffffffffffff0000n;
const SINGLE: Kind = {
  suffix: 's',
  extension: 'f',
  moves: 'f',
  code: 0,
  width: 4,
  widthCode: 2,
  moveName: 'w',
  loadName: 'flw',
  storeName: 'fsw',
  sign: 0x80000000n,
  box: (bits) => i64.or(bits, i64.const(BOX)),
  moveOut: i64.extend32S,
  moveIn: zeroWord,
  unboxed: (float, operand) => float.single(operand),
};
const DOUBLE: Kind = {
  suffix: 'd',
  extension: 'd',
  moves: 'd',
  code: 1,
  width: 8,
  widthCode: 3,
  moveName: 'd',
  loadName: 'fld',
  storeName: 'fsd',
  sign: 1n << 63n,
  box: (bits) => bits,
  moveOut: (bits) => bits,
  moveIn: (value) => value,
  unboxed: (float, operand) => float.bits(operand),
};
const HALF: Kind = {
  suffix: 'h',
  extension: 'zfh',
  moves: 'zfhmin',
  code: 2,
  width: 2,
  widthCode: 1,
  moveName: 'h',
  loadName: 'flh',
  storeName: 'fsh',
  sign: 0x8000n,
  box: (bits) => i64.or(bits, i64.const(BOX_HALF)),
  moveOut: i64.extend16S,
  moveIn: (value) => i64.and(value, i64.const(0xffff)),
  unboxed: (float, operand) => float.half(operand),
};

const INTEGERS: readonly ['w' | 'wu' | 'l' | 'lu', number][] = [
  ['w', 0],
  ['wu', 1],
  ['l', 2],
  ['lu', 3],
];

/** Every operation that may need the soft float, by number. */
export const SOFT_OPERATIONS: SoftOperation[] = [];

function numbered(row: Omit<SoftOperation, 'number'>): SoftOperation {
  const operation = { ...row, number: SOFT_OPERATIONS.length };
  SOFT_OPERATIONS.push(operation);
  return operation;
}

function soft(
  operation: FloatOperationName,
  kind: Kind,
  result: SoftOperation['result'],
  sources: SoftOperation['sources'],
  { rounds }: Pick<SoftOperation, 'rounds'>,
): (s: Semantics) => Statement[] {
  const row = numbered({ operation, format: kind.suffix, result, sources, rounds });
  return (s) => [s.float.operate(row)];
}

function forKind(kind: Kind): readonly Instruction[] {
  const { suffix, extension, moves, code, unboxed } = kind;
  const op = (
    name: string,
    format: FormatName,
    funct5: number,
    fields: { funct3?: number; rs2?: number },
    meaning: (s: Semantics) => readonly Statement[],
    from: Extension = extension,
  ) => define(from, name, format, { opcode: OPCODE.OP_FP, funct7: (funct5 << 2) | code, ...fields }, meaning, { effects: true });

  const arithmetic = (name: 'fadd' | 'fsub' | 'fmul' | 'fdiv', funct5: number) =>
    op(`${name}.${suffix}`, 'floatRounded', funct5, {}, soft(name, kind, suffix, ['rs1', 'rs2'], { rounds: true }));

  const compare = (
    name: 'fmin' | 'fmax' | 'feq' | 'flt' | 'fle',
    funct5: number,
    funct3: number,
    format: FormatName,
    result: 'x' | typeof suffix,
  ) => op(`${name}.${suffix}`, format, funct5, { funct3 }, soft(name, kind, result, ['rs1', 'rs2'], { rounds: false }));

  const fused = (name: 'fmadd' | 'fmsub' | 'fnmsub' | 'fnmadd', opcode: number) =>
    define(
      extension,
      `${name}.${suffix}`,
      'R4',
      { opcode, funct7: code },
      soft(name, kind, suffix, ['rs1', 'rs2', 'rs3'], { rounds: true }),
      { effects: true },
    );

  const sign = (name: string, funct3: number, f: (a: I64, b: I64) => I64) =>
    op(`fsgnj${name}.${suffix}`, 'floatR', 0x04, { funct3 }, (s) => {
      const a = s.temp('i64');
      const b = s.temp('i64');
      return [
        s.float.enabled(),
        a.set(unboxed(s.float, 'rs1')),
        b.set(i64.and(f(a, unboxed(s.float, 'rs2')), i64.const(kind.sign))),
        s.float.rd(kind.box(i64.or(i64.and(a, i64.const(~kind.sign)), b))),
      ];
    });

  return [
    define(
      moves,
      kind.loadName,
      'floatLoad',
      { opcode: OPCODE.LOAD_FP, funct3: kind.widthCode },
      (s) => [s.float.enabled(), s.float.rd(kind.box(s.load(kind.width, 'unsigned', i64.add(s.rs1, s.imm))))],
      { effects: true },
    ),
    define(
      moves,
      kind.storeName,
      'floatStore',
      { opcode: OPCODE.STORE_FP, funct3: kind.widthCode },
      (s) => [s.float.enabled(), s.store(kind.width, i64.add(s.rs1, s.imm), s.float.bits('rs2'))],
      { effects: true },
    ),
    arithmetic('fadd', 0x00),
    arithmetic('fsub', 0x01),
    arithmetic('fmul', 0x02),
    arithmetic('fdiv', 0x03),
    op(`fsqrt.${suffix}`, 'floatUnary', 0x0b, { rs2: 0 }, soft('fsqrt', kind, suffix, ['rs1'], { rounds: true })),
    sign('', 0, (_, b) => b),
    sign('n', 1, (_, b) => i64.xor(b, i64.const(-1))),
    sign('x', 2, i64.xor),
    compare('fmin', 0x05, 0, 'floatR', suffix),
    compare('fmax', 0x05, 1, 'floatR', suffix),
    compare('fle', 0x14, 0, 'floatCompare', 'x'),
    compare('flt', 0x14, 1, 'floatCompare', 'x'),
    compare('feq', 0x14, 2, 'floatCompare', 'x'),
    op(`fclass.${suffix}`, 'floatMoveOut', 0x1c, { funct3: 1, rs2: 0 }, soft('fclass', kind, 'x', ['rs1'], { rounds: false })),
    ...INTEGERS.map(([name, rs2]) =>
      op(`fcvt.${name}.${suffix}`, 'floatToInteger', 0x18, { rs2 }, soft(`fcvt.${name}.fmt`, kind, 'x', ['rs1'], { rounds: true })),
    ),
    ...INTEGERS.map(([name, rs2]) =>
      op(`fcvt.${suffix}.${name}`, 'integerToFloat', 0x1a, { rs2 }, soft(`fcvt.fmt.${name}`, kind, suffix, ['x'], { rounds: true })),
    ),
    fused('fmadd', OPCODE.MADD),
    fused('fmsub', OPCODE.MSUB),
    fused('fnmsub', OPCODE.NMSUB),
    fused('fnmadd', OPCODE.NMADD),
    op(
      `fmv.x.${kind.moveName}`,
      'floatMoveOut',
      0x1c,
      { funct3: 0, rs2: 0 },
      (s) => [s.float.enabled(), s.rd(kind.moveOut(s.float.bits('rs1')))],
      moves,
    ),
    op(
      `fmv.${kind.moveName}.x`,
      'floatMoveIn',
      0x1e,
      { funct3: 0, rs2: 0 },
      (s) => [s.float.enabled(), s.float.rd(kind.box(kind.moveIn(s.rs1)))],
      moves,
    ),
  ];
}

export const F: readonly Instruction[] = forKind(SINGLE);

/** A conversion between formats, named after its result and its source. */
function conversion(to: Kind, from: Kind, extension: Extension, other?: 'd'): Instruction {
  const sourceFormat = from.suffix;
  const row = numbered({
    operation: `fcvt.fmt.${sourceFormat}`,
    format: to.suffix,
    result: to.suffix,
    sources: ['rs1'],
    sourceFormat,
    rounds: true,
  });
  const encoding = { opcode: OPCODE.OP_FP, funct7: (0x08 << 2) | to.code, rs2: from.code };
  return define(extension, `fcvt.${to.suffix}.${sourceFormat}`, 'floatUnary', encoding, (s) => [s.float.operate(row)], {
    effects: true,
    ...(other && { with: other }),
  });
}

export const D: readonly Instruction[] = [...forKind(DOUBLE), conversion(SINGLE, DOUBLE, 'd'), conversion(DOUBLE, SINGLE, 'd')];

export const ZFH: readonly Instruction[] = [
  ...forKind(HALF),
  conversion(SINGLE, HALF, 'zfhmin'),
  conversion(HALF, SINGLE, 'zfhmin'),
  conversion(DOUBLE, HALF, 'zfhmin', 'd'),
  conversion(HALF, DOUBLE, 'zfhmin', 'd'),
];
