import { describe, expect, test } from 'vitest';
import { Flag, RoundingMode } from '../../spec/float.ts';
import { binary32 } from './format.ts';
import { round, roundToQuantum } from './round.ts';

/** Results of RNE, RTZ, RDN, RUP, RMM, in this order. */
function roundToUnits(halves: bigint): bigint[] {
  const exact = { negative: halves < 0n, significand: halves < 0n ? -halves : halves, exponent: -1 };
  return Object.values(RoundingMode).map((mode) => {
    const { multiple } = roundToQuantum(exact, 0, mode);
    return exact.negative ? -multiple : multiple;
  });
}

describe('the five modes on ties', () => {
  test.each([
    [1n, [0n, 0n, 0n, 1n, 1n]],
    [3n, [2n, 1n, 1n, 2n, 2n]],
    [5n, [2n, 2n, 2n, 3n, 3n]],
    [-1n, [0n, 0n, -1n, 0n, -1n]],
    [-3n, [-2n, -1n, -2n, -1n, -2n]],
    [-5n, [-2n, -2n, -3n, -2n, -3n]],
  ])('%d halves', (halves, expected) => {
    expect(roundToUnits(halves)).toEqual(expected);
  });
});

test('a tail breaks a tie upwards', () => {
  const tie = { negative: false, significand: 5n, exponent: -1 };
  expect(roundToQuantum(tie, 0, RoundingMode.RNE)).toEqual({ multiple: 2n, inexact: true });
  expect(roundToQuantum({ ...tie, sticky: true }, 0, RoundingMode.RNE)).toEqual({ multiple: 3n, inexact: true });
});

test('a tail that was cut off too early is a bug, not a wrong result', () => {
  expect(() => round(binary32, RoundingMode.RNE, { negative: false, significand: 1n, exponent: 0, sticky: true })).toThrow(RangeError);
});

describe('underflow: tininess is detected after rounding', () => {
  const minNormal = 0x0080_0000n;
  /** 1 - 2^-n of the smallest normal number. */
  const justBelow = (n: number) => ({ negative: false, significand: (1n << BigInt(n)) - 1n, exponent: -126 - n });

  test('a value that would round to the smallest normal number with any exponent range is not tiny', () => {
    expect(round(binary32, RoundingMode.RNE, justBelow(25))).toEqual({ bits: minNormal, flags: Flag.NX });
  });

  test('a value that only the coarser subnormal grid rounds up to it is tiny', () => {
    const value = { negative: false, significand: (1n << 26n) - 3n, exponent: -152 };
    expect(round(binary32, RoundingMode.RNE, value)).toEqual({ bits: minNormal, flags: Flag.NX | Flag.UF });
    expect(round(binary32, RoundingMode.RUP, value)).toEqual({ bits: minNormal, flags: Flag.NX });
  });

  test('an exact subnormal result raises nothing', () => {
    expect(round(binary32, RoundingMode.RNE, justBelow(23))).toEqual({ bits: minNormal - 1n, flags: 0 });
  });

  test('half of the smallest subnormal number goes either way', () => {
    const half = { negative: true, significand: 1n, exponent: -150 };
    const patterns = Object.values(RoundingMode).map((mode) => round(binary32, mode, half).bits);
    expect(patterns).toEqual([0x8000_0000n, 0x8000_0000n, 0x8000_0001n, 0x8000_0000n, 0x8000_0001n]);
  });
});

describe('overflow', () => {
  const bits = (negative: boolean) =>
    Object.values(RoundingMode).map((mode) => round(binary32, mode, { negative, significand: 1n, exponent: 128 }).bits);

  test('gives infinity or the largest finite number, as the direction says', () => {
    expect(bits(false)).toEqual([0x7f80_0000n, 0x7f7f_ffffn, 0x7f7f_ffffn, 0x7f80_0000n, 0x7f80_0000n]);
    expect(bits(true)).toEqual([0xff80_0000n, 0xff7f_ffffn, 0xff80_0000n, 0xff7f_ffffn, 0xff80_0000n]);
  });

  test('is inexact too', () => {
    const { flags } = round(binary32, RoundingMode.RNE, { negative: false, significand: 1n, exponent: 128 });
    expect(flags).toBe(Flag.OF | Flag.NX);
  });

  test('is no matter of values that round down to the largest finite number', () => {
    const value = { negative: false, significand: (1n << 26n) - 3n, exponent: 102 };
    expect(round(binary32, RoundingMode.RNE, value)).toEqual({ bits: 0x7f7f_ffffn, flags: Flag.NX });
  });
});
