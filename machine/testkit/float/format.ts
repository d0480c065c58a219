/**
 * The three interchange formats and what their bit patterns mean.
 *
 * References: IEEE 754-2008 section 3.4 (encodings); RISC-V unprivileged ISA, "F" extension, "NaN Generation and Propagation",
 * and "D" extension, "NaN Boxing of Narrower Values"; "Zfh".
 *
 * Left out: binary128 (Q), which would be one more `Format`.
 */

export interface Format {
  /** The letter of the instruction's suffix. */
  readonly suffix: 'h' | 's' | 'd';
  /** Bits of the whole encoding. */
  readonly width: number;
  /** Bits of the trailing significand field. */
  readonly fractionBits: number;
  /** Bits of a normal significand, the implicit one included. */
  readonly precision: number;
  /** Exponent of the smallest normal number, 2^minExponent. */
  readonly minExponent: number;
  /** Exponent of one unit in the last place of a subnormal number: every finite value is a multiple of 2^minQuantum. */
  readonly minQuantum: number;
  readonly signBit: bigint;
  /** +∞: exponent field all ones, fraction zero. Also the mask of the exponent field. */
  readonly infinity: bigint;
  /** The most significant fraction bit; set in a quiet NaN. */
  readonly quietBit: bigint;
  /** The one NaN that arithmetic produces: positive, quiet, no payload. */
  readonly canonicalNaN: bigint;
}

function defineFormat(suffix: Format['suffix'], width: number, fractionBits: number): Format {
  const exponentBits = width - 1 - fractionBits;
  const minExponent = 2 - 2 ** (exponentBits - 1);
  const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(fractionBits);
  const quietBit = 1n << BigInt(fractionBits - 1);
  return {
    suffix,
    width,
    fractionBits,
    precision: fractionBits + 1,
    minExponent,
    minQuantum: minExponent - fractionBits,
    signBit: 1n << BigInt(width - 1),
    infinity,
    quietBit,
    canonicalNaN: infinity | quietBit,
  };
}

export const binary16 = defineFormat('h', 16, 10);
export const binary32 = defineFormat('s', 32, 23);
export const binary64 = defineFormat('d', 64, 52);

/** A finite number, exactly: (-1)^negative × significand × 2^exponent. A zero has significand 0 and keeps its sign. */
export interface Finite {
  readonly kind: 'finite';
  readonly negative: boolean;
  readonly significand: bigint;
  readonly exponent: number;
}

export type Unpacked =
  | Finite
  | { readonly kind: 'infinity'; readonly negative: boolean }
  | { readonly kind: 'nan'; readonly signaling: boolean };

/** The pattern without its sign bit. Operands may come from Wasm as signed 64-bit integers, hence the masking. */
export function magnitudeOf(format: Format, bits: bigint): bigint {
  return BigInt.asUintN(format.width - 1, bits);
}

export function isNegative(format: Format, bits: bigint): boolean {
  return (bits & format.signBit) !== 0n;
}

export function isNaNPattern(format: Format, bits: bigint): boolean {
  return magnitudeOf(format, bits) > format.infinity;
}

export function isSignalingNaN(format: Format, bits: bigint): boolean {
  return isNaNPattern(format, bits) && (bits & format.quietBit) === 0n;
}

export function unpack(format: Format, bits: bigint): Unpacked {
  if (isNaNPattern(format, bits)) return { kind: 'nan', signaling: isSignalingNaN(format, bits) };
  const negative = isNegative(format, bits);
  const magnitude = magnitudeOf(format, bits);
  if (magnitude === format.infinity) return { kind: 'infinity', negative };

  const biasedExponent = Number(magnitude >> BigInt(format.fractionBits));
  const fraction = BigInt.asUintN(format.fractionBits, bits);
  if (biasedExponent === 0) return { kind: 'finite', negative, significand: fraction, exponent: format.minQuantum };
  const implicitOne = 1n << BigInt(format.fractionBits);
  return { kind: 'finite', negative, significand: implicitOne | fraction, exponent: format.minQuantum + biasedExponent - 1 };
}

/** Adds the sign to a non-negative pattern. */
export function withSign(format: Format, negative: boolean, magnitude: bigint): bigint {
  return negative ? format.signBit | magnitude : magnitude;
}

/** Flips the sign bit, even of a NaN. */
export function negate(format: Format, bits: bigint): bigint {
  return BigInt.asUintN(format.width, bits ^ format.signBit);
}

const BOX = 0xffff_ffff_0000_0000n;

/** A binary32 pattern as a 64-bit `f` register holds it: the upper half all ones. */
export function boxBinary32(bits: bigint): bigint {
  return BOX | BigInt.asUintN(32, bits);
}

/** A pattern as a 64-bit `f` register holds it: the bits above it all ones. */
export function box(format: Format, bits: bigint): bigint {
  return (((1n << 64n) - 1n) ^ ((1n << BigInt(format.width)) - 1n)) | BigInt.asUintN(format.width, bits);
}

/** By the suffix of an instruction. */
export const FORMATS = { h: binary16, s: binary32, d: binary64 } as const;

/** The binary32 operand in a 64-bit `f` register. A register that is not properly boxed reads as the canonical NaN. */
export function unboxBinary32(register: bigint): bigint {
  return (register & BOX) === BOX ? BigInt.asUintN(32, register) : binary32.canonicalNaN;
}
