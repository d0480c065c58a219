/** The generated soft float against the exact one in float/, which is checked against QEMU (float/index.test.ts). */
import { expect, it } from 'vitest';
import { binary32, binary64, boxBinary32, operate, type RoundingMode } from '../../float/index.ts';
import { SOFT_OPERATIONS } from '../../isa/float.ts';
import type { SoftOperation } from '../../isa/instruction.ts';
import { Program } from '../../testkit/program.ts';
import { Random } from '../../testkit/random.ts';

const CASES = 300;
const [A, X, RESULT] = [1, 5, 10];
/** Anywhere in the first part of the one memory that nothing uses. */
const ENTRY = 0xb000;

const FIELDS = { s: { width: 32, fraction: 23, bias: 127 }, d: { width: 64, fraction: 52, bias: 1023 } } as const;

/** A number near the edges: of the format, of rounding, of an integer, or of another operand. */
function number(random: Random, format: 's' | 'd', other = 0n): bigint {
  const { width, fraction, bias } = FIELDS[format];
  const sign = BigInt(random.below(2)) << BigInt(width - 1);
  const ones = (1n << BigInt(fraction)) - 1n;
  const significand = random.pick([
    random.bits64() & ones,
    (random.bits64() & ones) >> BigInt(random.below(fraction)),
    random.bits64() & ones & ~((1n << BigInt(random.below(fraction))) - 1n),
    ones - BigInt(random.below(3)),
    BigInt(random.below(3)),
  ]);
  const exponent = random.pick([
    random.below(2 * bias + 2),
    bias + random.between(-70, 70),
    random.below(3),
    random.below(100),
    2 * bias + 1 - random.below(3),
  ]);
  const any = sign | (BigInt(Math.min(exponent, 2 * bias + 1)) << BigInt(fraction)) | significand;
  return random.below(4) === 0 ? BigInt.asUintN(width, other ^ sign ^ BigInt(random.below(3))) : any;
}

function operands(random: Random, row: SoftOperation): bigint[] {
  const format = row.sourceFormat ?? row.format;
  const [a, b] = [number(random, format), number(random, format)];
  if (row.sources[0] === 'x')
    return [random.bits64() >> BigInt(random.below(64)), -random.bits64() >> BigInt(random.below(64))].slice(0, 1);
  // So that much of a sum is cancelled.
  const product = operate('fmul', format === 's' ? binary32 : binary64, 0, a, b).bits;
  return [a, number(random, format, a), number(random, format, product)].slice(0, row.sources.length);
}

it.each(SOFT_OPERATIONS.map((row) => [`${row.operation} ${row.format}`, row] as const))('%s gives the bits and the flags', (_, row) => {
  const random = new Random(row.number + 1);
  const { state, core } = new Program('nop').hart;
  const source = row.sourceFormat ?? row.format;
  for (let n = 0; n < CASES; n++) {
    const mode = random.below(5);
    const values = operands(random, row).map((value) => BigInt.asUintN(64, value));
    const expected = operate(
      row.operation,
      row.format === 's' ? binary32 : binary64,
      (row.rounds ? mode : 0) as RoundingMode,
      ...three(values),
    );
    const registers = [RESULT, row.sources[0] === 'x' ? X : A, A + 1, A + 2].map((register) => 8 * register);
    state.bytes.set([0, 0, ...registers, mode], ENTRY);
    values.forEach((value, i) => {
      if (row.sources[i] === 'x') state.setX(X, value);
      else state.setF(A + i, source === 's' ? boxBinary32(value) : value);
    });
    state.set('fflags', 0n);
    expect(core.soft(row.number, ENTRY)).toBe(0);
    const bits = row.result === 'x' ? state.x(RESULT) : state.f(RESULT);
    const wanted = row.result === 's' ? boxBinary32(expected.bits) : expected.bits;
    expect([values.map(String), mode, bits, Number(state.get('fflags'))]).toEqual([values.map(String), mode, wanted, expected.flags]);
  }
});

const three = ([a = 0n, b = 0n, c = 0n]: readonly bigint[]): [bigint, bigint, bigint] => [a, b, c];
