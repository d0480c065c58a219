/**
 * From instruction bits to an instruction and its operands, by the table (isa/index.ts).
 * The table is indexed once by opcode and funct3; what shares an index is told apart by mask and match.
 */

import type { Compressed } from '../isa/c.ts';
import { FORMATS, NO_OPERANDS, type Operands } from '../isa/formats.ts';
import { COMPRESSED, INSTRUCTIONS } from '../isa/index.ts';
import type { Extension, Instruction } from '../isa/instruction.ts';

export interface Decoded {
  readonly instruction: Instruction;
  readonly operands: Operands;
  readonly length: 2 | 4;
  /** The compressed spelling, where it was one. */
  readonly compressed?: string;
}

export type Decoder = (bits: number) => Decoded | undefined;

export const isCompressed = (bits: number): boolean => (bits & 3) !== 3;

const BY_NAME = new Map(INSTRUCTIONS.map((i) => [i.name, i]));
const wideIndex = (bits: number): number => ((bits >>> 2) & 31) | ((bits >>> 7) & 0xe0);
const shortIndex = (bits: number): number => (bits & 3) | ((bits >>> 11) & 0x1c);

/** Files every row under each index that its fixed bits allow. */
function indexRows<T extends { match: number; mask: number }>(
  rows: readonly T[],
  size: number,
  indexOf: (bits: number) => number,
  bitsOf: (index: number) => number,
): readonly T[][] {
  const fixed = bitsOf(size - 1);
  return Array.from({ length: size }, (_, index) =>
    rows.filter((r) => ((bitsOf(indexOf(bitsOf(index))) ^ r.match) & r.mask & fixed) === 0),
  );
}

/** A decoder for the extensions that are on; an encoding of any other is undefined, and so illegal. */
export function createDecoder(enabled: ReadonlySet<Extension>): Decoder {
  const wide = indexRows(
    INSTRUCTIONS.filter((i) => enabled.has(i.extension)),
    256,
    wideIndex,
    (index) => ((index & 31) << 2) | ((index >>> 5) << 12),
  );
  const short = indexRows<Compressed>(
    COMPRESSED.filter((c) => enabled.has('c') && enabled.has(c.extension)),
    32,
    shortIndex,
    (index) => (index & 3) | ((index >>> 2) << 13),
  );
  return (bits) => {
    if (!isCompressed(bits)) {
      for (const instruction of wide[wideIndex(bits)]!) {
        if (((bits ^ instruction.match) & instruction.mask) !== 0) continue;
        return { instruction, operands: { ...NO_OPERANDS, ...FORMATS[instruction.format].decode(bits) }, length: 4 };
      }
      return undefined;
    }
    for (const row of short[shortIndex(bits)]!) {
      if (((bits ^ row.match) & row.mask) !== 0) continue;
      const operands = row.expand(bits & 0xffff);
      if (operands) return { instruction: BY_NAME.get(row.base)!, operands, length: 2, compressed: row.name };
    }
    return undefined;
  };
}
