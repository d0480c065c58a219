/**
 * Conversions between the formats, and between a format and integers.
 *
 * References: IEEE 754-2008 sections 5.4.1 and 5.8; RISC-V unprivileged ISA, "F" extension, "Single-Precision Floating-Point
 * Conversion and Move Instructions" (the table of domains and behaviour for invalid inputs).
 */

import type { RoundingMode } from '../../spec/float.ts';
import { Flag } from '../../spec/float.ts';
import { type Format, unpack, withSign } from './format.ts';
import type { FloatResult } from './result.ts';
import { round, roundToQuantum } from './round.ts';

/** An integer operand or result, named by its letters in the mnemonics. */
export interface IntegerType {
  readonly suffix: 'w' | 'wu' | 'l' | 'lu';
  readonly width: 32 | 64;
  readonly signed: boolean;
}

export const integerTypes = {
  w: { suffix: 'w', width: 32, signed: true },
  wu: { suffix: 'wu', width: 32, signed: false },
  l: { suffix: 'l', width: 64, signed: true },
  lu: { suffix: 'lu', width: 64, signed: false },
} as const satisfies Record<string, IntegerType>;

/** The pattern for a 64-bit `x` register. RV64 sign-extends every 32-bit result, that of FCVT.WU too. */
function toRegister(type: IntegerType, value: bigint): bigint {
  return BigInt.asUintN(64, type.width === 32 ? BigInt.asIntN(32, value) : value);
}

function fromRegister(type: IntegerType, register: bigint): bigint {
  return type.signed ? BigInt.asIntN(type.width, register) : BigInt.asUintN(type.width, register);
}

/** A value that does not fit after rounding saturates and is invalid, and then not inexact. A NaN counts as +∞. */
export function toInteger(format: Format, mode: RoundingMode, type: IntegerType, a: bigint): FloatResult {
  const valueBits = BigInt(type.signed ? type.width - 1 : type.width);
  const largest = (1n << valueBits) - 1n;
  const smallest = type.signed ? -(1n << valueBits) : 0n;
  const saturated = (negative: boolean): FloatResult => ({ bits: toRegister(type, negative ? smallest : largest), flags: Flag.NV });

  const x = unpack(format, a);
  if (x.kind === 'nan') return saturated(false);
  if (x.kind === 'infinity') return saturated(x.negative);
  const { multiple, inexact } = roundToQuantum(x, 0, mode);
  const value = x.negative ? -multiple : multiple;
  if (value > largest || value < smallest) return saturated(x.negative);
  return { bits: toRegister(type, value), flags: inexact ? Flag.NX : 0 };
}

/** The integer is the low part of a register's pattern, signed or not as its type says. Zero becomes +0 in every mode. */
export function fromInteger(format: Format, mode: RoundingMode, type: IntegerType, register: bigint): FloatResult {
  const value = fromRegister(type, register);
  if (value === 0n) return { bits: 0n, flags: 0 };
  return round(format, mode, { negative: value < 0n, significand: value < 0n ? -value : value, exponent: 0 });
}

/** From one format to another. A NaN becomes the target's canonical one: payloads are not carried over. */
export function convertFormat(to: Format, mode: RoundingMode, from: Format, a: bigint): FloatResult {
  const x = unpack(from, a);
  if (x.kind === 'nan') return { bits: to.canonicalNaN, flags: x.signaling ? Flag.NV : 0 };
  if (x.kind === 'infinity') return { bits: withSign(to, x.negative, to.infinity), flags: 0 };
  if (x.significand === 0n) return { bits: withSign(to, x.negative, 0n), flags: 0 };
  return round(to, mode, x);
}
