/** M: expected values from the "M" extension's text and its table "Semantics for division by zero and division overflow". */
import { describe, expect, it } from 'vitest';
import { evaluateIntegers } from '../testkit/evaluate.ts';
import { expectBinary } from '../testkit/expect-instruction.ts';
import { signed, unsigned, word } from '../testkit/integers.ts';

/** Truncating division; the remainder has the dividend's sign. */
const divide = (a: bigint, b: bigint): bigint => (b === 0n ? -1n : a / b);
const remainder = (a: bigint, b: bigint): bigint => (b === 0n ? a : a % b);
const low = (v: bigint): bigint => unsigned(v, 32);

describe('multiplication', () => {
  it('gives the low half', () => expectBinary('mul', (a, b) => a * b));
  it('gives the high half, both signed', () => expectBinary('mulh', (a, b) => (signed(a) * signed(b)) >> 64n));
  it('gives the high half, both unsigned', () => expectBinary('mulhu', (a, b) => (a * b) >> 64n));
  it('gives the high half, the first signed', () => expectBinary('mulhsu', (a, b) => (signed(a) * b) >> 64n));
  it('gives a word', () => expectBinary('mulw', (a, b) => word(a * b)));
});

describe('division', () => {
  it('is signed', () => expectBinary('div', (a, b) => divide(signed(a), signed(b))));
  it('is unsigned', () => expectBinary('divu', divide));
  it('is of signed words', () => expectBinary('divw', (a, b) => word(divide(signed(a, 32), signed(b, 32)))));
  it('is of unsigned words, with a signed result', () => expectBinary('divuw', (a, b) => word(divide(low(a), low(b)))));
  it('leaves a signed remainder', () => expectBinary('rem', (a, b) => remainder(signed(a), signed(b))));
  it('leaves an unsigned remainder', () => expectBinary('remu', remainder));
  it('leaves a signed remainder of words', () => expectBinary('remw', (a, b) => word(remainder(signed(a, 32), signed(b, 32)))));
  it('leaves an unsigned remainder of words', () => expectBinary('remuw', (a, b) => word(remainder(low(a), low(b)))));

  it('by zero and with overflow has the results of the specification', () => {
    const least = 1n << 63n;
    const ones = (1n << 64n) - 1n;
    const cases: [line: string, a: bigint, b: bigint, result: bigint][] = [
      ['div a0, a1, a2', 5n, 0n, ones],
      ['divu a0, a1, a2', 5n, 0n, ones],
      ['rem a0, a1, a2', 5n, 0n, 5n],
      ['remu a0, a1, a2', 5n, 0n, 5n],
      ['div a0, a1, a2', least, ones, least],
      ['rem a0, a1, a2', least, ones, 0n],
      ['divuw a0, a1, a2', 0x8000_0000n, 0n, ones],
      ['remuw a0, a1, a2', 0x8000_0000n, 0n, 0xffff_ffff_8000_0000n],
      ['divw a0, a1, a2', 0x8000_0000n, ones, 0xffff_ffff_8000_0000n],
      ['remw a0, a1, a2', 0x8000_0000n, ones, 0n],
    ];
    expect(evaluateIntegers(cases.map(([line, a, b]) => ({ line, x: [a, b] })))).toEqual(cases.map(([, , , result]) => result));
  });
});
