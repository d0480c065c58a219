import { describe, expect, test } from 'vitest';
import { binary16, binary32, binary64, boxBinary32, unboxBinary32, unpack } from './format.ts';

test('the parameters are those of IEEE 754-2008, table 3.5', () => {
  expect(binary16).toMatchObject({ precision: 11, minExponent: -14, minQuantum: -24, infinity: 0x7c00n });
  expect(binary32).toMatchObject({ precision: 24, minExponent: -126, minQuantum: -149, infinity: 0x7f80_0000n });
  expect(binary64).toMatchObject({ precision: 53, minExponent: -1022, minQuantum: -1074, infinity: 0x7ff0_0000_0000_0000n });
});

test('the canonical NaNs are those of the RISC-V specification', () => {
  expect(binary16.canonicalNaN).toBe(0x7e00n);
  expect(binary32.canonicalNaN).toBe(0x7fc0_0000n);
  expect(binary64.canonicalNaN).toBe(0x7ff8_0000_0000_0000n);
});

describe('NaN boxing', () => {
  test('a boxed value has all upper bits set and reads back', () => {
    expect(boxBinary32(0x3f80_0000n)).toBe(0xffff_ffff_3f80_0000n);
    expect(unboxBinary32(0xffff_ffff_3f80_0000n)).toBe(0x3f80_0000n);
  });

  test('a register that arrives as a negative integer is boxed all the same', () => {
    expect(unboxBinary32(BigInt.asIntN(64, 0xffff_ffff_bf80_0000n))).toBe(0xbf80_0000n);
  });

  test('a register with one upper bit clear reads as the canonical NaN', () => {
    expect(unboxBinary32(0xffff_fffe_3f80_0000n)).toBe(0x7fc0_0000n);
    expect(unboxBinary32(0x3f80_0000n)).toBe(0x7fc0_0000n);
  });
});

describe('unpack', () => {
  test('a normal number has its implicit one', () => {
    expect(unpack(binary32, 0xc040_0000n)).toEqual({ kind: 'finite', negative: true, significand: 0xc0_0000n, exponent: -22 });
  });

  test('a subnormal number and a zero have none', () => {
    expect(unpack(binary64, 1n)).toEqual({ kind: 'finite', negative: false, significand: 1n, exponent: -1074 });
    expect(unpack(binary32, 0x8000_0000n)).toEqual({ kind: 'finite', negative: true, significand: 0n, exponent: -149 });
  });

  test('the top fraction bit tells quiet from signalling', () => {
    expect(unpack(binary32, 0x7f80_0001n)).toEqual({ kind: 'nan', signaling: true });
    expect(unpack(binary32, 0xffc0_0000n)).toEqual({ kind: 'nan', signaling: false });
    expect(unpack(binary32, 0xff80_0000n)).toEqual({ kind: 'infinity', negative: true });
  });
});
