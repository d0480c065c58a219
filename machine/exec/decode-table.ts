/**
 * The table by which generated code decodes: made from the table of instructions when the module is generated, so that what an encoding means
 * stays written once (isa/). A row is an instruction; how its bits come into the decoded entry is found by trying each bit alone, since every
 * operand is made of bits of the instruction that are moved, and perhaps a sign.
 */

import { indexRows, SHORT_INDEX, WIDE_INDEX } from '../isa/decoder.ts';
import { FORMATS, NO_OPERANDS, writesIntegerRegister } from '../isa/formats.ts';
import { COMPRESSED, INSTRUCTIONS } from '../isa/index.ts';
import { extensionBits, type Instruction } from '../isa/instruction.ts';
import { AFTER_LISTS, ROW, SHORT_LISTS, WIDE_LISTS } from '../layout/decode-table.ts';
import { DECODE_TABLE, DECODE_TABLE_END } from '../layout/memory-map.ts';
import { type Entry, encodeEntry, leavesStraightPath, OPERATION, OPERATION_MASK, ownEntry } from './operations.ts';

/** What a row needs to be made. */
interface Source {
  readonly mask: number;
  readonly match: number;
  readonly needs: number;
  readonly exceptions: readonly { readonly mask: number; readonly match: number }[];
  /** The entry for bits that match, with the number of the operation for a register rd that is not x0. */
  readonly entry: (bits: number) => Entry;
  /** Where rd's bits are, if all of them may be zero; and the operation's number then. */
  readonly zero: { readonly mask: number; readonly operation: number } | undefined;
}

const RD = 0x1f << 7;
const withOperation = ([low, high]: Entry, operation: number): Entry => [(low & ~OPERATION_MASK) | operation, high];
const operationIn = ([low]: Entry): number => low & OPERATION_MASK;

function wideSource(instruction: Instruction, compressed: boolean, needs: number): Source {
  const { format, mask, match } = instruction;
  const operandsOf = (bits: number) => ({ ...NO_OPERANDS, ...FORMATS[format].decode(bits) });
  const operation = (rd: number) => operationIn(encodeEntry(instruction, { ...NO_OPERANDS, rd }, 4, { compressed }));
  return {
    mask,
    match,
    needs: needs | extensionBits([instruction.extension, ...(instruction.with === undefined ? [] : [instruction.with])]),
    exceptions: [],
    entry: (bits) => withOperation(encodeEntry(instruction, operandsOf(bits), 4, { compressed }), operation(1)),
    zero: writesIntegerRegister(format) ? { mask: RD, operation: operation(0) } : undefined,
  };
}

/** A hart without compressed instructions has jumps that check their target: rows that come later, since the first row that fits counts. */
const WIDE: readonly Source[] = INSTRUCTIONS.flatMap((instruction) => {
  const plain = wideSource(instruction, true, extensionBits(['c']));
  const checked = wideSource(instruction, false, 0);
  return operationIn(plain.entry(instruction.match)) === operationIn(checked.entry(instruction.match)) ? [checked] : [plain, checked];
});

const BY_NAME = new Map(INSTRUCTIONS.map((instruction) => [instruction.name, instruction]));

const SHORT: readonly Source[] = COMPRESSED.map(({ base, mask, match, extension, exceptions, operandsOf }) => {
  const instruction = BY_NAME.get(base)!;
  const fixedRd = operandsOf(match).rd;
  const mayBeZero = fixedRd === 0 && operandsOf(match | RD).rd !== 0;
  const operation = (rd: number) => operationIn(encodeEntry(instruction, { ...NO_OPERANDS, rd }, 2));
  return {
    mask,
    match,
    needs: extensionBits(['c', extension, instruction.extension]),
    exceptions,
    entry: (bits) => withOperation(encodeEntry(instruction, operandsOf(bits), 2), operation(mayBeZero ? 1 : fixedRd)),
    zero: mayBeZero ? { mask: RD, operation: operation(0) } : undefined,
  };
});

/** What fits where nothing else does. */
const ILLEGAL: Source = {
  mask: 0,
  match: 0,
  needs: 0,
  exceptions: [],
  entry: (bits) => ownEntry(OPERATION.illegal, 4, bits),
  zero: undefined,
};

const isOneBit = (word: number): boolean => word !== 0 && (word & (word - 1)) === 0;

/** How bits come into the entry: the words of the list of moves (layout/decode-table.ts). */
function movesOf({ mask, match, entry }: Source): number[] {
  const still = entry(match);
  const masks = [new Map<number, number>(), new Map<number, number>()] as const;
  let [signBit, signs] = [0, 0];
  for (let bit = 0; bit < 32; bit++) {
    if (((mask >>> bit) & 1) === 1) continue;
    const moved = entry(match | (1 << bit));
    const changes = moved.map((word, i) => word ^ still[i]!) as [number, number];
    if (!isOneBit(changes[1]) && changes[1] !== 0) {
      // Into many places at once: the sign of the immediate.
      if (signs !== 0) throw new Error(`${match.toString(16)} has two signs`);
      [signBit, signs, changes[1]] = [1 << bit, changes[1], 0];
    }
    masks.forEach((rotations, word) => {
      // A compressed instruction has one register for rd and rs1.
      for (let to = 0; to < 32; to++) {
        if (((changes[word]! >>> to) & 1) === 0) continue;
        const rotation = (to - bit) & 31;
        rotations.set(rotation, (rotations.get(rotation) ?? 0) | (1 << bit));
      }
    });
  }
  const pairs = masks.map((rotations) => [...rotations].flatMap(([rotation, bits]) => [bits, rotation]));
  return [signBit, signs, pairs[0]!.length / 2, pairs[1]!.length / 2, ...pairs.flat()];
}

class Words {
  readonly #view = new DataView(new ArrayBuffer(DECODE_TABLE_END - DECODE_TABLE));
  readonly #known = new Map<string, number>();
  #end = AFTER_LISTS;

  put(at: number, word: number): void {
    this.#view.setInt32(at - DECODE_TABLE, word, true);
  }

  /** Puts words after all others, or finds them; returns their address. */
  add(words: readonly number[]): number {
    const key = words.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const at = this.#end;
    for (const [i, word] of words.entries()) this.put(at + i * 4, word);
    this.#end += words.length * 4;
    this.#known.set(key, at);
    return at;
  }

  bytes(): Uint8Array {
    return new Uint8Array(this.#view.buffer, 0, this.#end - DECODE_TABLE);
  }
}

/** Matches nothing. */
const NO_EXCEPTION = { mask: 0, match: 1 };

function addRow(words: Words, source: Source): number {
  const [low, high] = source.entry(source.match);
  const lowIfZero = source.zero === undefined ? low : withOperation([low, high], source.zero.operation)[0];
  const [first = NO_EXCEPTION, second = NO_EXCEPTION, ...more] = source.exceptions;
  if (more.length > 0) throw new Error('a row has at most two exceptions');
  const leaves = [low, lowIfZero].map((word) => Number(leavesStraightPath(word & OPERATION_MASK)));
  const fields: Record<keyof typeof ROW, number> = {
    mask: source.mask,
    match: source.match,
    needs: source.needs,
    exceptMask: first.mask,
    exceptMatch: first.match,
    exceptMask2: second.mask,
    exceptMatch2: second.match,
    low,
    zeroMask: source.zero?.mask ?? 0,
    lowIfZero,
    leaves: leaves[0]! | (leaves[1]! << 1),
    high,
    moves: words.add(movesOf(source)),
  };
  return words.add((Object.keys(ROW) as (keyof typeof ROW)[]).map((name) => fields[name]));
}

/** The table's bytes, to lie at DECODE_TABLE. */
export function decodeTable(): Uint8Array {
  const words = new Words();
  const illegal = addRow(words, ILLEGAL);
  const addLists = (lists: number, indexes: typeof WIDE_INDEX | typeof SHORT_INDEX, sources: readonly Source[]) => {
    const rowsAt = indexRows(
      sources.map((source) => ({ mask: source.mask, match: source.match, at: addRow(words, source) })),
      indexes,
    );
    for (let index = 0; index < indexes.size; index++)
      words.put(lists + index * 4, words.add([...rowsAt(index).map(({ at }) => at), illegal]));
  };
  addLists(WIDE_LISTS, WIDE_INDEX, WIDE);
  addLists(SHORT_LISTS, SHORT_INDEX, SHORT);
  return words.bytes();
}
