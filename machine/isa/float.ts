/**
 * F and D: floating point, one list for both formats.
 * Reference: RISC-V Unprivileged ISA, "F" and "D" extensions, version 2.2. exec/soft/ does rounding and flags; the engine decides
 * when it may use the host's operation instead (exec/host-float.ts).
 */

import type { FloatOperationName } from '../spec/float.ts';
import { type I64, i64, type Statement } from '../wasm/code.ts';
import { define, OPCODE } from './define.ts';
import type { FormatName } from './formats.ts';
import type { Instruction, Semantics, SoftOperation } from './instruction.ts';

interface Kind {
  readonly suffix: 's' | 'd';
  readonly extension: 'f' | 'd';
  /** The fmt field. */
  readonly code: number;
  readonly width: 4 | 8;
  readonly loadName: string;
  readonly storeName: string;
  readonly sign: bigint;
  readonly box: (bits: I64) => I64;
  readonly moveOut: (bits: I64) => I64;
}

const BOX = 0xffffffff00000000n;
const SINGLE: Kind = {
  suffix: 's',
  extension: 'f',
  code: 0,
  width: 4,
  loadName: 'flw',
  storeName: 'fsw',
  sign: 0x80000000n,
  box: (bits) => i64.or(bits, i64.const(BOX)),
  moveOut: i64.extend32S,
};
const DOUBLE: Kind = {
  suffix: 'd',
  extension: 'd',
  code: 1,
  width: 8,
  loadName: 'fld',
  storeName: 'fsd',
  sign: 1n << 63n,
  box: (bits) => bits,
  moveOut: (bits) => bits,
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
  const { suffix, extension, code } = kind;
  const op = (
    name: string,
    format: FormatName,
    funct5: number,
    fields: { funct3?: number; rs2?: number },
    meaning: (s: Semantics) => readonly Statement[],
  ) => define(extension, name, format, { opcode: OPCODE.OP_FP, funct7: (funct5 << 2) | code, ...fields }, meaning, { effects: true });

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

  /** A single that is not NaN-boxed counts as the canonical NaN. */
  const unboxed = (s: Semantics, operand: 'rs1' | 'rs2'): I64 => (suffix === 'd' ? s.float.bits(operand) : s.float.single(operand));
  const sign = (name: string, funct3: number, f: (a: I64, b: I64) => I64) =>
    op(`fsgnj${name}.${suffix}`, 'floatR', 0x04, { funct3 }, (s) => {
      const a = s.temp('i64');
      const b = s.temp('i64');
      return [
        s.float.enabled(),
        a.set(unboxed(s, 'rs1')),
        b.set(i64.and(f(a, unboxed(s, 'rs2')), i64.const(kind.sign))),
        s.float.rd(kind.box(i64.or(i64.and(a, i64.const(~kind.sign)), b))),
      ];
    });

  return [
    define(
      extension,
      kind.loadName,
      'floatLoad',
      { opcode: OPCODE.LOAD_FP, funct3: 2 + code },
      (s) => [s.float.enabled(), s.float.rd(kind.box(s.load(kind.width, 'unsigned', i64.add(s.rs1, s.imm))))],
      { effects: true },
    ),
    define(
      extension,
      kind.storeName,
      'floatStore',
      { opcode: OPCODE.STORE_FP, funct3: 2 + code },
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
    op(suffix === 's' ? 'fmv.x.w' : 'fmv.x.d', 'floatMoveOut', 0x1c, { funct3: 0, rs2: 0 }, (s) => [
      s.float.enabled(),
      s.rd(kind.moveOut(s.float.bits('rs1'))),
    ]),
    op(suffix === 's' ? 'fmv.w.x' : 'fmv.d.x', 'floatMoveIn', 0x1e, { funct3: 0, rs2: 0 }, (s) => [
      s.float.enabled(),
      s.float.rd(kind.box(suffix === 's' ? i64.and(s.rs1, i64.const(0xffffffff)) : s.rs1)),
    ]),
  ];
}

export const F: readonly Instruction[] = forKind(SINGLE);

const NARROW = numbered({ operation: 'fcvt.fmt.d', format: 's', result: 's', sources: ['rs1'], sourceFormat: 'd', rounds: true });
const WIDEN = numbered({ operation: 'fcvt.fmt.s', format: 'd', result: 'd', sources: ['rs1'], sourceFormat: 's', rounds: true });

export const D: readonly Instruction[] = [
  ...forKind(DOUBLE),
  define('d', 'fcvt.s.d', 'floatUnary', { opcode: OPCODE.OP_FP, funct7: 0x20, rs2: 1 }, (s) => [s.float.operate(NARROW)], {
    effects: true,
  }),
  define('d', 'fcvt.d.s', 'floatUnary', { opcode: OPCODE.OP_FP, funct7: 0x21, rs2: 0 }, (s) => [s.float.operate(WIDEN)], { effects: true }),
];
