/**
 * FCLASS: one of ten bits says what kind of number a pattern is. It raises no flag, not even for a signalling NaN.
 *
 * Reference: RISC-V unprivileged ISA, "F" extension, "Single-Precision Floating-Point Classify Instruction".
 */

import { type Format, isNaNPattern, isNegative, isSignalingNaN, magnitudeOf } from './format.ts';
import type { FloatResult } from './result.ts';

/** Bit numbers of the result. */
const FloatClass = {
  negativeInfinity: 0,
  negativeNormal: 1,
  negativeSubnormal: 2,
  negativeZero: 3,
  positiveZero: 4,
  positiveSubnormal: 5,
  positiveNormal: 6,
  positiveInfinity: 7,
  signalingNaN: 8,
  quietNaN: 9,
} as const;

function classOf(format: Format, bits: bigint): number {
  if (isNaNPattern(format, bits)) return isSignalingNaN(format, bits) ? FloatClass.signalingNaN : FloatClass.quietNaN;
  const negative = isNegative(format, bits);
  const magnitude = magnitudeOf(format, bits);
  if (magnitude === format.infinity) return negative ? FloatClass.negativeInfinity : FloatClass.positiveInfinity;
  if (magnitude === 0n) return negative ? FloatClass.negativeZero : FloatClass.positiveZero;
  const isSubnormal = magnitude >> BigInt(format.fractionBits) === 0n;
  if (isSubnormal) return negative ? FloatClass.negativeSubnormal : FloatClass.positiveSubnormal;
  return negative ? FloatClass.negativeNormal : FloatClass.positiveNormal;
}

export function classify(format: Format, a: bigint): FloatResult {
  return { bits: 1n << BigInt(classOf(format, a)), flags: 0 };
}
