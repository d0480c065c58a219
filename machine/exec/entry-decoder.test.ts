import { describe, expect, it } from 'vitest';
import { createDecoder, isCompressed } from '../isa/decoder.ts';
import { INSTRUCTIONS } from '../isa/index.ts';
import { EXTENSIONS } from '../isa/instruction.ts';
import { Random } from '../testkit/random.ts';
import { createEntryDecoder } from './entry-decoder.ts';
import { type Entry, encodeEntry, OPERATION, ownEntry } from './operations.ts';

const EVERYTHING = new Set(EXTENSIONS);
const decode = createDecoder(EVERYTHING);
const entryOf = createEntryDecoder(EVERYTHING);

/** The same entry by way of the instruction and its operands. */
function byTheTable(bits: number): Entry {
  const decoded = decode(bits);
  return decoded ? encodeEntry(decoded.instruction, decoded.operands, decoded.length) : ownEntry(OPERATION.illegal, 4, bits);
}

const differing = (encodings: Iterable<number>) => [...encodings].filter((bits) => String(entryOf(bits)) !== String(byTheTable(bits)));

describe('the entry decoder says what the table says', () => {
  it('of every halfword', () => {
    expect(differing(Array.from({ length: 0x10000 }, (_, bits) => bits).filter(isCompressed))).toEqual([]);
  });

  it.each(INSTRUCTIONS)('of $name, with any operands', (instruction) => {
    const random = new Random(instruction.match);
    const operands = [0, 0xffffffff, ...Array.from({ length: 50 }, () => random.below(2 ** 32))];
    const encodings = operands.map((bits) => (instruction.match | (bits & ~instruction.mask)) >>> 0);
    expect(differing(encodings)).toEqual([]);
    // With rd = x0 there is a different operation, or none.
    expect(differing(encodings.map((bits) => (bits & ~(~instruction.mask & 0xf80)) >>> 0))).toEqual([]);
  });

  it('of bits that are no instruction', () => {
    const random = new Random(7);
    expect(differing(Array.from({ length: 5000 }, () => (random.below(2 ** 32) | 3) >>> 0))).toEqual([]);
    expect(entryOf(0)).toEqual(ownEntry(OPERATION.illegal, 4, 0));
  });
});
