import { expect, it } from 'vitest';
import { groupedDigits } from './grouped-digits.ts';

it.each([0, 7, 999, 1000, 12_345, 123_456, 1_234_567, -1000, -999, Number.MAX_SAFE_INTEGER])(
  'writes %d as the English language does',
  (value) => {
    expect(groupedDigits(value)).toBe(value.toLocaleString('en-US'));
    expect(groupedDigits(BigInt(value))).toBe(value.toLocaleString('en-US'));
  },
);

it('keeps all digits of a big number', () => {
  expect(groupedDigits(2n ** 64n - 1n)).toBe('18,446,744,073,709,551,615');
});
