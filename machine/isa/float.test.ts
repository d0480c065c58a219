/**
 * F, D and Zfh without the arithmetic: registers, NaN boxes, rounding modes, flags, mstatus.FS. The tests in testkit/float/ and qemu-user.test.ts have
 * the arithmetic. Expected values from the "F", "D" and "Zfh" extensions.
 */
import { describe, expect, it } from 'vitest';
import { EXCEPTION } from '../spec/riscv.ts';
import { evaluate, type Operation, UNTOUCHED } from '../testkit/evaluate.ts';
import { Program } from '../testkit/program.ts';
import { INSTRUCTIONS } from './index.ts';
import { EXTENSIONS } from './instruction.ts';

const BOX = 0xffff_ffff_0000_0000n;
const CANONICAL = BOX | 0x7fc0_0000n;
const ONE = 0x3ff0_0000_0000_0000n;
const THREE = 0x4008_0000_0000_0000n;
const MINUS_TWO_AND_HALF = 0xc004_0000_0000_0000n;
const ONE_SINGLE = BOX | 0x3f80_0000n;
const [NX, , OF, DZ, NV] = [1n, 2n, 4n, 8n, 16n] as const;

const only = (operation: Operation) => evaluate([operation])[0]!;

describe('moves', () => {
  it('of a single into the integer registers extend the sign and look at no box', () => {
    expect(only({ line: 'fmv.x.w a0, fa1', f: [0x1234_5678_8765_4321n] }).a0).toBe(0xffff_ffff_8765_4321n);
  });
  it('of a single out of them box it', () => {
    expect(only({ line: 'fmv.w.x fa0, a1', x: [0x1234_5678_8765_4321n] }).fa0).toBe(BOX | 0x8765_4321n);
  });
  it('of doubles keep every bit, of a signalling NaN, too', () => {
    const bits = 0x7ff0_0000_0000_0001n;
    expect(only({ line: 'fmv.x.d a0, fa1', f: [bits] })).toMatchObject({ a0: bits, flags: 0n });
    expect(only({ line: 'fmv.d.x fa0, a1', x: [bits] })).toMatchObject({ fa0: bits, flags: 0n });
  });
});

describe('loads and stores', () => {
  it('box a single and store it as it is', () => {
    const p = new Program(
      'la a1, data\n flw fa0, 0(a1)\n fsw fa1, 8(a1)\nend: j end\n .align 3\ndata: .word 0x7f800001\n .word 0\n .dword -1',
    );
    p.setF('fa1', 0x1122_3344_5566_7788n);
    p.runTo('end');
    expect(p.f('fa0')).toBe(BOX | 0x7f80_0001n);
    expect(p.load(p.address('data') + 8n, 8)).toBe(0xffff_ffff_5566_7788n);
  });
  it('keep a double', () => {
    const p = new Program(
      'la a1, data\n fld fa0, 0(a1)\n fsd fa0, 8(a1)\nend: j end\n .align 3\ndata: .dword 0x7ff0000000000001\n .dword 0',
    ).runTo('end');
    expect([p.f('fa0'), p.load(p.address('data') + 8n, 8)]).toEqual([0x7ff0_0000_0000_0001n, 0x7ff0_0000_0000_0001n]);
  });
});

describe('sign injection', () => {
  const double = (line: string) => only({ line: `${line} fa0, fa1, fa2`, f: [ONE, MINUS_TWO_AND_HALF] }).fa0;
  it('of doubles takes, negates or mixes the sign', () => {
    expect([double('fsgnj.d'), double('fsgnjn.d'), double('fsgnjx.d')]).toEqual([ONE | (1n << 63n), ONE, ONE | (1n << 63n)]);
  });
  it('of singles reads a broken box as the canonical NaN', () => {
    const broken = 0x3f80_0000n;
    expect(only({ line: 'fsgnj.s fa0, fa1, fa2', f: [broken, ONE_SINGLE] }).fa0).toBe(CANONICAL);
    expect(only({ line: 'fsgnjn.s fa0, fa1, fa2', f: [ONE_SINGLE, broken] }).fa0).toBe(BOX | 0xbf80_0000n);
  });
  it('raises nothing for a signalling NaN', () => {
    const signalling = 0x7ff0_0000_0000_0001n;
    expect(only({ line: 'fsgnj.d fa0, fa1, fa1', f: [signalling] })).toMatchObject({ fa0: signalling, flags: 0n });
  });
});

describe('halves', () => {
  const HALF_BOX = 0xffff_ffff_ffff_0000n;
  const [one, minusTwo, canonical] = [0x3c00n, 0xc000n, 0x7e00n];

  it('move into the integer registers with their sign, whatever is above them, and out of them boxed', () => {
    expect(only({ line: 'fmv.x.h a0, fa1', f: [0x1234_5678_8765_8321n] }).a0).toBe(0xffff_ffff_ffff_8321n);
    expect(only({ line: 'fmv.h.x fa0, a1', x: [0x1234_5678_8765_4321n] }).fa0).toBe(HALF_BOX | 0x4321n);
  });

  it.each([0, 0xffe])('are boxed by a load and stored as they are, at the end of a page as well (%i)', (offset) => {
    const p = new Program(
      `la a1, data\n flh fa0, ${offset ? -2 : 2}(a1)\n fsh fa1, 4(a1)\nend: j end\n .align 12\n .space ${4094}\n .half 0x7c01\ndata: .half 0\n .half 0x7c01\n .dword -1`,
    );
    p.setF('fa1', 0x1122_3344_5566_7788n);
    p.runTo('end');
    expect(p.f('fa0')).toBe(HALF_BOX | 0x7c01n);
    expect(p.load(p.address('data') + 4n, 8)).toBe(0xffff_ffff_ffff_7788n);
  });

  it.each(['flh', 'flw'])('%s that crosses a page boxes, too', (name) => {
    const p = new Program(`la a1, data\n ${name} fa0, -1(a1)\nend: j end\n .align 12\n .space 4095\n .byte 0x34\ndata: .word 0x12`);
    const box = name === 'flh' ? HALF_BOX : BOX;
    expect(p.runTo('end').f('fa0')).toBe(box | 0x1234n);
  });

  it('with a broken box are the canonical NaN', () => {
    for (const broken of [one, BOX | one, (HALF_BOX | one) ^ (1n << 16n)]) {
      expect(only({ line: 'fcvt.s.h fa0, fa1', f: [broken] })).toMatchObject({ fa0: CANONICAL, flags: 0n });
      expect(only({ line: 'fadd.h fa0, fa1, fa2', f: [broken, HALF_BOX | one] })).toMatchObject({ fa0: HALF_BOX | canonical, flags: 0n });
      expect(only({ line: 'fsgnjn.h fa0, fa1, fa2', f: [HALF_BOX | minusTwo, broken] }).fa0).toBe(HALF_BOX | minusTwo);
      expect(only({ line: 'fsgnj.h fa0, fa1, fa2', f: [broken, HALF_BOX | minusTwo] }).fa0).toBe(HALF_BOX | 0xfe00n);
    }
  });

  it.each([
    ['fcvt.s.h', HALF_BOX | minusTwo, BOX | 0xc000_0000n, 0n],
    ['fcvt.d.h', HALF_BOX | 0x0001n, 0x3e70n << 48n, 0n],
    ['fcvt.h.s', BOX | 0x3eaa_aaabn, HALF_BOX | 0x3555n, NX],
    ['fcvt.h.d', 0x40f0n << 48n, HALF_BOX | 0x7c00n, OF | NX],
  ])('%s converts', (name, from, to, flags) => expect(only({ line: `${name} fa0, fa1`, f: [from] })).toMatchObject({ fa0: to, flags }));

  it('are converted from and to doubles only where there are doubles, and computed with only where Zfh is', () => {
    const has = (without: string, line: string) => {
      const extensions = new Set(EXTENSIONS.filter((name) => name !== without));
      return evaluate([{ line, f: [HALF_BOX | one, HALF_BOX | one] }], { extensions })[0]!.trap === undefined;
    };
    expect(['fcvt.d.h fa0, fa1', 'fcvt.h.d fa0, fa1', 'fcvt.s.h fa0, fa1'].map((line) => has('d', line))).toEqual([false, false, true]);
    expect(['fadd.h fa0, fa1, fa2', 'fcvt.d.h fa0, fa1', 'fmv.x.h a0, fa1'].map((line) => has('zfh', line))).toEqual([false, true, true]);
  });
});

describe('arithmetic', () => {
  it('on singles reads a broken box as the canonical NaN', () => {
    expect(only({ line: 'fadd.s fa0, fa1, fa2', f: [0x3f80_0000n, ONE_SINGLE] })).toMatchObject({ fa0: CANONICAL, flags: 0n });
  });

  it('accumulates flags', () => {
    expect(only({ line: 'fdiv.d fa0, fa1, fa2', f: [ONE, 0n], fcsr: NX })).toMatchObject({ fa0: 0x7ff0n << 48n, flags: DZ | NX });
  });

  it('gives the same, fast or slow: exact, inexact, and what raises a flag beyond NX', () => {
    const max = 0x7fef_ffff_ffff_ffffn;
    const cases: [line: string, f: bigint[], result: bigint, flags: bigint][] = [
      ['fadd.d fa0, fa1, fa2', [ONE, ONE], 0x4000_0000_0000_0000n, 0n],
      ['fdiv.d fa0, fa1, fa2', [ONE, THREE], 0x3fd5_5555_5555_5555n, NX],
      ['fmul.d fa0, fa1, fa2', [max, THREE], 0x7ff0n << 48n, OF | NX],
      ['fsub.d fa0, fa1, fa2', [0x7ff0n << 48n, 0x7ff0n << 48n], 0x7ff8n << 48n, NV],
      ['fsqrt.d fa0, fa1', [MINUS_TWO_AND_HALF], 0x7ff8n << 48n, NV],
      ['fdiv.s fa0, fa1, fa2', [ONE_SINGLE, BOX | 0x4040_0000n], BOX | 0x3eaa_aaabn, NX],
    ];
    for (const raised of [0n, NX]) {
      const outcomes = evaluate(cases.map(([line, f]) => ({ line, f, fcsr: raised })));
      expect(outcomes.map(({ fa0, flags }) => [fa0, flags])).toEqual(cases.map(([, , result, flags]) => [result, flags | raised]));
    }
  });

  it.each([
    ['rne', 0n, 0x3fd5_5555_5555_5555n],
    ['rtz', 1n, 0x3fd5_5555_5555_5555n],
    ['rdn', 2n, 0x3fd5_5555_5555_5555n],
    ['rup', 3n, 0x3fd5_5555_5555_5556n],
    ['rmm', 4n, 0x3fd5_5555_5555_5555n],
  ])('rounds one third by %s, in the instruction or in frm', (name, mode, result) => {
    for (const flags of [0n, NX]) {
      expect(only({ line: `fdiv.d fa0, fa1, fa2, ${name}`, f: [ONE, THREE], fcsr: flags }).fa0).toBe(result);
      expect(only({ line: 'fdiv.d fa0, fa1, fa2', f: [ONE, THREE], fcsr: (mode << 5n) | flags }).fa0).toBe(result);
    }
  });

  it('rounds -2.5 to an integer by every mode', () => {
    const integers = ['rne', 'rtz', 'rdn', 'rup', 'rmm'].map(
      (mode) => only({ line: `fcvt.l.d a0, fa1, ${mode}`, f: [MINUS_TWO_AND_HALF] }).a0,
    );
    expect(integers.map((a0) => BigInt.asIntN(64, a0))).toEqual([-2n, -2n, -3n, -2n, -3n]);
  });

  it('extends the sign of a converted word, an unsigned one, too', () => {
    expect(only({ line: 'fcvt.wu.d a0, fa1', f: [0x41ef_ffff_ffe0_0000n] }).a0).toBe(0xffff_ffff_ffff_ffffn);
  });
});

describe('what is illegal', () => {
  const illegal = (operation: Operation, floatState: 0n | 3n = 3n) => {
    const { trap, fa0, a0 } = evaluate([operation], { floatState })[0]!;
    return trap?.cause === EXCEPTION.illegalInstruction && fa0 === UNTOUCHED && a0 === UNTOUCHED;
  };

  it.each(['rm5', 'rm6'])('is the reserved rounding mode %s in an instruction', (mode) => {
    expect(illegal({ line: `fadd.d fa0, fa1, fa2, ${mode}`, f: [ONE, ONE] })).toBe(true);
    expect(illegal({ line: `fadd.d fa0, fa1, fa2, ${mode}`, f: [ONE, ONE], fcsr: NX })).toBe(true);
  });

  it.each([5n, 6n, 7n])('is dynamic rounding with %i in frm', (mode) => {
    expect(illegal({ line: 'fadd.s fa0, fa1, fa2', f: [ONE_SINGLE, ONE_SINGLE], fcsr: (mode << 5n) | NX })).toBe(true);
    expect(illegal({ line: 'fadd.s fa0, fa1, fa2, rne', f: [ONE_SINGLE, ONE_SINGLE], fcsr: mode << 5n })).toBe(false);
    // It does not round, so it has no mode.
    expect(illegal({ line: 'feq.s a0, fa1, fa2', f: [ONE_SINGLE, ONE_SINGLE], fcsr: mode << 5n })).toBe(false);
  });

  const OPERANDS: Readonly<Record<string, string>> = {
    floatLoad: 'fa0, 0(a1)',
    floatStore: 'fa1, 0(a1)',
    floatR: 'fa0, fa1, fa2',
    floatRounded: 'fa0, fa1, fa2',
    floatUnary: 'fa0, fa1',
    floatCompare: 'a0, fa1, fa2',
    floatToInteger: 'a0, fa1',
    integerToFloat: 'fa0, a1',
    floatMoveOut: 'a0, fa1',
    floatMoveIn: 'fa0, a1',
    R4: 'fa0, fa1, fa2, fa3',
  };
  const float = INSTRUCTIONS.filter(({ extension }) => ['f', 'd', 'zfhmin', 'zfh'].includes(extension));

  it.each(float.map(({ name, format }) => [name, format] as const))('is %s while mstatus.FS is Off', (name, format) => {
    const operation = { line: `${name} ${OPERANDS[format]}`, x: [0x8000_8000n], f: [ONE, ONE, ONE] };
    expect(illegal(operation, 0n)).toBe(true);
    expect(illegal(operation)).toBe(false);
  });

  it.each(['fflags', 'frm', 'fcsr'])('is the CSR %s while mstatus.FS is Off', (name) => {
    expect(illegal({ line: `csrr a0, ${name}` }, 0n)).toBe(true);
  });
});

describe('mstatus.FS', () => {
  it.each([
    ['a result', 'fadd.d fa0, fa1, fa2', 3n],
    ['a load', 'flw fa0, 0(a1)', 3n],
    ['a move', 'fmv.d.x fa0, a1', 3n],
    ['a raised flag', 'fcvt.w.d a0, fa1', 3n],
    ['a write of fcsr', 'csrwi fcsr, 0', 3n],
    ['a store', 'fsw fa1, 0(a1)', 1n],
    ['a move out', 'fmv.x.d a0, fa1', 1n],
    ['a read of fcsr', 'csrr a0, fcsr', 1n],
  ])('after %s from Initial', (_, line, state) => {
    const p = new Program(`at: ${line}\nend: j end\n .align 3\ndata: .dword 0`, { floatState: 1n });
    p.setX('a1', p.address('data'));
    p.setF('fa1', 0x3fe0_0000_0000_0000n);
    p.runTo('end');
    expect(p.trap).toBeUndefined();
    expect(p.floatState).toBe(state);
    expect(p.csr('mstatus') >> 63n).toBe(state === 3n ? 1n : 0n);
  });
});
