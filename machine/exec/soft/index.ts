/**
 * The soft float: each floating-point instruction that the host's own operation may not do (semantics.ts says when), as generated code. It takes
 * operands from the registers that a decoded entry names, and writes result and flags back.
 *
 * machine/testkit/float/ computes the same with exact integers, for clarity and not for speed: tests compare the two.
 * Reference: RISC-V Unprivileged ISA, "F" extension, "Floating-Point Control and Status Register".
 */

import type { SoftOperation } from '../../isa/instruction.ts';
import { DYNAMIC_ROUNDING } from '../../isa/registers.ts';
import { countWork, setSlot32, setSlot64, slot32, slot64 } from '../../layout/slot-access.ts';
import { F, X } from '../../layout/slots.ts';
import { Flag } from '../../spec/float.ts';
import { STATUS } from '../../spec/riscv.ts';
import {
  block,
  branch,
  branchTable,
  type Callable,
  call,
  callVoid,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  label,
  returns,
  type Statement,
  select,
  sequence,
  when,
} from '../../wasm/code.ts';
import type { FunctionBuilder, ModuleBuilder } from '../../wasm/module.ts';
import { type ArithmeticCode, buildArithmetic, FUSED } from './arithmetic.ts';
import { buildConversions, type ConversionCode, classOf, compare, INTEGER, prefersFirst } from './convert.ts';
import { buildNumbers, canonicalNaN, FORMAT, isNan, isSignaling, isZero, type NumberCode, raise } from './number.ts';

/** What a register holds beside a number of fewer bits, and what it counts as where it does not (NaN boxing). */
const BOX = {
  s: { bits: 32, number: 0xffff_ffffn, nan: 0x7fc0_0000, upper: 0xffff_ffffn },
  h: { bits: 16, number: 0xffffn, nan: 0x7e00, upper: 0xffff_ffff_ffffn },
} as const;
/** Exponent of the least normal number. */
const LEAST_EXPONENT = { d: -1022, s: -126, h: -14 } as const;
const ONE = 0x3ffn << 52n;
const HIGHEST_MODE = 4;

interface Parts extends NumberCode, ArithmeticCode, ConversionCode {
  /** The operands, as binary64 patterns; an integer as it is. And, for FMIN and FMAX, as they are in the registers. */
  readonly operands: readonly Local<'i64'>[];
  readonly bits: readonly Local<'i64'>[];
  readonly mode: I32;
  readonly set: (value: I64) => Statement;
  readonly scale: Local<'i32'>;
}

const integerKind = (suffix: string): number =>
  (suffix.endsWith('u') ? INTEGER.isUnsigned : 0) | (suffix.startsWith('l') ? INTEGER.isLong : 0);

/** Computes one operation. */
function compute({ operation, format }: SoftOperation, p: Parts): readonly Statement[] {
  const [a, b, c] = p.operands as [Local<'i64'>, Local<'i64'>, Local<'i64'>];
  const { mode, set } = p;
  const target = i32.const(FORMAT[format]);
  const fused = (x: I64, y: I64, z: I64, kind: number) => [set(call(p.fused, x, y, z, mode, target, i32.const(kind)))];
  switch (operation) {
    case 'fadd':
      return fused(a, i64.const(ONE), b, 0);
    case 'fsub':
      return fused(a, i64.const(ONE), b, FUSED.negatesAddend);
    case 'fmul':
      return fused(a, b, i64.const(0), FUSED.hasNoAddend);
    case 'fmadd':
      return fused(a, b, c, 0);
    case 'fmsub':
      return fused(a, b, c, FUSED.negatesAddend);
    case 'fnmsub':
      return fused(a, b, c, FUSED.negatesProduct);
    case 'fnmadd':
      return fused(a, b, c, FUSED.negatesProduct | FUSED.negatesAddend);
    case 'fdiv':
      return [set(call(p.divide, a, b, mode, target))];
    case 'fsqrt':
      return [set(call(p.squareRoot, a, mode, target))];
    case 'fmin':
    case 'fmax':
      return [
        when(i32.or(isSignaling(a), isSignaling(b)), [raise(Flag.NV)]),
        when(
          i32.and(isNan(a), isNan(b)),
          [set(canonicalNaN(target))],
          [set(select(prefersFirst(operation, a, b), p.bits[0]!, p.bits[1]!))],
        ),
      ];
    case 'feq':
    case 'flt':
    case 'fle':
      return compare(operation, a, b, set);
    case 'fclass':
      return [
        p.scale.set(i32.const(0)),
        when(i32.eqz(isZero(a)), [p.scale.set(call(p.exponent, a))]),
        set(classOf(a, p.scale, LEAST_EXPONENT[format])),
      ];
    case 'fcvt.w.fmt':
    case 'fcvt.wu.fmt':
    case 'fcvt.l.fmt':
    case 'fcvt.lu.fmt':
      return [set(call(p.toInteger, a, mode, i32.const(integerKind(operation.split('.')[1]!))))];
    case 'fcvt.fmt.w':
    case 'fcvt.fmt.wu':
    case 'fcvt.fmt.l':
    case 'fcvt.fmt.lu':
      return [set(call(p.fromInteger, a, mode, target, i32.const(integerKind(operation.split('.')[2]!))))];
    case 'fcvt.fmt.s':
    case 'fcvt.fmt.d':
    case 'fcvt.fmt.h':
      return [
        when(
          isNan(a),
          [when(isSignaling(a), [raise(Flag.NV)]), set(canonicalNaN(target))],
          // The same number, as a product with one.
          fused(a, i64.const(ONE), i64.const(0), FUSED.hasNoAddend),
        ),
      ];
  }
}

/** The operands of one operation. */
function take(row: SoftOperation, at: I32, { operands, bits, widen, widenHalf }: Parts): readonly Statement[] {
  const source = row.sourceFormat ?? row.format;
  const FIELD = { rs1: 3, rs2: 4, rs3: 5 } as const;
  return row.sources.flatMap((name, n) => {
    if (name === 'x') return [operands[n]!.set(i64.load(i32.load8u(at, FIELD.rs1), X))];
    const register = i64.load(i32.load8u(at, FIELD[name]), F);
    if (source === 'd') return [operands[n]!.set(register), bits[n]!.set(operands[n]!)];
    // A number that is not NaN-boxed counts as the canonical NaN.
    const box = BOX[source];
    const isBoxed = i64.eq(i64.shrU(bits[n]!, i64.const(box.bits)), i64.const(box.upper));
    return [
      bits[n]!.set(register),
      bits[n]!.set(select(isBoxed, i64.and(bits[n]!, i64.const(box.number)), i64.const(box.nan))),
      operands[n]!.set(call(source === 's' ? widen : widenHalf, bits[n]!)),
    ];
  });
}

const markDirty = (): Statement => setSlot64('mstatus', i64.or(slot64('mstatus'), i64.const(STATUS.FS | STATUS.SD)));

function put(row: SoftOperation, at: I32, result: I64): readonly Statement[] {
  const rd = i32.load8u(at, 2);
  switch (row.result) {
    case 'x':
      return [when(rd, [i64.store(rd, result, X)])];
    case 's':
    case 'h':
      return [i64.store(rd, i64.or(result, i64.const(BOX[row.result].upper << BigInt(BOX[row.result].bits))), F), markDirty()];
    case 'd':
      return [i64.store(rd, result, F), markDirty()];
  }
}

/** (number of the operation, entry) -> 1 where its rounding mode is reserved, so that it is illegal. */
export function buildSoftFloat(
  module: ModuleBuilder,
  operations: readonly SoftOperation[],
  floatChanged: Callable<undefined>,
): Callable<'i32'> {
  const numbers = buildNumbers(module);
  const code = { ...numbers, ...buildArithmetic(module, numbers), ...buildConversions(module, numbers) };
  const f: FunctionBuilder<'i32'> = module.function(['i32', 'i32'], 'i32');
  const number = f.parameter(0, 'i32');
  const at = f.parameter(1, 'i32');
  const mode = f.local('i32');
  const result = f.local('i64');
  const three = () => [f.local('i64'), f.local('i64'), f.local('i64')];
  const parts: Parts = {
    ...code,
    operands: three(),
    bits: three(),
    mode,
    set: (value) => result.set(value),
    scale: f.local('i32'),
  };
  const done = label('done');
  const unknown = label('unknown operation');
  const labels = operations.map(({ operation }) => label(operation));
  const cases = operations.reduce<Statement>(
    (inner, row, n) =>
      sequence(
        block(labels[n]!, inner),
        ...(row.rounds ? [when(i32.gtU(mode, i32.const(HIGHEST_MODE)), [returns(i32.const(1))])] : []),
        ...take(row, at, parts),
        ...compute(row, parts),
        ...put(row, at, result),
        branch(done),
      ),
    branchTable(number, labels, unknown),
  );
  f.body(
    mode.set(i32.load8u(at, 6)),
    when(i32.eq(mode, i32.const(DYNAMIC_ROUNDING)), [mode.set(slot32('frm'))]),
    setSlot32('floatFlags', i32.const(0)),
    block(done, block(unknown, cases), returns(i32.const(1))),
    countWork('softFloat'),
    when(i32.and(slot32('floatFlags'), i32.xor(slot32('fflags'), i32.const(-1))), [
      setSlot32('fflags', i32.or(slot32('fflags'), slot32('floatFlags'))),
      markDirty(),
      callVoid(floatChanged),
    ]),
    returns(i32.const(0)),
  );
  return f;
}
