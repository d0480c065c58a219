import { expect, it } from 'vitest';
import { DEFAULT_MAC, isMac, macBytes } from './mac.ts';

it('reads six pairs of digits', () => {
  expect([...macBytes(DEFAULT_MAC)]).toEqual([0x52, 0x54, 0, 0x12, 0x34, 0x56]);
  expect([...macBytes('0A:ff:00:12:34:56')]).toEqual([10, 255, 0, 0x12, 0x34, 0x56]);
});

it.each([
  '',
  '52:54:00:12:34',
  '52:54:00:12:34:56:78',
  '52:54:00:12:34:5g',
  '525400123456',
  '52:54:0:12:34:56',
  '53:54:00:12:34:56',
  ' 52:54:00:12:34:56',
])('refuses "%s"', (text) => {
  expect(isMac(text)).toBe(false);
});
