/**
 * The soft float's conversions from and to integers, comparisons and classes, as generated code. Operands are binary64 patterns (number.ts).
 * Reference: RISC-V Unprivileged ISA, "F" extension: the table of domains and behaviour for invalid inputs; FMIN, FMAX, FCLASS.
 */
import { Flag } from '../../spec/float.ts';
import { type Callable, call, type I32, type I64, i32, i64, returns, type Statement, select, when } from '../../wasm/code.ts';
import type { ModuleBuilder } from '../../wasm/module.ts';
import { INFINITY, isNan, isSignaling, isZero, magnitude, type NumberCode, raise, signOf } from './number.ts';

/** The integers that there are conversions for: bits of `kind`. */
export const INTEGER = { isUnsigned: 1, isLong: 2 } as const;

export interface ConversionCode {
  /** (a, mode, kind) -> the register's value. */
  readonly toInteger: Callable<'i64'>;
  /** (register's value, mode, format, kind) -> pattern. */
  readonly fromInteger: Callable<'i64'>;
}

function buildToInteger(module: ModuleBuilder, { exponent, significand, roundsUp }: NumberCode): Callable<'i64'> {
  const f = module.function(['i64', 'i32', 'i32'], 'i64');
  const [a, mode, kind] = [f.parameter(0, 'i64'), f.parameter(1, 'i32'), f.parameter(2, 'i32')];
  const [sign, scale] = [f.local('i32'), f.local('i32')];
  const [whole, rest, largest, value] = [f.local('i64'), f.local('i64'), f.local('i64'), f.local('i64')];
  const isUnsigned = i32.and(kind, i32.const(INTEGER.isUnsigned));
  const isLong = i32.and(kind, i32.const(INTEGER.isLong));
  const toRegister = (v: I64): Statement => returns(select(isLong, v, i64.extend32S(v)));
  const negated = (v: I64): I64 => i64.sub(i64.const(0), v);
  const saturate: Statement[] = [
    raise(Flag.NV),
    when(i32.and(sign, i32.eqz(isNan(a))), [when(isUnsigned, [returns(i64.const(0))]), toRegister(negated(largest))]),
    toRegister(select(isUnsigned, largest, i64.sub(largest, i64.const(1)))),
  ];
  f.body(
    sign.set(signOf(a)),
    // The most that a magnitude may be: of a signed type, that of a negative number.
    largest.set(
      select(
        isUnsigned,
        select(isLong, i64.const(-1), i64.const(0xffff_ffff)),
        i64.shl(i64.const(1), select(isLong, i64.const(63), i64.const(31))),
      ),
    ),
    when(isZero(a), [returns(i64.const(0))]),
    when(i64.geU(magnitude(a), i64.const(INFINITY)), saturate),
    scale.set(call(exponent, a)),
    when(i32.ltS(i32.const(63), scale), saturate),
    value.set(call(significand, a)),
    when(
      i32.ltS(scale, i32.const(0)),
      // Below 1/2 it only matters that something is left.
      [rest.set(select(i32.eq(scale, i32.const(-1)), value, i64.const(1)))],
      [
        whole.set(i64.shrU(value, i64.extendU(i32.sub(i32.const(63), scale)))),
        when(i32.ltS(scale, i32.const(63)), [rest.set(i64.shl(value, i64.extendU(i32.add(scale, i32.const(1)))))]),
      ],
    ),
    whole.set(
      i64.add(
        whole,
        i64.extendU(call(roundsUp, sign, i32.and(i32.wrap(whole), i32.const(1)), rest, i64.const(1n << 63n), i32.const(0), mode)),
      ),
    ),
    when(
      select(
        isUnsigned,
        i32.or(i64.gtU(whole, largest), i32.and(sign, i64.ne(whole, i64.const(0)))),
        i64.gtU(whole, i64.sub(largest, i64.extendU(i32.eqz(sign)))),
      ),
      saturate,
    ),
    when(i64.ne(rest, i64.const(0)), [raise(Flag.NX)]),
    toRegister(select(sign, negated(whole), whole)),
  );
  return f;
}

function buildFromInteger(module: ModuleBuilder, { round }: NumberCode): Callable<'i64'> {
  const f = module.function(['i64', 'i32', 'i32', 'i32'], 'i64');
  const [value, mode, format, kind] = [f.parameter(0, 'i64'), f.parameter(1, 'i32'), f.parameter(2, 'i32'), f.parameter(3, 'i32')];
  const [sign, count] = [f.local('i32'), f.local('i32')];
  const isUnsigned = i32.and(kind, i32.const(INTEGER.isUnsigned));
  f.body(
    when(i32.eqz(i32.and(kind, i32.const(INTEGER.isLong))), [
      value.set(select(isUnsigned, i64.and(value, i64.const(0xffff_ffff)), i64.extend32S(value))),
    ]),
    when(i64.eqz(value), [returns(i64.const(0))]),
    when(i32.eqz(isUnsigned), [sign.set(signOf(value))]),
    when(sign, [value.set(i64.sub(i64.const(0), value))]),
    count.set(i32.wrap(i64.clz(value))),
    returns(call(round, sign, i32.sub(i32.const(63), count), i64.shl(value, i64.extendU(count)), i32.const(0), mode, format)),
  );
  return f;
}

/** Comparisons: numbers are ordered as these integers are; -0 and +0 are equal. Not for NaNs. */
const order = (a: I64): I64 => select(signOf(a), i64.sub(i64.const(0), magnitude(a)), magnitude(a));

const COMPARE = {
  feq: { signals: false, relation: (a: I64, b: I64): I32 => i64.eq(order(a), order(b)) },
  flt: { signals: true, relation: (a: I64, b: I64): I32 => i64.ltS(order(a), order(b)) },
  fle: { signals: true, relation: (a: I64, b: I64): I32 => i32.eqz(i64.gtS(order(a), order(b))) },
} as const;

/** 1 or 0. Comparisons with a NaN are false. They are invalid if a NaN is signalling, or in a signalling comparison. */
export function compare(name: keyof typeof COMPARE, a: I64, b: I64, set: (value: I64) => Statement): Statement[] {
  const { signals, relation } = COMPARE[name];
  const isEither = i32.or(isNan(a), isNan(b));
  return [
    when(
      isEither,
      [...(signals ? [raise(Flag.NV)] : [when(i32.or(isSignaling(a), isSignaling(b)), [raise(Flag.NV)])]), set(i64.const(0))],
      [set(i64.extendU(relation(a, b)))],
    ),
  ];
}

/** Whether FMIN or FMAX gives the first operand; not where both are NaNs. A NaN loses against a number, and -0 comes before +0. */
export function prefersFirst(name: 'fmin' | 'fmax', a: I64, b: I64): I32 {
  const place = (v: I64): I64 => i64.sub(order(v), i64.extendU(signOf(v)));
  const isBefore = name === 'fmin' ? i64.ltS(place(a), place(b)) : i64.gtS(place(a), place(b));
  return i32.or(isNan(b), i32.and(i32.eqz(isNan(a)), isBefore));
}

/** The bit of FCLASS. A binary32 number below its normal ones is a normal one as binary64, so the least exponent of its format counts. */
export function classOf(a: I64, exponent: I32, leastExponent: number): I64 {
  const isSubnormal = i32.ltS(exponent, i32.const(leastExponent));
  const finite = select(isZero(a), i32.const(1), select(isSubnormal, i32.const(2), i32.const(3)));
  const size = select(i64.eq(magnitude(a), i64.const(INFINITY)), i32.const(4), finite);
  // From -infinity, bit 0, to -0, bit 3; from +0, bit 4, to +infinity, bit 7.
  const number = select(signOf(a), i32.sub(i32.const(4), size), i32.add(i32.const(3), size));
  const nan = select(isSignaling(a), i32.const(8), i32.const(9));
  return i64.shl(i64.const(1), i64.extendU(select(isNan(a), nan, number)));
}

export function buildConversions(module: ModuleBuilder, numbers: NumberCode): ConversionCode {
  return { toInteger: buildToInteger(module, numbers), fromInteger: buildFromInteger(module, numbers) };
}
