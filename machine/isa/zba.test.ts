/** Zba: expected values from the operations that the "B" extension writes out for each instruction. */
import { describe, it } from 'vitest';
import { expectBinary, expectImmediate } from '../testkit/expect-instruction.ts';
import { unsigned } from '../testkit/integers.ts';

describe('address generation', () => {
  it.each([1n, 2n, 3n])('shifts by %i and adds', (amount) => {
    expectBinary(`sh${amount}add`, (a, b) => b + (a << amount));
    expectBinary(`sh${amount}add.uw`, (a, b) => b + (unsigned(a, 32) << amount));
  });

  it('adds an unsigned word', () => expectBinary('add.uw', (a, b) => b + unsigned(a, 32)));
  it('shifts an unsigned word', () => expectImmediate('slli.uw', [0n, 1n, 31n, 32n, 63n], (a, imm) => unsigned(a, 32) << imm));
});
