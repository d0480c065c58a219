import { expect, it } from 'vitest';
import { contentLength, sectorFromHex, sectorToHex } from './sector-bytes.ts';

function sector(...bytes: number[]): Uint8Array {
  const all = new Uint8Array(512);
  all.set(bytes);
  return all;
}

it('leaves out the zeroes at the end of a sector, and brings them back', () => {
  expect(sectorToHex(sector(1, 0, 0xab))).toBe('0100ab');
  expect(sectorToHex(sector())).toBe('');
  expect(sectorFromHex('0100ab')).toEqual(sector(1, 0, 0xab));
  expect(sectorFromHex('')).toEqual(sector());
  const full = new Uint8Array(512).fill(7);
  expect(sectorFromHex(sectorToHex(full))).toEqual(full);
  expect(contentLength(sector(0, 0, 5))).toBe(3);
});
