/** Zbc: expected values from the 127-bit carry-less product, computed as a whole. */
import { describe, it } from 'vitest';
import { expectBinary } from '../testkit/expect-instruction.ts';

function product(a: bigint, b: bigint): bigint {
  let sum = 0n;
  for (let i = 0n; i < 64n; i++) if ((b >> i) & 1n) sum ^= a << i;
  return sum;
}

describe('carry-less multiplication', () => {
  it('gives the low half', () => expectBinary('clmul', product));
  it('gives the high half', () => expectBinary('clmulh', (a, b) => product(a, b) >> 64n));
  it('gives the high half of the reversed product', () => expectBinary('clmulr', (a, b) => product(a, b) >> 63n));
});
