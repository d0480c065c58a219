import { expect, test } from 'vitest';
import { classify } from './classify.ts';
import { binary32, binary64 } from './format.ts';

/** In the order of the specification's table: the row is the bit. */
test.each(
  [
    ['-∞', 0xff80_0000n, 0xfff0_0000_0000_0000n],
    ['a negative normal number', 0x8080_0000n, 0xffef_ffff_ffff_ffffn],
    ['a negative subnormal number', 0x807f_ffffn, 0x8000_0000_0000_0001n],
    ['-0', 0x8000_0000n, 0x8000_0000_0000_0000n],
    ['+0', 0n, 0n],
    ['a positive subnormal number', 1n, 0x000f_ffff_ffff_ffffn],
    ['a positive normal number', 0x7f7f_ffffn, 0x0010_0000_0000_0000n],
    ['+∞', 0x7f80_0000n, 0x7ff0_0000_0000_0000n],
    ['a signalling NaN', 0xff80_0001n, 0x7ff7_ffff_ffff_ffffn],
    ['a quiet NaN', 0x7fc0_0000n, 0xffff_ffff_ffff_ffffn],
  ].map((row, bit) => [bit, ...row] as [number, string, bigint, bigint]),
)('bit %d: %s', (bit, _name, single, double) => {
  expect(classify(binary32, single)).toEqual({ bits: 1n << BigInt(bit), flags: 0 });
  expect(classify(binary64, double)).toEqual({ bits: 1n << BigInt(bit), flags: 0 });
});
