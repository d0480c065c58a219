/** Operands for floating-point operations, near the edges at which these go wrong. */

import type { FloatFormat, SoftOperation } from '../isa/instruction.ts';
import { FORMATS, operate } from './float/index.ts';
import type { Random } from './random.ts';

const FIELDS = {
  h: { width: 16, fraction: 10, bias: 15 },
  s: { width: 32, fraction: 23, bias: 127 },
  d: { width: 64, fraction: 52, bias: 1023 },
} as const;

/** A number near the edges: of the format, of rounding, of an integer, or of another operand. */
function number(random: Random, format: FloatFormat, other = 0n): bigint {
  const { width, fraction, bias } = FIELDS[format];
  const sign = BigInt(random.below(2)) << BigInt(width - 1);
  const ones = (1n << BigInt(fraction)) - 1n;
  const significand = random.pick([
    random.bits64() & ones,
    (random.bits64() & ones) >> BigInt(random.below(fraction)),
    random.bits64() & ones & ~((1n << BigInt(random.below(fraction))) - 1n),
    ones - BigInt(random.below(3)),
    BigInt(random.below(3)),
  ]);
  const exponent = random.pick([
    random.below(2 * bias + 2),
    bias + random.between(-70, 70),
    random.below(3),
    random.below(100),
    2 * bias + 1 - random.below(3),
  ]);
  const any = sign | (BigInt(Math.max(0, Math.min(exponent, 2 * bias + 1))) << BigInt(fraction)) | significand;
  return random.below(4) === 0 ? BigInt.asUintN(width, other ^ sign ^ BigInt(random.below(3))) : any;
}

/**
 * A product that is half of the addend's last bit but for very little, (1 + x)(1 - x): where the sum is rounded twice, it comes out wrong.
 */
function almostHalf(random: Random, format: FloatFormat): bigint[] {
  const { width, fraction, bias } = FIELDS[format];
  const last = BigInt(fraction);
  const pattern = (exponent: number, significand: bigint) =>
    (BigInt(random.below(2)) << BigInt(width - 1)) | (BigInt(exponent) << last) | significand;
  const x = BigInt(1 + random.below(9));
  // The product's exponent must not be below the least.
  const exponent = Math.max(fraction + 2, Math.min(2 * bias, bias + random.between(-30, 30)));
  const addend = random.bits64() & ((1n << last) - 1n);
  return [pattern(exponent - fraction - 1, x), pattern(bias - 1, (1n << last) - 2n * x), pattern(exponent, addend)];
}

/** Patterns of the operation's formats; an integer as it is. */
export function operandsFor(random: Random, row: SoftOperation): bigint[] {
  const format = row.sourceFormat ?? row.format;
  const [a, b] = [number(random, format), number(random, format)];
  if (row.sources[0] === 'x')
    return [random.bits64() >> BigInt(random.below(64)), -random.bits64() >> BigInt(random.below(64))].slice(0, 1);
  if (row.sources.length === 3 && random.below(3) === 0) return almostHalf(random, format);
  // So that much of a sum is cancelled.
  const product = operate('fmul', FORMATS[format], 0, a, b).bits;
  return [a, number(random, format, a), number(random, format, product)].slice(0, row.sources.length);
}
