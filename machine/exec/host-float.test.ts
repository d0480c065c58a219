/** Instructions that the host's floating point may do, against the exact soft float in testkit/float/, which is checked against QEMU. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SOFT_OPERATIONS } from '../isa/float.ts';
import type { SoftOperation } from '../isa/instruction.ts';
import type { RoundingMode } from '../spec/float.ts';
import { evaluate } from '../testkit/evaluate.ts';
import { box, FORMATS, operate } from '../testkit/float/index.ts';
import { Program } from '../testkit/program.ts';
import { Random } from '../testkit/random.ts';
import { operandsFor } from '../testkit/random-floats.ts';
import { HOT } from './translator.ts';

const asSet = { ...HOT };
beforeAll(() => Object.assign(HOT, { samples: 1, firstSlice: 40, slice: 200 }));
afterAll(() => Object.assign(HOT, asSet));

const CASES = 150;
const NX = 1;
const MODES = ['rne', 'rtz', 'rdn', 'rup', 'rmm'];
const DYNAMIC = 'dyn';

function lineOf(row: SoftOperation, mode: string): string {
  const name = row.operation.includes('fmt') ? row.operation.replace('fmt', row.format) : `${row.operation}.${row.format}`;
  const sources = row.sources.map((source, n) => (source === 'x' ? 'a1' : `fa${n + 1}`));
  return `${name} ${[row.result === 'x' ? 'a0' : 'fa0', ...sources, ...(row.rounds ? [mode] : [])].join(', ')}`;
}

function expectRight(row: SoftOperation, random: Random): void {
  const format = FORMATS[row.format];
  const cases = Array.from({ length: CASES }, () => {
    const values = operandsFor(random, row).map((value) => BigInt.asUintN(64, value));
    // Mostly the modes that the host can do.
    const mode = random.pick([0, 0, 0, 1, 1, 2, 3, 4]);
    const raised = random.pick([NX, NX, 0]);
    const isDynamic = random.below(2) === 0;
    const [a = 0n, b = 0n, c = 0n] = values;
    return { values, mode, raised, isDynamic, expected: operate(row.operation, format, (row.rounds ? mode : 0) as RoundingMode, a, b, c) };
  });
  const outcomes = evaluate(
    cases.map(({ values, mode, raised, isDynamic }) => ({
      line: lineOf(row, isDynamic ? DYNAMIC : (MODES[mode] ?? '')),
      x: values,
      f: values.map((value) => box(FORMATS[row.sourceFormat ?? row.format], value)),
      fcsr: BigInt((isDynamic ? mode << 5 : 0) | raised),
    })),
  );
  outcomes.forEach(({ a0, fa0, flags }, n) => {
    const { values, mode, raised, expected } = cases[n]!;
    const wanted = row.result === 'x' ? expected.bits : box(FORMATS[row.result], expected.bits);
    const given = [values.map(String), mode, raised];
    expect([given, row.result === 'x' ? a0 : fa0, Number(flags)]).toEqual([given, wanted, expected.flags | raised]);
  });
}

it.each(SOFT_OPERATIONS.map((row) => [`${row.operation} ${row.format}`, row] as const))('%s gives the bits and the flags', (_, row) => {
  expectRight(row, new Random(row.number + 1));
});

describe('a loop of ordinary numbers', () => {
  const softFloat = (body: string, { translated }: { translated: boolean }) => {
    const p = new Program(
      `li t0, 3\n fcvt.d.l fa1, t0\n fcvt.d.l fa2, t0\n fdiv.d fa3, fa1, fa1\n fdiv.d fa4, fa3, fa2\nli t1, 1\nagain: ${body}\n addi t1, t1, 1\n j again`,
    );
    p.hart.engine.loops.enabled = false;
    p.hart.engine.translator.enabled = translated;
    p.run(9_000);
    expect(p.hart.engine.translator.functions).toBe(translated ? 1 : 0);
    return p.hart.engine.workDone().counts['soft-float'];
  };

  it.each([
    'fmadd.d fa0, fa1, fa4, fa3',
    'fnmsub.d fa0, fa1, fa4, fa2',
    'fsub.d fa0, fa1, fa4\n fsqrt.d fa0, fa0',
    'flt.d a0, fa1, fa2\n feq.d a0, fa1, fa2\n fle.d a0, fa1, fa2\n fmin.d fa0, fa1, fa2\n fmax.d fa0, fa1, fa2',
    'fcvt.d.w fa0, t1, rne\n fcvt.d.lu fa0, t1\n fcvt.w.d a0, fa4, rtz\n fcvt.lu.d a0, fa2, rtz',
    'fcvt.s.d fa0, fa4\n fcvt.d.s fa0, fa0\n fcvt.s.l fa0, t1\n fmul.s fa0, fa0, fa0',
  ])('needs no soft float: %s', (body) => {
    // The two divisions before the loop, the second of which raises NX.
    for (const translated of [false, true]) expect(softFloat(body, { translated })).toBe(2);
  });
});
