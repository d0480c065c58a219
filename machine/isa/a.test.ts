/** A: expected values from the "A" extension's text. */
import { describe, expect, it } from 'vitest';
import { EXCEPTION } from '../spec/riscv.ts';
import { PAIRS, signed, unsigned, word } from '../testkit/integers.ts';
import { Program } from '../testkit/program.ts';

/** Memory operand first. */
const OPERATIONS: readonly [name: string, f: (memory: bigint, source: bigint, bits: number) => bigint][] = [
  ['amoswap', (_, b) => b],
  ['amoadd', (a, b) => a + b],
  ['amoxor', (a, b) => a ^ b],
  ['amoand', (a, b) => a & b],
  ['amoor', (a, b) => a | b],
  ['amomin', (a, b, bits) => (signed(a, bits) < signed(b, bits) ? a : b)],
  ['amomax', (a, b, bits) => (signed(a, bits) > signed(b, bits) ? a : b)],
  ['amominu', (a, b, bits) => (unsigned(a, bits) < unsigned(b, bits) ? a : b)],
  ['amomaxu', (a, b, bits) => (unsigned(a, bits) > unsigned(b, bits) ? a : b)],
];

const NEIGHBOUR = 0x1111_2222_3333_4444n;
const DATA = `.align 3\ndata: .dword 0\n .dword ${NEIGHBOUR}`;

describe.each(OPERATIONS)('%s', (name, f) => {
  it.each([
    ['w', 4, 32],
    ['d', 8, 64],
  ] as const)('.%s gives the old value and stores the new one', (suffix, width, bits) => {
    const p = new Program(`la a1, data\nstart: ${name}.${suffix} a0, a2, (a1)\n${DATA}`).runTo('start');
    const data = p.address('data');
    const wrong = PAIRS.filter(([memory, source]) => {
      p.store(data, width, memory);
      p.setX('a2', source);
      p.hart.state.set('pc', p.address('start'));
      p.run(1);
      const old = width === 4 ? word(memory) : memory;
      return p.x('a0') !== old || p.load(data, width) !== unsigned(f(memory, source, bits), bits);
    });
    expect(wrong).toEqual([]);
    expect(p.load(data + 8n, 8)).toBe(NEIGHBOUR);
  });
});

describe('load-reserved and store-conditional', () => {
  /** a0 after the code; a1 is the address of data, a2 that of the next doubleword. */
  const result = (code: string): bigint =>
    new Program(`la a1, data\n addi a2, a1, 8\n li a3, 7\n${code}\nend: j end\n${DATA}`).runTo('end').x('a0');

  it('store and give 0', () => {
    const p = new Program(`la a1, data\n li a3, -2\n lr.d a4, (a1)\n sc.d a0, a3, (a1)\nend: j end\n${DATA}`).runTo('end');
    expect([p.x('a0'), p.x('a4'), p.load(p.address('data'), 8)]).toEqual([0n, 0n, unsigned(-2n)]);
  });

  it('extend the sign of a word', () => {
    const p = new Program(`la a1, data\n li a3, 0x80000000\n sw a3, 0(a1)\n lr.w a0, (a1)\nend: j end\n${DATA}`).runTo('end');
    expect(p.x('a0')).toBe(0xffff_ffff_8000_0000n);
  });

  it('fail without a reservation, and then store nothing', () => {
    const p = new Program(`la a1, data\n li a3, 7\n sc.d a0, a3, (a1)\nend: j end\n${DATA}`).runTo('end');
    expect([p.x('a0'), p.load(p.address('data'), 8)]).toEqual([1n, 0n]);
  });

  it('fail at another address', () => expect(result('lr.d a4, (a1)\n sc.d a0, a3, (a2)')).toBe(1n));
  // The first SC stores the value that LR read, so only the reservation is gone.
  it('fail the second time', () => expect(result('lr.d a4, (a1)\n sc.d a0, a4, (a1)\n sc.d a0, a4, (a1)')).toBe(1n));
  it('fail when the memory has changed', () => expect(result('lr.d a4, (a1)\n sd a3, 0(a1)\n sc.d a0, a3, (a1)')).toBe(1n));
  it('succeed with ordering bits', () => expect(result('lr.w.aq a4, (a1)\n sc.w.rl a0, a3, (a1)')).toBe(0n));
  it('fail after a trap was taken', () => {
    expect(
      result(
        'la t0, handler\n csrw mtvec, t0\n lr.d a4, (a1)\n ecall\n sc.d a0, a3, (a1)\n j end\n .align 2\nhandler: csrr t0, mepc\n addi t0, t0, 4\n csrw mepc, t0\n mret',
      ),
    ).toBe(1n);
  });
});

it.each([
  ['lr.w a0, (a1)', 2, EXCEPTION.loadMisaligned],
  ['lr.d a0, (a1)', 4, EXCEPTION.loadMisaligned],
  ['sc.w a0, a2, (a1)', 1, EXCEPTION.storeMisaligned],
  ['amoadd.w a0, a2, (a1)', 2, EXCEPTION.storeMisaligned],
  ['amoadd.d a0, a2, (a1)', 4, EXCEPTION.storeMisaligned],
])('%s at an address %i off traps', (line, offset, cause) => {
  const p = new Program(`la a1, data\n addi a1, a1, ${offset}\nat: ${line}\nend: j end\n${DATA}`).runTo('end');
  expect(p.trap).toEqual({ cause, interrupt: false, tval: p.address('data') + BigInt(offset), pc: p.address('at') });
  expect(p.load(p.address('data') + 8n, 8)).toBe(NEIGHBOUR);
});
