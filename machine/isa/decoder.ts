/**
 * From instruction bits to an instruction and its operands, by the table (isa/index.ts).
 * The table is indexed by opcode and funct3; mask and match then choose among the rows with the same index.
 */

import type { Compressed } from './c.ts';
import { FORMATS, NO_OPERANDS, type Operands } from './formats.ts';
import { COMPRESSED, INSTRUCTIONS } from './index.ts';
import type { Extension, Instruction } from './instruction.ts';

export interface Decoded {
  readonly instruction: Instruction;
  readonly operands: Operands;
  readonly length: 2 | 4;
  /** The compressed instruction's own name, if it was a compressed one. */
  readonly compressed?: string;
}

export type Decoder = (bits: number) => Decoded | undefined;

export const isCompressed = (bits: number): boolean => (bits & 3) !== 3;

const BY_NAME = new Map(INSTRUCTIONS.map((i) => [i.name, i]));
const wideIndex = (bits: number): number => ((bits >>> 2) & 31) | ((bits >>> 7) & 0xe0);
const shortIndex = (bits: number): number => (bits & 3) | ((bits >>> 11) & 0x1c);

/** How many indexes there are, and the bits of an instruction that one stands for. */
export const WIDE_INDEX = { size: 256, bits: (index: number): number => ((index & 31) << 2) | ((index >>> 5) << 12) } as const;
export const SHORT_INDEX = { size: 32, bits: (index: number): number => (index & 3) | ((index >>> 2) << 13) } as const;

/** For each index, the rows whose fixed bits agree with it, in the table's order. A list is made when its index is first asked for. */
export function indexRows<T extends { readonly match: number; readonly mask: number }>(
  rows: readonly T[],
  { size, bits }: typeof WIDE_INDEX | typeof SHORT_INDEX,
): (index: number) => readonly T[] {
  const fixed = bits(size - 1);
  const lists: (readonly T[] | undefined)[] = new Array(size).fill(undefined);
  return (index) => {
    lists[index] ??= rows.filter((r) => ((bits(index) ^ r.match) & r.mask & fixed) === 0);
    return lists[index];
  };
}

/** The instruction of 32 bits; undefined where no enabled extension has it, which makes it illegal. */
type WideLookup = (bits: number) => Instruction | undefined;

function createWideLookup(enabled: ReadonlySet<Extension>): WideLookup {
  const rowsAt = indexRows(
    INSTRUCTIONS.filter((i) => enabled.has(i.extension) && (i.with === undefined || enabled.has(i.with))),
    WIDE_INDEX,
  );
  return (bits) => {
    for (const row of rowsAt(wideIndex(bits))) if (((bits ^ row.match) & row.mask) === 0) return row;
    return undefined;
  };
}

/** A decoder for the enabled extensions; for encodings of others it gives undefined, which makes them illegal. */
export function createDecoder(enabled: ReadonlySet<Extension>): Decoder {
  const lookUp = createWideLookup(enabled);
  const shortRowsAt = indexRows<Compressed>(
    COMPRESSED.filter((c) => enabled.has('c') && enabled.has(c.extension) && enabled.has(BY_NAME.get(c.base)!.extension)),
    SHORT_INDEX,
  );
  return (bits) => {
    if (!isCompressed(bits)) {
      const instruction = lookUp(bits);
      return instruction && { instruction, operands: { ...NO_OPERANDS, ...FORMATS[instruction.format].decode(bits) }, length: 4 };
    }
    for (const row of shortRowsAt(shortIndex(bits))) {
      if (((bits ^ row.match) & row.mask) !== 0) continue;
      const operands = row.expand(bits & 0xffff);
      if (operands) return { instruction: BY_NAME.get(row.base)!, operands, length: 2, compressed: row.name };
    }
    return undefined;
  };
}
