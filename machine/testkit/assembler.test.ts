/** The test assembler: what isa/table.test.ts does not test, since it assembles single lines. Encodings from GNU as. */
import { describe, expect, it } from 'vitest';
import { assemble } from './assembler.ts';
import { EDGES } from './integers.ts';
import { Program } from './program.ts';

const hexadecimal = (source: string): string => Buffer.from(assemble(source).bytes).toString('hex');

describe('a program', () => {
  it('has labels, before and after their use', () => {
    const { symbols } = assemble('start: nop\nhere: there: c.addi zero, 0\n beqz a0, start\nend:');
    expect(Object.fromEntries(symbols)).toEqual({ start: 0x8000_0000n, here: 0x8000_0004n, there: 0x8000_0004n, end: 0x8000_000an });
    expect(hexadecimal('back: beq a0, zero, back\n bne a1, zero, on\non:')).toBe('6300050063920500');
  });

  it('has data', () => {
    expect(hexadecimal('.byte 1, -1\n.align 2\n.word 0x12345678\n.half 2\n.ascii "a\\n"\n.string "bc"\n.space 2\n.dword back\nback:')).toBe(
      ['01ff0000', '78563412', '0200', '610a', '626300', '0000', '1900008000000000'].join(''),
    );
  });

  it('has comments and empty lines', () => {
    expect(hexadecimal('# nothing\n\n  nop # no operation\n')).toBe('13000000');
  });
});

describe('pseudo-instructions', () => {
  it('load any constant', () => {
    const source = EDGES.map((value, i) => `li a0, ${value}\n at${i}: nop`).join('\n');
    const p = new Program(source);
    const loaded = EDGES.map((_, i) => p.runTo(`at${i}`).x('a0'));
    expect(loaded).toEqual(EDGES);
  });

  it('load any address, near its end of 12 bits, too', () => {
    for (const distance of [0, 8, 2044, 2048, 2052, 4096, 0x12_3800]) {
      const p = new Program(`la a0, target\nend: j end\n .org ${0x8000_000cn + BigInt(distance)}\ntarget:`, { ramBytes: 0x20_0000 }).runTo(
        'end',
      );
      expect(p.x('a0')).toBe(p.address('target'));
    }
  });

  it.each([
    ['mv a0, a1', '13850500'],
    ['jr a0', '67000500'],
    ['ret', '67800000'],
    ['csrr a0, mstatus', '73250030'],
    ['csrw mtvec, a0', '73105530'],
    ['csrsi mie, 8', '73604430'],
    ['seqz a0, a1', '13b51500'],
    ['neg a0, a1', '3305b040'],
  ])('%s', (line, bytes) => {
    expect(hexadecimal(line)).toBe(bytes);
  });
});

describe('a mistake names its line', () => {
  it.each([
    ['nop\nfoo a0', 'line 2: foo a0: no instruction "foo"'],
    ['addi a0, a0, 2048', 'line 1: addi a0, a0, 2048: addi: imm = 2048 does not fit'],
    ['slli a0, a0, 64', 'line 1: slli a0, a0, 64: slli: imm = 64 does not fit'],
    ['add a0, a1', 'line 1: add a0, a1: operand rs2 is missing'],
    ['add a0, a1, a2, a3', 'line 1: add a0, a1, a2, a3: 4 operands where there are 3'],
    ['add a0, a1, b2', 'line 1: add a0, a1, b2: no register "b2"'],
    ['j nowhere', 'line 1: j nowhere: no symbol "nowhere"'],
    ['beqz a0, far\n.space 4096\nfar:', 'line 1: beqz a0, far: beq: imm = 4100 does not fit'],
    ['fadd.d fa0, fa1, fa2, rxx', 'line 1: fadd.d fa0, fa1, fa2, rxx: "rxx" is none of rne, rtz, rdn, rup, rmm, rm5, rm6, dyn'],
  ])('%j', (source, message) => {
    expect(() => assemble(source)).toThrow(new Error(message));
  });
});
