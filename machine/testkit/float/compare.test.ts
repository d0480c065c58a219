import { describe, expect, test } from 'vitest';
import { Flag } from '../../spec/float.ts';
import { equal, lessOrEqual, lessThan, maximumNumber, minimumNumber } from './compare.ts';
import { binary32 } from './format.ts';

const zero = 0x0000_0000n;
const minusZero = 0x8000_0000n;
const one = 0x3f80_0000n;
const minusOne = 0xbf80_0000n;
const minusTwo = 0xc000_0000n;
const infinity = 0x7f80_0000n;
const quiet = 0xffc1_2345n;
const signaling = 0x7f81_2345n;

describe('comparisons', () => {
  const truth = (a: bigint, b: bigint) => [equal, lessThan, lessOrEqual].map((compare) => compare(binary32, a, b).bits);

  test('order numbers of both signs', () => {
    expect(truth(minusTwo, minusOne)).toEqual([0n, 1n, 1n]);
    expect(truth(minusOne, one)).toEqual([0n, 1n, 1n]);
    expect(truth(infinity, one)).toEqual([0n, 0n, 0n]);
    expect(truth(one, one)).toEqual([1n, 0n, 1n]);
  });

  test('take the zeros as equal', () => {
    expect(truth(minusZero, zero)).toEqual([1n, 0n, 1n]);
  });

  test('are false for a NaN; a quiet one is invalid for < and <= only', () => {
    expect(equal(binary32, quiet, quiet)).toEqual({ bits: 0n, flags: 0 });
    expect(equal(binary32, one, signaling)).toEqual({ bits: 0n, flags: Flag.NV });
    expect(lessThan(binary32, one, quiet)).toEqual({ bits: 0n, flags: Flag.NV });
    expect(lessOrEqual(binary32, quiet, one)).toEqual({ bits: 0n, flags: Flag.NV });
  });
});

describe('minimumNumber and maximumNumber', () => {
  test('order -0 before +0, whichever comes first', () => {
    for (const [a, b] of [
      [zero, minusZero],
      [minusZero, zero],
    ] as const) {
      expect(minimumNumber(binary32, a, b)).toEqual({ bits: minusZero, flags: 0 });
      expect(maximumNumber(binary32, a, b)).toEqual({ bits: zero, flags: 0 });
    }
  });

  test('choose among negative numbers', () => {
    expect(minimumNumber(binary32, minusOne, minusTwo).bits).toBe(minusTwo);
    expect(maximumNumber(binary32, minusTwo, minusOne).bits).toBe(minusOne);
  });

  test('prefer a number to a NaN; a signalling one raises the flag but does not decide', () => {
    expect(minimumNumber(binary32, quiet, one)).toEqual({ bits: one, flags: 0 });
    expect(maximumNumber(binary32, minusOne, quiet)).toEqual({ bits: minusOne, flags: 0 });
    expect(minimumNumber(binary32, signaling, infinity)).toEqual({ bits: infinity, flags: Flag.NV });
  });

  test('make two NaNs the canonical one', () => {
    expect(maximumNumber(binary32, quiet, quiet)).toEqual({ bits: binary32.canonicalNaN, flags: 0 });
    expect(minimumNumber(binary32, quiet, signaling)).toEqual({ bits: binary32.canonicalNaN, flags: Flag.NV });
  });
});
