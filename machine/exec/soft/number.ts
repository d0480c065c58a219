/**
 * The soft float's numbers, as generated code: taking a pattern apart, and rounding to one. All formats are computed with as binary64 patterns,
 * to which every binary32 and binary16 number is widened exactly; only the rounding knows the format of the result.
 *
 * Reference: IEEE 754-2008, 4.3 and 7; RISC-V Unprivileged ISA, "F" extension (tininess is detected after rounding).
 */

import { setSlot32, slot32 } from '../../layout/slot-access.ts';
import { Flag } from '../../spec/float.ts';
import { type Callable, call, f32, f64, type I32, type I64, i32, i64, returns, type Statement, select, when } from '../../wasm/code.ts';
import type { ModuleBuilder } from '../../wasm/module.ts';

const SIGN = 1n << 63n;
export const INFINITY = 0x7ffn << 52n;
const QUIET = 1n << 51n;
const MODE = { nearestEven: 0, down: 2, up: 3, nearestAway: 4 } as const;

export const raise = (flags: number): Statement => setSlot32('floatFlags', i32.or(slot32('floatFlags'), i32.const(flags)));

/** Of binary64 patterns. */
export const magnitude = (a: I64): I64 => i64.and(a, i64.const(SIGN - 1n));
export const isNan = (a: I64): I32 => i64.gtU(magnitude(a), i64.const(INFINITY));
export const isSignaling = (a: I64): I32 => i32.and(isNan(a), i64.eqz(i64.and(a, i64.const(QUIET))));
export const isInfinite = (a: I64): I32 => i64.eq(magnitude(a), i64.const(INFINITY));
export const isZero = (a: I64): I32 => i64.eqz(magnitude(a));
/** 1 for a negative number. */
export const signOf = (a: I64): I32 => i32.wrap(i64.shrU(a, i64.const(63)));

/** How generated code names the format of a result, by the suffix of an instruction. */
export const FORMAT = { d: 0, s: 1, h: 2 } as const;
const byFormat = (format: I32, values: Record<keyof typeof FORMAT, bigint | number>): I64 =>
  select(i32.eqz(format), i64.const(values.d), select(i32.eq(format, i32.const(FORMAT.s)), i64.const(values.s), i64.const(values.h)));

/** Results in the format of the result. */
export const canonicalNaN = (format: I32): I64 => byFormat(format, { d: 0x7ff8n << 48n, s: 0x7fc0_0000, h: 0x7e00 });
const signed = (sign: I32, format: I32): I64 => i64.shl(i64.extendU(sign), byFormat(format, { d: 63, s: 31, h: 15 }));
export const zero = signed;
export const infinity = (sign: I32, format: I32): I64 =>
  i64.or(signed(sign, format), byFormat(format, { d: INFINITY, s: 0x7f80_0000, h: 0x7c00 }));

export interface NumberCode {
  /** (binary32 pattern) -> binary64 pattern of the same number; a NaN stays one, quiet or signalling. */
  readonly widen: Callable<'i64'>;
  /** The same for a binary16 pattern. */
  readonly widenHalf: Callable<'i64'>;
  /** (finite pattern, not zero) -> the exponent of its leading bit. */
  readonly exponent: Callable<'i32'>;
  /** (the same) -> its significand, whose leading bit is bit 63. */
  readonly significand: Callable<'i64'>;
  /** (sign, lowest bit that stays, bits that go, half of one, sticky, mode) -> whether the magnitude is rounded up. */
  readonly roundsUp: Callable<'i32'>;
  /** (sign, exponent of bit 63, significand with bit 63 set, whether there is more below it, mode, format) -> pattern. Raises flags. */
  readonly round: Callable<'i64'>;
}

function buildWiden(module: ModuleBuilder): Callable<'i64'> {
  const f = module.function(['i64'], 'i64');
  const a = f.parameter(0, 'i64');
  const fraction = i64.and(a, i64.const(0x7f_ffff));
  f.body(
    when(i64.gtU(i64.and(a, i64.const(0x7fff_ffff)), i64.const(0x7f80_0000)), [
      returns(i64.or(i64.const(INFINITY), i64.shl(fraction, i64.const(29)))),
    ]),
    returns(i64.reinterpret(f64.promote(f32.reinterpret(i32.wrap(a))))),
  );
  return f;
}

/** 2^1008: the bias of binary64's exponent less that of binary16's. */
const HALF_SCALE = 2 ** 1008;

function buildWidenHalf(module: ModuleBuilder): Callable<'i64'> {
  const f = module.function(['i64'], 'i64');
  const a = f.parameter(0, 'i64');
  // With its fraction where binary64 has it, the number is too small by that factor; a subnormal one is then one of binary64.
  const moved = i64.shl(i64.and(a, i64.const(0x7fff)), i64.const(42));
  const sign = i64.shl(i64.and(a, i64.const(0x8000)), i64.const(48));
  f.body(
    when(i64.geU(i64.and(a, i64.const(0x7fff)), i64.const(0x7c00)), [returns(i64.or(i64.or(sign, i64.const(INFINITY)), moved))]),
    returns(i64.or(sign, i64.reinterpret(f64.mul(f64.reinterpret(moved), f64.const(HALF_SCALE))))),
  );
  return f;
}

const FRACTION = (1n << 52n) - 1n;
const HIDDEN = 1n << 52n;

function buildExponent(module: ModuleBuilder): Callable<'i32'> {
  const f = module.function(['i64'], 'i32');
  const a = f.parameter(0, 'i64');
  const biased = f.local('i32');
  f.body(
    biased.set(i32.wrap(i64.and(i64.shrU(a, i64.const(52)), i64.const(0x7ff)))),
    when(biased, [returns(i32.sub(biased, i32.const(1023)))]),
    returns(i32.sub(i32.const(-1011), i32.wrap(i64.clz(i64.and(a, i64.const(FRACTION)))))),
  );
  return f;
}

function buildSignificand(module: ModuleBuilder): Callable<'i64'> {
  const f = module.function(['i64'], 'i64');
  const a = f.parameter(0, 'i64');
  const fraction = f.local('i64');
  f.body(
    fraction.set(i64.and(a, i64.const(FRACTION))),
    when(i32.wrap(i64.and(i64.shrU(a, i64.const(52)), i64.const(0x7ff))), [
      returns(i64.shl(i64.or(fraction, i64.const(HIDDEN)), i64.const(11))),
    ]),
    returns(i64.shl(fraction, i64.clz(fraction))),
  );
  return f;
}

function buildRoundsUp(module: ModuleBuilder): Callable<'i32'> {
  const f = module.function(['i32', 'i32', 'i64', 'i64', 'i32', 'i32'], 'i32');
  const [sign, odd] = [f.parameter(0, 'i32'), f.parameter(1, 'i32')];
  const [rest, half] = [f.parameter(2, 'i64'), f.parameter(3, 'i64')];
  const [sticky, mode] = [f.parameter(4, 'i32'), f.parameter(5, 'i32')];
  const is = (number: number): I32 => i32.eq(mode, i32.const(number));
  f.body(
    when(i32.and(i64.eqz(rest), i32.eqz(sticky)), [returns(i32.const(0))]),
    when(is(MODE.nearestEven), [returns(i32.or(i64.gtU(rest, half), i32.and(i64.eq(rest, half), i32.or(sticky, odd))))]),
    when(is(MODE.down), [returns(sign)]),
    when(is(MODE.up), [returns(i32.eqz(sign))]),
    // What is left is towards zero.
    returns(i32.and(is(MODE.nearestAway), i64.geU(rest, half))),
  );
  return f;
}

function buildRound(module: ModuleBuilder, roundsUp: Callable<'i32'>): Callable<'i64'> {
  const f = module.function(['i32', 'i32', 'i64', 'i32', 'i32', 'i32'], 'i64');
  const [sign, exponent, significand] = [f.parameter(0, 'i32'), f.parameter(1, 'i32'), f.parameter(2, 'i64')];
  const [sticky, mode, format] = [f.parameter(3, 'i32'), f.parameter(4, 'i32'), f.parameter(5, 'i32')];
  const [bias, shift, tiny] = [f.local('i32'), f.local('i32'), f.local('i32')];
  const [fraction, dropped, half, rest, kept, largest] = [
    f.local('i64'),
    f.local('i64'),
    f.local('i64'),
    f.local('i64'),
    f.local('i64'),
    f.local('i64'),
  ];
  const split = (): Statement[] => [
    rest.set(i64.and(significand, i64.sub(i64.shl(i64.const(1), dropped), i64.const(1)))),
    kept.set(i64.shrU(significand, dropped)),
    kept.set(i64.add(kept, i64.extendU(call(roundsUp, sign, i32.and(i32.wrap(kept), i32.const(1)), rest, half, sticky, mode)))),
  ];
  const toInfinity = [
    i32.eqz(mode),
    i32.eq(mode, i32.const(MODE.nearestAway)),
    i32.eq(mode, select(sign, i32.const(MODE.down), i32.const(MODE.up))),
  ].reduce(i32.or);
  f.body(
    bias.set(i32.wrap(byFormat(format, { d: 1023, s: 127, h: 15 }))),
    fraction.set(byFormat(format, { d: 52, s: 23, h: 10 })),
    dropped.set(i64.sub(i64.const(63), fraction)),
    half.set(i64.shl(i64.const(1), i64.sub(dropped, i64.const(1)))),
    largest.set(infinity(i32.const(0), format)),
    // How far the number is below the least normal one.
    shift.set(i32.sub(i32.sub(i32.const(1), bias), exponent)),
    when(i32.ltS(i32.const(0), shift), [
      tiny.set(i32.const(1)),
      // Tiny is what would be below the least normal number if the exponent had no bound.
      when(i32.eq(shift, i32.const(1)), [...split(), tiny.set(i64.eqz(i64.shrU(kept, i64.add(fraction, i64.const(1)))))]),
      when(
        i32.ltS(i32.const(63), shift),
        [sticky.set(i32.const(1)), significand.set(i64.const(0))],
        [
          sticky.set(i32.or(sticky, i64.ne(i64.shl(significand, i64.extendU(i32.sub(i32.const(64), shift))), i64.const(0)))),
          significand.set(i64.shrU(significand, i64.extendU(shift))),
        ],
      ),
      exponent.set(i32.sub(i32.const(1), bias)),
    ]),
    ...split(),
    when(i32.or(i64.ne(rest, i64.const(0)), sticky), [raise(Flag.NX), when(tiny, [raise(Flag.UF)])]),
    // The leading bit adds 1 to the exponent's field, and so does a carry.
    kept.set(i64.add(i64.shl(i64.extendS(i32.sub(i32.add(exponent, bias), i32.const(1))), fraction), kept)),
    when(i32.or(i64.geU(kept, largest), i32.ltS(bias, exponent)), [
      raise(Flag.OF | Flag.NX),
      kept.set(select(toInfinity, largest, i64.sub(largest, i64.const(1)))),
    ]),
    returns(i64.or(kept, signed(sign, format))),
  );
  return f;
}

export function buildNumbers(module: ModuleBuilder): NumberCode {
  const roundsUp = buildRoundsUp(module);
  return {
    widen: buildWiden(module),
    widenHalf: buildWidenHalf(module),
    exponent: buildExponent(module),
    significand: buildSignificand(module),
    roundsUp,
    round: buildRound(module, roundsUp),
  };
}
