/**
 * The soft float's arithmetic, as generated code: a fused multiply-add, which addition and multiplication are cases of, division, and square root.
 * Operands are binary64 patterns (number.ts).
 * Reference: IEEE 754-2008, 5.4.1, 6.3 and 7.2; RISC-V Unprivileged ISA, "F" extension.
 */
import { Flag } from '../../spec/float.ts';
import {
  branchIf,
  type Callable,
  call,
  type I32,
  type I64,
  i32,
  i64,
  label,
  loop,
  returns,
  type Statement,
  select,
  when,
} from '../../wasm/code.ts';
import type { ModuleBuilder } from '../../wasm/module.ts';
import { canonicalNaN, infinity, isInfinite, isNan, isSignaling, isZero, type NumberCode, raise, signOf, zero } from './number.ts';

/** What is different from a * b + c: bits of `kind`. */
export const FUSED = { negatesProduct: 1, negatesAddend: 2, hasNoAddend: 4 } as const;
const DOWN = 2;

export interface ArithmeticCode {
  /** (a, b, c, mode, format, kind) -> pattern. */
  readonly fused: Callable<'i64'>;
  /** (a, b, mode, format) -> pattern. */
  readonly divide: Callable<'i64'>;
  /** (a, mode, format) -> pattern. */
  readonly squareRoot: Callable<'i64'>;
}

const any = (...conditions: readonly I32[]): I32 => conditions.reduce(i32.or);
const invalid = (format: I32): Statement[] => [raise(Flag.NV), returns(canonicalNaN(format))];

function buildFused(module: ModuleBuilder, { exponent, significand, round }: NumberCode): Callable<'i64'> {
  const f = module.function(['i64', 'i64', 'i64', 'i32', 'i32', 'i32'], 'i64');
  const [a, b, c] = [f.parameter(0, 'i64'), f.parameter(1, 'i64'), f.parameter(2, 'i64')];
  const [mode, format, kind] = [f.parameter(3, 'i32'), f.parameter(4, 'i32'), f.parameter(5, 'i32')];
  const [sign, addendSign, scale, distance, count, borrow] = [
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
    f.local('i32'),
    f.local('i64'),
  ];
  // The product, or the larger operand of the addition, and the other one: 128 bits each.
  const [high, low, otherHigh, otherLow] = [f.local('i64'), f.local('i64'), f.local('i64'), f.local('i64')];
  const [a0, a1, b0, b1, middle, x, y] = [
    f.local('i64'),
    f.local('i64'),
    f.local('i64'),
    f.local('i64'),
    f.local('i64'),
    f.local('i64'),
    f.local('i64'),
  ];
  const isKind = (bit: number): I32 => i32.ne(i32.and(kind, i32.const(bit)), i32.const(0));
  const half = (v: I64): I64 => i64.and(v, i64.const(0xffff_ffff));
  const upper = (v: I64): I64 => i64.shrU(v, i64.const(32));

  /** Half of the product of two significands: its leading bit is bit 126 or 125. The bit that goes is 0. */
  const multiply: Statement[] = [
    x.set(call(significand, a)),
    y.set(call(significand, b)),
    a0.set(half(x)),
    a1.set(upper(x)),
    b0.set(half(y)),
    b1.set(upper(y)),
    x.set(i64.mul(a0, b1)),
    y.set(i64.mul(a1, b0)),
    low.set(i64.mul(a0, b0)),
    middle.set(i64.add(i64.add(upper(low), half(x)), half(y))),
    high.set(i64.add(i64.add(i64.add(i64.mul(a1, b1), upper(x)), upper(y)), upper(middle))),
    low.set(i64.or(i64.shl(middle, i64.const(32)), half(low))),
    low.set(i64.or(i64.shrU(low, i64.const(1)), i64.shl(high, i64.const(63)))),
    high.set(i64.shrU(high, i64.const(1))),
    // The exponent of bit 126.
    scale.set(i32.add(i32.add(call(exponent, a), call(exponent, b)), i32.const(1))),
  ];

  const wide = i64.extendU(distance);
  const swap = (one: typeof high, other: typeof high): Statement[] => [x.set(one), one.set(other), other.set(x)];
  /** Shifts the other operand right by `distance`; what is lost stays visible in the lowest bit. */
  const align: Statement[] = [
    when(i32.geU(distance, i32.const(64)), [
      // 64 at a time: bits of the lower half are lost.
      otherLow.set(i64.or(otherHigh, i64.extendU(i64.ne(otherLow, i64.const(0))))),
      otherHigh.set(i64.const(0)),
      distance.set(i32.sub(distance, i32.const(64))),
    ]),
    when(
      i32.geU(distance, i32.const(64)),
      [otherLow.set(i64.const(1))],
      [
        when(distance, [
          x.set(i64.shl(otherLow, i64.sub(i64.const(64), wide))),
          otherLow.set(i64.or(i64.shrU(otherLow, wide), i64.shl(otherHigh, i64.sub(i64.const(64), wide)))),
          otherHigh.set(i64.shrU(otherHigh, wide)),
          otherLow.set(i64.or(otherLow, i64.extendU(i64.ne(x, i64.const(0))))),
        ]),
      ],
    ),
  ];
  const isLess = i32.or(i64.ltU(high, otherHigh), i32.and(i64.eq(high, otherHigh), i64.ltU(low, otherLow)));
  const add: Statement[] = [
    low.set(i64.add(low, otherLow)),
    high.set(i64.add(i64.add(high, otherHigh), i64.extendU(i64.ltU(low, otherLow)))),
  ];
  const subtract: Statement[] = [
    when(isLess, [...swap(high, otherHigh), ...swap(low, otherLow), sign.set(addendSign)]),
    borrow.set(i64.extendU(i64.ltU(low, otherLow))),
    low.set(i64.sub(low, otherLow)),
    high.set(i64.sub(i64.sub(high, otherHigh), borrow)),
    when(i64.eqz(i64.or(high, low)), [returns(zero(i32.eq(mode, i32.const(DOWN)), format))]),
  ];
  const addAddend: Statement[] = [
    otherHigh.set(call(significand, c)),
    otherLow.set(i64.shl(otherHigh, i64.const(63))),
    otherHigh.set(i64.shrU(otherHigh, i64.const(1))),
    distance.set(i32.sub(scale, call(exponent, c))),
    when(i32.ltS(distance, i32.const(0)), [
      ...swap(high, otherHigh),
      ...swap(low, otherLow),
      scale.set(i32.sub(scale, distance)),
      distance.set(i32.sub(i32.const(0), distance)),
      // Signs go with their operands.
      count.set(sign),
      sign.set(addendSign),
      addendSign.set(count),
    ]),
    ...align,
    when(i32.eq(sign, addendSign), add, subtract),
  ];

  f.body(
    sign.set(i32.xor(i32.xor(signOf(a), signOf(b)), isKind(FUSED.negatesProduct))),
    addendSign.set(i32.xor(signOf(c), isKind(FUSED.negatesAddend))),
    when(any(isNan(a), isNan(b), isNan(c)), [
      when(any(isSignaling(a), isSignaling(b), isSignaling(c), i32.and(isInfinite(a), isZero(b)), i32.and(isZero(a), isInfinite(b))), [
        raise(Flag.NV),
      ]),
      returns(canonicalNaN(format)),
    ]),
    when(i32.or(isInfinite(a), isInfinite(b)), [
      when(i32.or(isZero(a), isZero(b)), invalid(format)),
      when(i32.and(isInfinite(c), i32.ne(sign, addendSign)), invalid(format)),
      returns(infinity(sign, format)),
    ]),
    when(isInfinite(c), [returns(infinity(addendSign, format))]),
    when(i32.or(isZero(a), isZero(b)), [
      when(isKind(FUSED.hasNoAddend), [returns(zero(sign, format))]),
      when(isZero(c), [returns(zero(select(i32.eq(sign, addendSign), sign, i32.eq(mode, i32.const(DOWN))), format))]),
      returns(call(round, addendSign, call(exponent, c), call(significand, c), i32.const(0), mode, format)),
    ]),
    ...multiply,
    when(i32.eqz(isZero(c)), addAddend),
    when(i64.eqz(high), [high.set(low), low.set(i64.const(0)), scale.set(i32.sub(scale, i32.const(64)))]),
    // From bit 126 to bit 127, and to the leading bit.
    count.set(i32.wrap(i64.clz(high))),
    when(count, [
      high.set(i64.or(i64.shl(high, i64.extendU(count)), i64.shrU(low, i64.extendU(i32.sub(i32.const(64), count))))),
      low.set(i64.shl(low, i64.extendU(count))),
    ]),
    returns(call(round, sign, i32.sub(i32.add(scale, i32.const(1)), count), high, i64.ne(low, i64.const(0)), mode, format)),
  );
  return f;
}

/** Bits of a quotient that one division gives: the remainder has 53 bits. */
const DIGIT = 11;
const DIGITS = 5;

function buildDivide(module: ModuleBuilder, { exponent, significand, round }: NumberCode): Callable<'i64'> {
  const f = module.function(['i64', 'i64', 'i32', 'i32'], 'i64');
  const [a, b, mode, format] = [f.parameter(0, 'i64'), f.parameter(1, 'i64'), f.parameter(2, 'i32'), f.parameter(3, 'i32')];
  const [sign, count] = [f.local('i32'), f.local('i32')];
  const [rest, divisor, digit, quotient] = [f.local('i64'), f.local('i64'), f.local('i64'), f.local('i64')];
  const step: Statement[] = [
    digit.set(i64.divU(rest, divisor)),
    rest.set(i64.sub(rest, i64.mul(digit, divisor))),
    quotient.set(i64.or(i64.shl(quotient, i64.const(DIGIT)), digit)),
  ];
  f.body(
    sign.set(i32.xor(signOf(a), signOf(b))),
    when(i32.or(isNan(a), isNan(b)), [when(i32.or(isSignaling(a), isSignaling(b)), [raise(Flag.NV)]), returns(canonicalNaN(format))]),
    when(isInfinite(a), [when(isInfinite(b), invalid(format)), returns(infinity(sign, format))]),
    when(isInfinite(b), [returns(zero(sign, format))]),
    when(isZero(b), [when(isZero(a), invalid(format)), raise(Flag.DZ), returns(infinity(sign, format))]),
    when(isZero(a), [returns(zero(sign, format))]),
    rest.set(i64.shrU(call(significand, a), i64.const(DIGIT))),
    divisor.set(i64.shrU(call(significand, b), i64.const(DIGIT))),
    ...step,
    ...Array.from({ length: DIGITS }, () => [rest.set(i64.shl(rest, i64.const(DIGIT))), ...step]).flat(),
    count.set(i32.wrap(i64.clz(quotient))),
    returns(
      call(
        round,
        sign,
        i32.sub(i32.sub(i32.add(call(exponent, a), i32.const(63 - DIGIT * DIGITS)), call(exponent, b)), count),
        i64.shl(quotient, i64.extendU(count)),
        i64.ne(rest, i64.const(0)),
        mode,
        format,
      ),
    ),
  );
  return f;
}

/** Bits of the root: two of the radicand give one. */
const ROOT_BITS = 56;

function buildSquareRoot(module: ModuleBuilder, { exponent, significand, round }: NumberCode): Callable<'i64'> {
  const f = module.function(['i64', 'i32', 'i32'], 'i64');
  const [a, mode, format] = [f.parameter(0, 'i64'), f.parameter(1, 'i32'), f.parameter(2, 'i32')];
  const [scale, left] = [f.local('i32'), f.local('i32')];
  const [bits, rest, root, trial] = [f.local('i64'), f.local('i64'), f.local('i64'), f.local('i64')];
  const next = label('next bit');
  f.body(
    when(isNan(a), [when(isSignaling(a), [raise(Flag.NV)]), returns(canonicalNaN(format))]),
    when(isZero(a), [returns(zero(signOf(a), format))]),
    when(signOf(a), invalid(format)),
    when(isInfinite(a), [returns(infinity(i32.const(0), format))]),
    scale.set(call(exponent, a)),
    // With an even exponent the radicand is at least 1 and below 4: two bits before the point.
    bits.set(i64.shrU(call(significand, a), i32IsEven(scale))),
    left.set(i32.const(ROOT_BITS)),
    loop(
      next,
      rest.set(i64.or(i64.shl(rest, i64.const(2)), i64.shrU(bits, i64.const(62)))),
      bits.set(i64.shl(bits, i64.const(2))),
      trial.set(i64.or(i64.shl(root, i64.const(2)), i64.const(1))),
      root.set(i64.shl(root, i64.const(1))),
      when(i64.geU(rest, trial), [rest.set(i64.sub(rest, trial)), root.set(i64.or(root, i64.const(1)))]),
      left.set(i32.sub(left, i32.const(1))),
      branchIf(left, next),
    ),
    returns(
      call(
        round,
        i32.const(0),
        i32.shrS(scale, i32.const(1)),
        i64.shl(root, i64.const(64 - ROOT_BITS)),
        i64.ne(rest, i64.const(0)),
        mode,
        format,
      ),
    ),
  );
  return f;
}

/** 1 if a number is even, else 0. */
const i32IsEven = (number: I32): I64 => i64.extendU(i32.eqz(i32.and(number, i32.const(1))));

export function buildArithmetic(module: ModuleBuilder, numbers: NumberCode): ArithmeticCode {
  return { fused: buildFused(module, numbers), divide: buildDivide(module, numbers), squareRoot: buildSquareRoot(module, numbers) };
}
