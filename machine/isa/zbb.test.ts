/** Zbb: expected values from the operations that the "B" extension writes out, computed with strings of bits where that is simplest. */
import { describe, it } from 'vitest';
import { expectBinary, expectImmediate, expectUnary } from '../testkit/expect-instruction.ts';
import { signed, unsigned, word } from '../testkit/integers.ts';

const bits = (value: bigint, width: number): string => unsigned(value, width).toString(2).padStart(width, '0');
const leadingZeroes = (text: string): bigint => BigInt(/^0*/.exec(text)![0].length);
const trailingZeroes = (text: string): bigint => BigInt(/0*$/.exec(text)![0].length);
const ones = (text: string): bigint => BigInt(text.replaceAll('0', '').length);
/** To the left by `amount`, which counts modulo the width. */
const rotate = (value: bigint, amount: bigint, width: number): bigint => {
  const [text, n] = [bits(value, width), Number(amount % BigInt(width))];
  return BigInt(`0b${text.slice(n)}${text.slice(0, n)}`);
};
const bytes = (value: bigint): string[] => unsigned(value).toString(16).padStart(16, '0').match(/../g)!;
const fromBytes = (list: readonly string[]): bigint => BigInt(`0x${list.join('')}`);

describe('logic with a negated operand', () => {
  it('is ANDN', () => expectBinary('andn', (a, b) => a & ~b));
  it('is ORN', () => expectBinary('orn', (a, b) => a | ~b));
  it('is XNOR', () => expectBinary('xnor', (a, b) => ~(a ^ b)));
});

describe('counting', () => {
  it.each([
    ['clz', 'clzw', leadingZeroes],
    ['ctz', 'ctzw', trailingZeroes],
    ['cpop', 'cpopw', ones],
  ] as const)('is %s and %s', (whole, half, count) => {
    expectUnary(whole, (a) => count(bits(a, 64)));
    expectUnary(half, (a) => count(bits(a, 32)));
  });
});

describe('minimum and maximum', () => {
  it('are signed', () => {
    expectBinary('min', (a, b) => (signed(a) < signed(b) ? a : b));
    expectBinary('max', (a, b) => (signed(a) > signed(b) ? a : b));
  });
  it('are unsigned', () => {
    const ordered = (a: bigint, b: bigint): [bigint, bigint] => (a < b ? [a, b] : [b, a]);
    expectBinary('minu', (a, b) => ordered(a, b)[0]);
    expectBinary('maxu', (a, b) => ordered(a, b)[1]);
  });
});

describe('extension', () => {
  it('takes a byte, a halfword, signed', () => {
    expectUnary('sext.b', (a) => signed(a, 8));
    expectUnary('sext.h', (a) => signed(a, 16));
  });
  it('takes a halfword, unsigned', () => expectUnary('zext.h', (a) => unsigned(a, 16)));
});

describe('rotation', () => {
  it('takes the low six bits of the amount', () => {
    expectBinary('rol', (a, b) => rotate(a, b % 64n, 64));
    expectBinary('ror', (a, b) => rotate(a, 64n - (b % 64n), 64));
    expectImmediate('rori', [0n, 1n, 32n, 63n], (a, imm) => rotate(a, 64n - imm, 64));
  });
  it('of words takes the low five, and extends the sign', () => {
    expectBinary('rolw', (a, b) => word(rotate(a, b % 32n, 32)));
    expectBinary('rorw', (a, b) => word(rotate(a, 32n - (b % 32n), 32)));
    expectImmediate('roriw', [0n, 1n, 16n, 31n], (a, imm) => word(rotate(a, 32n - imm, 32)));
  });
});

describe('bytes', () => {
  it('are reversed', () => expectUnary('rev8', (a) => fromBytes(bytes(a).reverse())));
  it('become all ones where a bit is set', () =>
    expectUnary('orc.b', (a) => fromBytes(bytes(a).map((byte) => (byte === '00' ? '00' : 'ff')))));
});
