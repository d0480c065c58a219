import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Flag, RoundingMode } from '../../spec/float.ts';
import { convertFormat, fromInteger, integerTypes, toInteger } from './convert.ts';
import { binary32, binary64 } from './format.ts';

const { RNE, RTZ, RDN, RUP, RMM } = RoundingMode;
const { w, wu, l, lu } = integerTypes;

const view = new DataView(new ArrayBuffer(8));

function double(value: number): bigint {
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}

function single(value: number): bigint {
  view.setFloat32(0, value);
  return BigInt(view.getUint32(0));
}

describe('to an integer: the table of domains of the specification', () => {
  test.each([
    ['w', w, 0xffff_ffff_8000_0000n, 0x7fff_ffffn],
    ['wu', wu, 0n, 0xffff_ffff_ffff_ffffn],
    ['l', l, 0x8000_0000_0000_0000n, 0x7fff_ffff_ffff_ffffn],
    ['lu', lu, 0n, 0xffff_ffff_ffff_ffffn],
  ] as const)('%s saturates, NaN as +∞', (_name, type, smallest, largest) => {
    for (const bits of [0x7f80_0000n, 0x7fc0_0000n, 0xffc0_0000n, 0x7f80_0001n, single(2 ** 64)]) {
      expect(toInteger(binary32, RNE, type, bits)).toEqual({ bits: largest, flags: Flag.NV });
    }
    for (const bits of [0xff80_0000n, single(-(2 ** 65))]) {
      expect(toInteger(binary32, RNE, type, bits)).toEqual({ bits: smallest, flags: Flag.NV });
    }
  });

  test('what decides is the value after rounding', () => {
    expect(toInteger(binary64, RTZ, w, double(2 ** 31 - 0.5))).toEqual({ bits: 0x7fff_ffffn, flags: Flag.NX });
    expect(toInteger(binary64, RUP, w, double(2 ** 31 - 0.5))).toEqual({ bits: 0x7fff_ffffn, flags: Flag.NV });
    expect(toInteger(binary64, RTZ, wu, double(-0.75))).toEqual({ bits: 0n, flags: Flag.NX });
    expect(toInteger(binary64, RNE, wu, double(-0.75))).toEqual({ bits: 0n, flags: Flag.NV });
  });

  test('a 32-bit result is sign-extended, an unsigned one too', () => {
    expect(toInteger(binary64, RTZ, wu, double(2 ** 31))).toEqual({ bits: 0xffff_ffff_8000_0000n, flags: 0 });
  });

  test('ties go where the mode says', () => {
    const results = [RNE, RTZ, RDN, RUP, RMM].map((mode) => BigInt.asIntN(64, toInteger(binary64, mode, l, double(-2.5)).bits));
    expect(results).toEqual([-2n, -2n, -3n, -2n, -3n]);
  });

  test('agrees with Math.trunc', () => {
    fc.assert(
      fc.property(fc.double({ min: -(2 ** 31), max: 2 ** 31 - 1, noNaN: true }), (value) => {
        const truncated = Math.trunc(value);
        const bits = BigInt.asUintN(64, BigInt(truncated));
        expect(toInteger(binary64, RTZ, w, double(value))).toEqual({ bits, flags: truncated === value ? 0 : Flag.NX });
      }),
    );
  });
});

describe('from an integer', () => {
  test('agrees with the host', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (register) => {
        expect(fromInteger(binary64, RNE, lu, register).bits).toBe(double(Number(register)));
        expect(fromInteger(binary64, RNE, l, register).bits).toBe(double(Number(BigInt.asIntN(64, register))));
        expect(fromInteger(binary64, RNE, w, register)).toEqual({ bits: double(Number(BigInt.asIntN(32, register))), flags: 0 });
        expect(fromInteger(binary32, RNE, wu, register).bits).toBe(single(Number(BigInt.asUintN(32, register))));
      }),
    );
  });

  test('zero is +0, also when rounding down', () => {
    expect(fromInteger(binary32, RDN, l, 0n)).toEqual({ bits: 0n, flags: 0 });
  });
});

describe('between the formats', () => {
  test('narrowing agrees with Math.fround, and widening brings the same value back', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double({ noNaN: true }), fc.float({ noNaN: true }), fc.double({ min: -1e-37, max: 1e-37, noNaN: true })),
        (value) => {
          const narrow = convertFormat(binary32, RNE, binary64, double(value)).bits;
          expect(narrow).toBe(single(value));
          expect(convertFormat(binary64, RNE, binary32, narrow)).toEqual({ bits: double(Math.fround(value)), flags: 0 });
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('a NaN becomes canonical, a signalling one is invalid', () => {
    expect(convertFormat(binary64, RNE, binary32, 0xffc1_2345n)).toEqual({ bits: binary64.canonicalNaN, flags: 0 });
    expect(convertFormat(binary32, RNE, binary64, 0x7ff0_0000_0000_0001n)).toEqual({ bits: binary32.canonicalNaN, flags: Flag.NV });
  });
});
