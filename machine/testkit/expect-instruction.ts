/** Compares instructions with functions over bigint, for every pair of edge values. */
import { expect } from 'vitest';
import { evaluateIntegers } from './evaluate.ts';
import { EDGES, PAIRS, unsigned } from './integers.ts';

const hexadecimal = (value: bigint): string => `0x${unsigned(value).toString(16)}`;
const shown = (line: string, inputs: readonly bigint[], result: bigint): string =>
  `${line} of ${inputs.map(hexadecimal).join(', ')} is ${hexadecimal(result)}`;

function expectAll(line: string, inputs: readonly (readonly bigint[])[], f: (...x: bigint[]) => bigint): void {
  const actual = evaluateIntegers(inputs.map((x) => ({ line, x })));
  const wrong = inputs.flatMap((x, i) =>
    actual[i] === unsigned(f(...x)) ? [] : [`${shown(line, x, actual[i]!)}, not ${hexadecimal(f(...x))}`],
  );
  expect(wrong).toEqual([]);
}

/** `name a0, a1, a2` against f. */
export function expectBinary(name: string, f: (a: bigint, b: bigint) => bigint): void {
  expectAll(`${name} a0, a1, a2`, PAIRS, f as (...x: bigint[]) => bigint);
}

/** `name a0, a1` against f. */
export function expectUnary(name: string, f: (a: bigint) => bigint): void {
  expectAll(
    `${name} a0, a1`,
    EDGES.map((a) => [a]),
    f as (...x: bigint[]) => bigint,
  );
}

/** `name a0, a1, imm` against f, for each immediate. */
export function expectImmediate(name: string, immediates: readonly bigint[], f: (a: bigint, imm: bigint) => bigint): void {
  for (const imm of immediates)
    expectAll(
      `${name} a0, a1, ${imm}`,
      EDGES.map((a) => [a]),
      (a) => f(a!, imm),
    );
}
