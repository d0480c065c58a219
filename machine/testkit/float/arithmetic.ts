/**
 * Addition, subtraction, multiplication, division, square root and the fused multiply-adds: each computes the exact result (or
 * enough of its digits) with integers and rounds once.
 *
 * References: IEEE 754-2008 sections 5.4.1, 6.3 (the sign of a zero) and 7.2 (invalid operation); RISC-V unprivileged ISA,
 * "F" extension, "Single-Precision Floating-Point Computational Instructions".
 *
 * Left out: sign injection, loads and moves, which do not interpret their operands.
 */
import { Flag, RoundingMode } from '../../spec/float.ts';
import { type Finite, type Format, negate, type Unpacked, unpack, withSign } from './format.ts';
import type { FloatResult } from './result.ts';
import { bitLength, round } from './round.ts';

/** The canonical NaN. It is `invalid` if an operand was a signalling NaN or the operation has no value. */
function notANumber(format: Format, { invalid }: { invalid: boolean }): FloatResult {
  return { bits: format.canonicalNaN, flags: invalid ? Flag.NV : 0 };
}

function exactInfinity(format: Format, negative: boolean): FloatResult {
  return { bits: withSign(format, negative, format.infinity), flags: 0 };
}

function exactZero(format: Format, negative: boolean): FloatResult {
  return { bits: withSign(format, negative, 0n), flags: 0 };
}

function isSignaling(operand: Unpacked): boolean {
  return operand.kind === 'nan' && operand.signaling;
}

function isZero(operand: Unpacked): boolean {
  return operand.kind === 'finite' && operand.significand === 0n;
}

function signedSignificand(value: Finite, exponent: number): bigint {
  const aligned = value.significand << BigInt(value.exponent - exponent);
  return value.negative ? -aligned : aligned;
}

function multiplyFinite(x: Finite, y: Finite): Finite {
  return {
    kind: 'finite',
    negative: x.negative !== y.negative,
    significand: x.significand * y.significand,
    exponent: x.exponent + y.exponent,
  };
}

/** The rounded sum of two numbers; neither is a NaN. */
function addNumbers(format: Format, mode: RoundingMode, x: Exclude<Unpacked, { kind: 'nan' }>, y: typeof x): FloatResult {
  if (x.kind === 'infinity') {
    if (y.kind === 'infinity' && x.negative !== y.negative) return notANumber(format, { invalid: true });
    return exactInfinity(format, x.negative);
  }
  if (y.kind === 'infinity') return exactInfinity(format, y.negative);

  const exponent = Math.min(x.exponent, y.exponent);
  const sum = signedSignificand(x, exponent) + signedSignificand(y, exponent);
  if (sum !== 0n) return round(format, mode, { negative: sum < 0n, significand: sum < 0n ? -sum : sum, exponent });
  // 6.3: the sum of zeros of the same sign keeps the sign; an exact cancellation gives +0, but -0 when rounding down.
  return exactZero(format, x.negative === y.negative ? x.negative : mode === RoundingMode.RDN);
}

export function add(format: Format, mode: RoundingMode, a: bigint, b: bigint): FloatResult {
  const x = unpack(format, a);
  const y = unpack(format, b);
  if (x.kind === 'nan' || y.kind === 'nan') return notANumber(format, { invalid: isSignaling(x) || isSignaling(y) });
  return addNumbers(format, mode, x, y);
}

export function subtract(format: Format, mode: RoundingMode, a: bigint, b: bigint): FloatResult {
  return add(format, mode, a, negate(format, b));
}

export function multiply(format: Format, mode: RoundingMode, a: bigint, b: bigint): FloatResult {
  const x = unpack(format, a);
  const y = unpack(format, b);
  if (x.kind === 'nan' || y.kind === 'nan') return notANumber(format, { invalid: isSignaling(x) || isSignaling(y) });
  const negative = x.negative !== y.negative;
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    return isZero(x) || isZero(y) ? notANumber(format, { invalid: true }) : exactInfinity(format, negative);
  }
  const product = multiplyFinite(x, y);
  return product.significand === 0n ? exactZero(format, negative) : round(format, mode, product);
}

export function divide(format: Format, mode: RoundingMode, a: bigint, b: bigint): FloatResult {
  const x = unpack(format, a);
  const y = unpack(format, b);
  if (x.kind === 'nan' || y.kind === 'nan') return notANumber(format, { invalid: isSignaling(x) || isSignaling(y) });
  const negative = x.negative !== y.negative;
  if (x.kind === 'infinity') return y.kind === 'infinity' ? notANumber(format, { invalid: true }) : exactInfinity(format, negative);
  if (y.kind === 'infinity') return exactZero(format, negative);
  if (y.significand === 0n) {
    if (x.significand === 0n) return notANumber(format, { invalid: true });
    return { ...exactInfinity(format, negative), flags: Flag.DZ };
  }
  if (x.significand === 0n) return exactZero(format, negative);

  // Enough quotient bits to round: the precision, one more for the half, and one because the leading bit may turn out to be zero.
  const shift = Math.max(0, format.precision + 2 + bitLength(y.significand) - bitLength(x.significand));
  const dividend = x.significand << BigInt(shift);
  return round(format, mode, {
    negative,
    significand: dividend / y.significand,
    exponent: x.exponent - y.exponent - shift,
    sticky: dividend % y.significand !== 0n,
  });
}

/** ⌊√value⌋ by Newton's iteration, which starts above the root and decreases until it reaches it. */
function integerSquareRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(bitLength(value) / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export function squareRoot(format: Format, mode: RoundingMode, a: bigint): FloatResult {
  const x = unpack(format, a);
  if (x.kind === 'nan') return notANumber(format, { invalid: x.signaling });
  if (isZero(x)) return exactZero(format, x.negative);
  if (x.negative) return notANumber(format, { invalid: true });
  if (x.kind === 'infinity') return exactInfinity(format, x.negative);

  // The radicand gets at least 2 × (precision + 2) bits and an even exponent, so that the root has enough bits to round.
  const wide = Math.max(0, 2 * (format.precision + 2) - bitLength(x.significand));
  const shift = (x.exponent - wide) % 2 === 0 ? wide : wide + 1;
  const radicand = x.significand << BigInt(shift);
  const root = integerSquareRoot(radicand);
  return round(format, mode, { negative: false, significand: root, exponent: (x.exponent - shift) / 2, sticky: root * root !== radicand });
}

/** a × b + c, rounded once. */
export function multiplyAdd(format: Format, mode: RoundingMode, a: bigint, b: bigint, c: bigint): FloatResult {
  const x = unpack(format, a);
  const y = unpack(format, b);
  const z = unpack(format, c);
  // RISC-V: ∞ × 0 is invalid even when the addend is a quiet NaN.
  const noProduct = (x.kind === 'infinity' && isZero(y)) || (isZero(x) && y.kind === 'infinity');
  if (noProduct || x.kind === 'nan' || y.kind === 'nan' || z.kind === 'nan') {
    return notANumber(format, { invalid: noProduct || isSignaling(x) || isSignaling(y) || isSignaling(z) });
  }
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    return addNumbers(format, mode, { kind: 'infinity', negative: x.negative !== y.negative }, z);
  }
  return addNumbers(format, mode, multiplyFinite(x, y), z);
}

/** a × b - c. */
export function multiplySubtract(format: Format, mode: RoundingMode, a: bigint, b: bigint, c: bigint): FloatResult {
  return multiplyAdd(format, mode, a, b, negate(format, c));
}

/** -(a × b) + c: the sign of the product is flipped before the sum, so rounding and zeros see the flipped product. */
export function negatedMultiplySubtract(format: Format, mode: RoundingMode, a: bigint, b: bigint, c: bigint): FloatResult {
  return multiplyAdd(format, mode, negate(format, a), b, c);
}

/** -(a × b) - c. */
export function negatedMultiplyAdd(format: Format, mode: RoundingMode, a: bigint, b: bigint, c: bigint): FloatResult {
  return multiplyAdd(format, mode, negate(format, a), b, negate(format, c));
}
