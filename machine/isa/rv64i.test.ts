/** RV64I: expected values from the chapters "RV32I" and "RV64I", computed over bigint. */
import { describe, expect, it } from 'vitest';
import { evaluate, evaluateIntegers, UNTOUCHED } from '../testkit/evaluate.ts';
import { expectBinary, expectImmediate } from '../testkit/expect-instruction.ts';
import { PAIRS, signed, unsigned, word } from '../testkit/integers.ts';
import { Program } from '../testkit/program.ts';

type Binary = (a: bigint, b: bigint) => bigint;

/** The right operand counts modulo the width in shifts. */
const REGISTER: readonly [name: string, f: Binary][] = [
  ['add', (a, b) => a + b],
  ['sub', (a, b) => a - b],
  ['sll', (a, b) => a << (b % 64n)],
  ['slt', (a, b) => (signed(a) < signed(b) ? 1n : 0n)],
  ['sltu', (a, b) => (a < b ? 1n : 0n)],
  ['xor', (a, b) => a ^ b],
  ['srl', (a, b) => a >> (b % 64n)],
  ['sra', (a, b) => signed(a) >> (b % 64n)],
  ['or', (a, b) => a | b],
  ['and', (a, b) => a & b],
  ['addw', (a, b) => word(a + b)],
  ['subw', (a, b) => word(a - b)],
  ['sllw', (a, b) => word(a << (b % 32n))],
  ['srlw', (a, b) => word(unsigned(a, 32) >> (b % 32n))],
  ['sraw', (a, b) => signed(a, 32) >> (b % 32n)],
];

const IMMEDIATE: readonly [name: string, f: Binary][] = [
  ['addi', (a, i) => a + i],
  ['slti', (a, i) => (signed(a) < i ? 1n : 0n)],
  ['sltiu', (a, i) => (a < unsigned(i) ? 1n : 0n)],
  ['xori', (a, i) => a ^ unsigned(i)],
  ['ori', (a, i) => a | unsigned(i)],
  ['andi', (a, i) => a & unsigned(i)],
  ['addiw', (a, i) => word(a + i)],
];

const SHIFTS: readonly [name: string, width: bigint, f: Binary][] = [
  ['slli', 64n, (a, i) => a << i],
  ['srli', 64n, (a, i) => a >> i],
  ['srai', 64n, (a, i) => signed(a) >> i],
  ['slliw', 32n, (a, i) => word(a << i)],
  ['srliw', 32n, (a, i) => word(unsigned(a, 32) >> i)],
  ['sraiw', 32n, (a, i) => signed(a, 32) >> i],
];

const BRANCHES: readonly [name: string, f: (a: bigint, b: bigint) => boolean][] = [
  ['beq', (a, b) => a === b],
  ['bne', (a, b) => a !== b],
  ['blt', (a, b) => signed(a) < signed(b)],
  ['bge', (a, b) => signed(a) >= signed(b)],
  ['bltu', (a, b) => a < b],
  ['bgeu', (a, b) => a >= b],
];

const LOADS: readonly [name: string, bytes: number, signed: boolean][] = [
  ['lb', 1, true],
  ['lh', 2, true],
  ['lw', 4, true],
  ['ld', 8, true],
  ['lbu', 1, false],
  ['lhu', 2, false],
  ['lwu', 4, false],
];

describe('computation', () => {
  it.each(REGISTER)('%s on registers', expectBinary);
  it.each(IMMEDIATE)('%s with an immediate', (name, f) => expectImmediate(name, [-2048n, -1n, 0n, 1n, 2047n], f));
  it.each(SHIFTS)('%s', (name, width, f) => expectImmediate(name, [0n, 1n, width / 2n, width - 1n], f));

  it('has upper immediates, sign-extended and relative to pc', () => {
    const [lui, negative] = evaluateIntegers([{ line: 'lui a0, 0x12345' }, { line: 'lui a0, 0x80000' }]);
    expect([lui, negative]).toEqual([0x1234_5000n, 0xffff_ffff_8000_0000n]);
    const p = new Program('nop\n auipc a0, 1\n auipc a1, 0xfffff\n end:').runTo('end');
    expect([p.x('a0'), p.x('a1')]).toEqual([0x8000_1004n, 0x7fff_f008n]);
  });

  it('never changes x0', () => {
    const p = new Program(`
      la a1, data
      addi zero, a1, 1
      add zero, a1, a1
      lui zero, 1
      auipc zero, 1
      jal zero, here
here: csrrs zero, mstatus, zero
      lw zero, 0(a1)
      mul zero, a1, a1
      amoadd.w zero, a1, (a1)
      fmv.x.w zero, fa0
      feq.d zero, fa0, fa0
      mv a0, zero
end:  j end
      .align 3
data: .dword 7
    `).runTo('end');
    expect([p.x('zero'), p.x('a0')]).toEqual([0n, 0n]);
    // With rd = x0 the AMO is still done.
    expect(p.load(p.address('data'), 4)).toBe(unsigned(7n + p.address('data'), 32));
  });
});

describe('control transfer', () => {
  it.each(BRANCHES)('%s', (name, taken) => {
    const p = new Program(`${name} a1, a2, far\n nop\nfar: nop`);
    const wrong = PAIRS.filter(([a, b]) => {
      p.setX('a1', a);
      p.setX('a2', b);
      p.hart.state.set('pc', 0x8000_0000n);
      p.run(1);
      return (p.pc === p.address('far')) !== taken(a, b);
    });
    expect(wrong).toEqual([]);
  });

  it('links, and clears the lowest bit of an indirect target', () => {
    const p = new Program(`
      jal a0, over
      nop
over: la a1, target
      jalr a1, 1(a1)
      nop
target: j target
    `).runTo('target');
    expect(p.x('a0')).toBe(0x8000_0004n);
    // rd is also the source register: the target is its old value.
    expect(p.x('a1')).toBe(p.address('target') - 4n);
  });

  it('links two bytes on from a compressed call', () => {
    const p = new Program('la a0, target\n c.jalr a0\n c.addi zero, 0\ntarget: j target').runTo('target');
    expect(p.x('ra')).toBe(0x8000_000an);
  });

  it('goes backwards and far', () => {
    const p = new Program(`
      j far
back: j end
      .space 0x80000
end:  j end
      .space 0x7fff0
far:  jal a0, back
    `).runTo('end');
    expect(p.x('a0')).toBe(p.address('far') + 4n);
  });
});

describe('memory', () => {
  const DATA =
    'la a1, data\nstart: j start\n .align 12\n .space 4088\ndata: .dword 0x8182838485868788\n .dword 0xf0f1f2f3f4f5f6f7\n .space 32';

  it.each(LOADS)('%s, aligned or not, within a page and across', (name, bytes, isSigned) => {
    const offsets = Array.from({ length: 12 }, (_, i) => i);
    const p = new Program(`${DATA}\n${offsets.map((i) => `load${i}: ${name} a0, ${i}(a1)`).join('\n')}`).runTo('start');
    const actual = offsets.map((i) => {
      p.hart.state.set('pc', p.address(`load${i}`));
      p.run(1);
      return p.x('a0');
    });
    const all = 0xf0f1f2f3f4f5f6f78182838485868788n;
    const part = (i: number) => unsigned(all >> BigInt(8 * i), Math.min(8 * bytes, 128 - 8 * i));
    const expected = offsets.map((i) => (isSigned ? unsigned(signed(part(i), 8 * bytes)) : part(i)));
    expect(actual).toEqual(expected);
  });

  it.each([
    ['sb', 1],
    ['sh', 2],
    ['sw', 4],
    ['sd', 8],
  ] as const)('%s stores its bytes and no other', (name, bytes) => {
    for (const offset of [0, 1, 3, 5, 7]) {
      const p = new Program(`${DATA}\n store: ${name} a2, ${offset}(a1)`).runTo('start');
      p.setX('a2', 0x1122_3344_5566_7788n);
      p.hart.state.set('pc', p.address('store'));
      p.run(1);
      const value = BigInt(p.load(p.address('data'), 8)) | (BigInt(p.load(p.address('data') + 8n, 8)) << 64n);
      const mask = ((1n << BigInt(8 * bytes)) - 1n) << BigInt(8 * offset);
      const expected = (0xf0f1f2f3f4f5f6f78182838485868788n & ~mask) | ((0x1122_3344_5566_7788n << BigInt(8 * offset)) & mask);
      expect([offset, value]).toEqual([offset, expected]);
    }
  });
});

it('fences are no-operations', () => {
  expect(evaluate(['fence', 'fence rw, w', 'fence.i'].map((line) => ({ line }))).map(({ a0, trap }) => [a0, trap])).toEqual(
    new Array(3).fill([UNTOUCHED, undefined]),
  );
});
