/**
 * Rounding: the one place where an exact value becomes a bit pattern, with overflow, underflow and inexact.
 *
 * References: IEEE 754-2008 sections 4.3 (rounding directions), 7.4 (overflow), 7.5 (underflow); RISC-V unprivileged ISA,
 * "F" extension, "Floating-Point Control and Status Register" (the five modes) and "Subnormal Arithmetic" (tininess is
 * detected after rounding).
 */
import { Flag, RoundingMode } from '../../spec/float.ts';
import { type Format, withSign } from './format.ts';
import type { FloatResult } from './result.ts';

/** A value (-1)^negative × (significand + tail) × 2^exponent, where 0 < tail < 1 if `sticky`, else tail = 0. */
export interface Exact {
  readonly negative: boolean;
  readonly significand: bigint;
  readonly exponent: number;
  /** Whether an infinite expansion (a quotient, a root) was cut off. */
  readonly sticky?: boolean;
}

/** Bits needed to write a positive number. */
export function bitLength(value: bigint): number {
  return value.toString(2).length;
}

/** Whether a magnitude is rounded away from zero, given its last kept bit and how the cut-off part compares with half of that bit. */
function roundsAway(mode: RoundingMode, negative: boolean, odd: boolean, cutOff: 'below-half' | 'half' | 'above-half'): boolean {
  switch (mode) {
    case RoundingMode.RNE:
      return cutOff === 'above-half' || (cutOff === 'half' && odd);
    case RoundingMode.RTZ:
      return false;
    case RoundingMode.RDN:
      return negative;
    case RoundingMode.RUP:
      return !negative;
    case RoundingMode.RMM:
      return cutOff !== 'below-half';
    default:
      throw new RangeError(`rounding mode ${mode satisfies never} is not one of the five`);
  }
}

/**
 * Rounds to a multiple of 2^quantum; `multiple` is the factor, without the sign.
 * If the value has a tail, its last bit must be worth at most half of the quantum, otherwise the size of the tail would matter.
 */
export function roundToQuantum(exact: Exact, quantum: number, mode: RoundingMode): { multiple: bigint; inexact: boolean } {
  const { negative, significand, sticky = false } = exact;
  const cutBits = quantum - exact.exponent;
  if (cutBits <= 0) {
    if (sticky) throw new RangeError('an exact value was cut off before its rounding position');
    return { multiple: significand << BigInt(-cutBits), inexact: false };
  }
  const kept = significand >> BigInt(cutBits);
  const cut = BigInt.asUintN(cutBits, significand);
  if (cut === 0n && !sticky) return { multiple: kept, inexact: false };

  const half = 1n << BigInt(cutBits - 1);
  const cutOff = cut < half ? 'below-half' : cut === half && !sticky ? 'half' : 'above-half';
  const away = roundsAway(mode, negative, (kept & 1n) === 1n, cutOff);
  return { multiple: away ? kept + 1n : kept, inexact: true };
}

/** The pattern and flags of an exact value in a format. The significand must not be 0, since the operation decides a zero's sign. */
export function round(format: Format, mode: RoundingMode, exact: Exact): FloatResult {
  const { negative } = exact;
  const leadingBit = exact.exponent + bitLength(exact.significand) - 1;
  const normalQuantum = leadingBit - (format.precision - 1);
  const quantum = Math.max(normalQuantum, format.minQuantum);
  const { multiple, inexact } = roundToQuantum(exact, quantum, mode);

  // The fields are added, not joined, so that all carries are right: the implicit one of a normal number adds one to the exponent field,
  // a subnormal that is rounded up becomes the smallest normal number, and 2^precision gets the next exponent.
  const magnitude = (BigInt(quantum - format.minQuantum) << BigInt(format.fractionBits)) + multiple;
  if (magnitude >= format.infinity) return overflow(format, mode, negative);

  let flags = inexact ? Flag.NX : 0;
  if (inexact && isTiny(format, mode, exact, leadingBit, normalQuantum)) flags |= Flag.UF;
  return { bits: withSign(format, negative, magnitude), flags };
}

/** Whether the value, rounded as if exponents had no lower bound, is smaller than every normal number (7.5, option a). */
function isTiny(format: Format, mode: RoundingMode, exact: Exact, leadingBit: number, normalQuantum: number): boolean {
  if (leadingBit >= format.minExponent) return false;
  if (leadingBit < format.minExponent - 1) return true;
  const { multiple } = roundToQuantum(exact, normalQuantum, mode);
  return bitLength(multiple) === format.precision;
}

/** Modes that round this sign towards zero stop at the largest finite number (7.4). */
function overflow(format: Format, mode: RoundingMode, negative: boolean): FloatResult {
  const towardsZero = mode === RoundingMode.RTZ || (mode === RoundingMode.RDN && !negative) || (mode === RoundingMode.RUP && negative);
  const magnitude = towardsZero ? format.infinity - 1n : format.infinity;
  return { bits: withSign(format, negative, magnitude), flags: Flag.OF | Flag.NX };
}
