import { describe, expect, test } from 'vitest';
import { FLOAT_OPERATIONS, type FloatOperationName, RoundingMode } from '../../spec/float.ts';
import { FORMATS, operate } from './index.ts';
import { vectors } from './vectors.ts';

/** One line of vectors.ts, parsed; its format is documented there. */
function parse(line: string) {
  const [given, result] = line.split(' -> ');
  const [op, suffix, mode, ...operands] = given!.split(' ');
  const [bits, flags] = result!.split(' ');
  const [a = 0n, b = 0n, c = 0n] = operands.map((text) => BigInt(`0x${text}`));
  return {
    op: op as FloatOperationName,
    format: FORMATS[suffix as keyof typeof FORMATS],
    mode: mode === '-' ? RoundingMode.RNE : RoundingMode[mode!.toUpperCase() as keyof typeof RoundingMode],
    operands: [a, b, c] as const,
    expected: { bits: BigInt(`0x${bits}`), flags: Number.parseInt(flags!, 16) },
  };
}

const lines = vectors.trim().split('\n');

describe('vectors recorded from QEMU', () => {
  test.each(lines)('%s', (line) => {
    const { op, format, mode, operands, expected } = parse(line);
    expect(operate(op, format, mode, ...operands)).toEqual(expected);
  });

  test('cover every operation of the table', () => {
    expect(new Set(lines.map((line) => parse(line).op))).toEqual(new Set(FLOAT_OPERATIONS));
  });

  test('hold for operands that come from Wasm as signed integers', () => {
    for (const line of lines) {
      const { op, format, mode, operands, expected } = parse(line);
      const [a, b, c] = operands.map((operand) => BigInt.asIntN(64, operand)) as [bigint, bigint, bigint];
      expect(operate(op, format, mode, a, b, c), line).toEqual(expected);
    }
  });
});
