/**
 * Comparisons, minimum and maximum, which are exact and need no rounding mode.
 *
 * References: IEEE 754-2008 section 5.11 and IEEE 754-2019 section 9.6 (minimumNumber, maximumNumber); RISC-V unprivileged ISA,
 * "F" extension 2.2, FMIN/FMAX and "Single-Precision Floating-Point Compare Instructions".
 */
import { Flag } from '../../spec/float.ts';
import { type Format, isNaNPattern, isNegative, isSignalingNaN, magnitudeOf } from './format.ts';
import type { FloatResult } from './result.ts';

/** An integer that has the same order as the pattern's number; -0 and +0 give the same integer. Not for NaNs. */
function order(format: Format, bits: bigint): bigint {
  const magnitude = magnitudeOf(format, bits);
  return isNegative(format, bits) ? -magnitude : magnitude;
}

type Relation = (x: bigint, y: bigint) => boolean;

/** Comparisons with a NaN are false. They are invalid if a NaN is signalling, or in a signalling comparison. */
function compare(format: Format, a: bigint, b: bigint, nans: 'quiet' | 'signaling', relation: Relation): FloatResult {
  if (isNaNPattern(format, a) || isNaNPattern(format, b)) {
    const invalid = nans === 'signaling' || isSignalingNaN(format, a) || isSignalingNaN(format, b);
    return { bits: 0n, flags: invalid ? Flag.NV : 0 };
  }
  return { bits: relation(order(format, a), order(format, b)) ? 1n : 0n, flags: 0 };
}

export function equal(format: Format, a: bigint, b: bigint): FloatResult {
  return compare(format, a, b, 'quiet', (x, y) => x === y);
}

export function lessThan(format: Format, a: bigint, b: bigint): FloatResult {
  return compare(format, a, b, 'signaling', (x, y) => x < y);
}

export function lessOrEqual(format: Format, a: bigint, b: bigint): FloatResult {
  return compare(format, a, b, 'signaling', (x, y) => x <= y);
}

/** As `order`, but -0 comes before +0. */
function orderWithSignedZeros(format: Format, bits: bigint): bigint {
  return isNegative(format, bits) ? order(format, bits) - 1n : order(format, bits);
}

/** Picks one operand. A NaN loses against a number; two NaNs give the canonical one; a signalling NaN is invalid in any case. */
function pick(format: Format, a: bigint, b: bigint, prefersFirst: Relation): FloatResult {
  const flags = isSignalingNaN(format, a) || isSignalingNaN(format, b) ? Flag.NV : 0;
  const aIsNaN = isNaNPattern(format, a);
  const bIsNaN = isNaNPattern(format, b);
  if (aIsNaN && bIsNaN) return { bits: format.canonicalNaN, flags };
  const first = bIsNaN || (!aIsNaN && prefersFirst(orderWithSignedZeros(format, a), orderWithSignedZeros(format, b)));
  return { bits: BigInt.asUintN(format.width, first ? a : b), flags };
}

export function minimumNumber(format: Format, a: bigint, b: bigint): FloatResult {
  return pick(format, a, b, (x, y) => x < y);
}

export function maximumNumber(format: Format, a: bigint, b: bigint): FloatResult {
  return pick(format, a, b, (x, y) => x > y);
}
