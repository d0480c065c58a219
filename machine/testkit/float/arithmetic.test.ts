/** Compares with the host's own arithmetic, which rounds to nearest even, and the other rounding modes with that one. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Flag, RoundingMode } from '../../spec/float.ts';
import { add, divide, multiply, multiplyAdd, squareRoot, subtract } from './arithmetic.ts';
import { binary32, binary64, type Format, isNaNPattern, negate } from './format.ts';
import type { FloatResult } from './result.ts';

const { RNE, RTZ, RDN, RUP, RMM } = RoundingMode;
const modes = [RNE, RTZ, RDN, RUP, RMM] as const;

const view = new DataView(new ArrayBuffer(8));

function toBits(format: Format, value: number): bigint {
  if (Number.isNaN(value)) return format.canonicalNaN;
  if (format === binary64) {
    view.setFloat64(0, value);
    return view.getBigUint64(0);
  }
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

function toNumber(format: Format, bits: bigint): number {
  if (format === binary64) {
    view.setBigUint64(0, bits);
    return view.getFloat64(0);
  }
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
}

/** Any pattern; edge values of the exponent and fraction fields come much more often than by chance. */
function pattern(format: Format): fc.Arbitrary<bigint> {
  const fractionMax = (1n << BigInt(format.fractionBits)) - 1n;
  const exponentMax = format.infinity >> BigInt(format.fractionBits);
  const bias = exponentMax >> 1n;
  const exponent = fc.oneof(
    fc.bigInt(0n, exponentMax),
    fc.bigInt(0n, 2n),
    fc.bigInt(exponentMax - 2n, exponentMax),
    fc.bigInt(bias - 60n, bias + 60n),
  );
  const fraction = fc.oneof(fc.bigInt(0n, fractionMax), fc.constantFrom(0n, 1n, fractionMax, format.quietBit));
  return fc
    .tuple(fc.boolean(), exponent, fraction)
    .map(([negative, e, f]) => (negative ? format.signBit : 0n) | (e << BigInt(format.fractionBits)) | f);
}

/** The next larger value; the argument is not -0. */
function neighbourAbove(format: Format, bits: bigint): number {
  return toNumber(format, bits & format.signBit ? bits - 1n : bits + 1n);
}

const runs = { numRuns: 3000 };

/** The host's result. binary32 is computed with doubles, which are wide enough for rounding twice to do no harm in these five operations. */
const binaryOperations = [
  ['add', add, (x: number, y: number) => x + y],
  ['subtract', subtract, (x: number, y: number) => x - y],
  ['multiply', multiply, (x: number, y: number) => x * y],
  ['divide', divide, (x: number, y: number) => x / y],
] as const;

describe.each([binary32, binary64])('.$suffix', (format) => {
  test.each(binaryOperations)('%s agrees with the host', (_name, operation, host) => {
    fc.assert(
      fc.property(pattern(format), pattern(format), (a, b) => {
        expect(operation(format, RNE, a, b).bits).toBe(toBits(format, host(toNumber(format, a), toNumber(format, b))));
      }),
      runs,
    );
  });

  test('squareRoot agrees with the host', () => {
    fc.assert(
      fc.property(pattern(format), (a) => {
        expect(squareRoot(format, RNE, a).bits).toBe(toBits(format, Math.sqrt(toNumber(format, a))));
      }),
      runs,
    );
  });

  test('multiplyAdd with 1 as a factor is add, and with -0 as addend is multiply', () => {
    const one = toBits(format, 1);
    fc.assert(
      fc.property(pattern(format), pattern(format), fc.constantFrom(...modes), (a, b, mode) => {
        expect(multiplyAdd(format, mode, a, one, b)).toEqual(add(format, mode, a, b));
        const product = multiply(format, mode, a, b);
        const isZero = (product.bits & ~format.signBit) === 0n && product.flags === 0;
        if (!isZero) expect(multiplyAdd(format, mode, a, b, format.signBit)).toEqual(product);
      }),
      runs,
    );
  });

  test('multiplyAdd finds the exact error of a product, which no double rounding would', () => {
    const x = toBits(format, 1 + 2 ** -format.fractionBits);
    const square = multiply(format, RNE, x, x).bits;
    expect(toNumber(format, multiplyAdd(format, RNE, x, x, negate(format, square)).bits)).toBe(2 ** (-2 * format.fractionBits));
  });

  test.each([
    ...binaryOperations.map(([name, operation]) => [name, operation] as const),
    ['squareRoot', (f: Format, mode: RoundingMode, a: bigint) => squareRoot(f, mode, a)] as const,
  ])('%s: the directed results are neighbours around the exact one, or all equal it', (_name, operation) => {
    fc.assert(
      fc.property(pattern(format), pattern(format), (a, b) => {
        const run = (mode: RoundingMode): FloatResult => operation(format, mode, a, b);
        if (isNaNPattern(format, run(RNE).bits)) return;
        const value = (mode: RoundingMode): number => toNumber(format, run(mode).bits);
        const isExact = (run(RNE).flags & Flag.NX) === 0;
        if (isExact) {
          // Equal as numbers: the sign of a zero may depend on the mode.
          expect(modes.every((mode) => value(mode) === value(RNE))).toBe(true);
          return;
        }
        const neighbours = [value(RDN), value(RUP)];
        expect(value(RUP)).toBe(neighbourAbove(format, run(RDN).bits));
        expect(neighbours).toContain(value(RNE));
        expect(neighbours).toContain(value(RMM));
        expect(value(RTZ)).toBe(value(RDN) >= 0 ? value(RDN) : value(RUP));
      }),
      runs,
    );
  });
});

describe('flags and special values', () => {
  const s = (value: number) => toBits(binary32, value);
  const quiet = 0x7fc1_2345n;
  const signaling = 0x7f81_2345n;
  const canonical = binary32.canonicalNaN;

  test('x / 0 divides by zero, 0 / 0 is invalid, ∞ / 0 is exact', () => {
    expect(divide(binary32, RNE, s(-1), s(0))).toEqual({ bits: s(-Infinity), flags: Flag.DZ });
    expect(divide(binary32, RNE, s(0), s(0))).toEqual({ bits: canonical, flags: Flag.NV });
    expect(divide(binary32, RNE, s(Infinity), s(0))).toEqual({ bits: s(Infinity), flags: 0 });
  });

  test('a quiet NaN loses its payload silently, a signalling one is invalid', () => {
    expect(add(binary32, RNE, quiet, s(1))).toEqual({ bits: canonical, flags: 0 });
    expect(add(binary32, RNE, s(1), signaling)).toEqual({ bits: canonical, flags: Flag.NV });
    expect(squareRoot(binary32, RNE, signaling)).toEqual({ bits: canonical, flags: Flag.NV });
  });

  test('∞ × 0 + NaN is invalid even when the NaN is quiet', () => {
    expect(multiplyAdd(binary32, RNE, s(Infinity), s(0), quiet)).toEqual({ bits: canonical, flags: Flag.NV });
    expect(multiplyAdd(binary32, RNE, s(2), s(3), quiet)).toEqual({ bits: canonical, flags: 0 });
  });

  test('an exact cancellation is -0 only when rounding down', () => {
    const zeros = modes.map((mode) => subtract(binary32, mode, s(3), s(3)).bits);
    expect(zeros).toEqual([s(0), s(0), s(-0), s(0), s(0)]);
  });

  test('√-0 is -0, √-1 is invalid', () => {
    expect(squareRoot(binary32, RNE, s(-0))).toEqual({ bits: s(-0), flags: 0 });
    expect(squareRoot(binary32, RNE, s(-1))).toEqual({ bits: canonical, flags: Flag.NV });
  });
});
