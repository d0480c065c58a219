/** The generated soft float against the exact one in testkit/float/, which is checked against QEMU (its index.test.ts). */
import { expect, it } from 'vitest';
import { SOFT_OPERATIONS } from '../../isa/float.ts';
import type { RoundingMode } from '../../spec/float.ts';
import { box, FORMATS, operate } from '../../testkit/float/index.ts';
import { Program } from '../../testkit/program.ts';
import { Random } from '../../testkit/random.ts';
import { operandsFor } from '../../testkit/random-floats.ts';

const CASES = 300;
const [A, X, RESULT] = [1, 5, 10];
/** Anywhere in the first part of the one memory that nothing uses. */
const ENTRY = 0xb000;

it.each(SOFT_OPERATIONS.map((row) => [`${row.operation} ${row.format}`, row] as const))('%s gives the bits and the flags', (_, row) => {
  const random = new Random(row.number + 1);
  const { state, core } = new Program('nop').hart;
  const source = row.sourceFormat ?? row.format;
  for (let n = 0; n < CASES; n++) {
    const mode = random.below(5);
    const values = operandsFor(random, row).map((value) => BigInt.asUintN(64, value));
    const expected = operate(row.operation, FORMATS[row.format], (row.rounds ? mode : 0) as RoundingMode, ...three(values));
    const registers = [RESULT, row.sources[0] === 'x' ? X : A, A + 1, A + 2].map((register) => 8 * register);
    state.bytes.set([0, 0, ...registers, mode], ENTRY);
    values.forEach((value, i) => {
      if (row.sources[i] === 'x') state.setX(X, value);
      else state.setF(A + i, box(FORMATS[source], value));
    });
    state.set('fflags', 0n);
    expect(core.soft(row.number, ENTRY)).toBe(0);
    const bits = row.result === 'x' ? state.x(RESULT) : state.f(RESULT);
    const wanted = row.result === 'x' ? expected.bits : box(FORMATS[row.result], expected.bits);
    expect([values.map(String), mode, bits, Number(state.get('fflags'))]).toEqual([values.map(String), mode, wanted, expected.flags]);
  }
});

const three = ([a = 0n, b = 0n, c = 0n]: readonly bigint[]): [bigint, bigint, bigint] => [a, b, c];
