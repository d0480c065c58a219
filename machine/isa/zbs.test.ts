/** Zbs: expected values from the "B" extension: the index is in the low six bits. */
import { describe, it } from 'vitest';
import { expectBinary, expectImmediate } from '../testkit/expect-instruction.ts';

const OPERATIONS: readonly [name: string, f: (a: bigint, index: bigint) => bigint][] = [
  ['bclr', (a, index) => a & ~(1n << index)],
  ['bext', (a, index) => (a >> index) & 1n],
  ['binv', (a, index) => a ^ (1n << index)],
  ['bset', (a, index) => a | (1n << index)],
];

describe('single bits', () => {
  it.each(OPERATIONS)('%s', (name, f) => {
    expectBinary(name, (a, b) => f(a, b % 64n));
    expectImmediate(`${name}i`, [0n, 1n, 31n, 32n, 63n], f);
  });
});
