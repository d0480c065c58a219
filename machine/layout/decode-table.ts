/**
 * The table by which generated code decodes (exec/decode.ts), as constant data in the one memory. exec/decode-table.ts makes its bytes; here is
 * where things lie in it. Addresses in the table are those of the memory.
 */
import { SHORT_INDEX, WIDE_INDEX } from '../isa/decoder.ts';
import { DECODE_TABLE } from './memory-map.ts';

/** First the lists of rows by opcode and funct3, then those of compressed instructions, 4 bytes each: where the list begins. */
export const WIDE_LISTS = DECODE_TABLE;
export const SHORT_LISTS = WIDE_LISTS + WIDE_INDEX.size * 4;
export const AFTER_LISTS = SHORT_LISTS + SHORT_INDEX.size * 4;

const offsets = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name, i) => [name, i * 4])) as Readonly<Record<Name, number>>;

const ROW_FIELDS = [
  // It is this row's instruction if these bits match, if all these extensions are enabled, and if neither exception matches.
  'mask',
  'match',
  'needs',
  'exceptMask',
  'exceptMatch',
  'exceptMask2',
  'exceptMatch2',
  /** The entry's first word, without registers; a different one where all these bits of the instruction (if there are any) are zero. */
  'low',
  'zeroMask',
  'lowIfZero',
  /** Bit 0: execution does not go on after it; bit 1: the same for the other first word. */
  'leaves',
  /** The entry's second word, without what comes from the instruction. */
  'high',
  /** Where the list of moves is. */
  'moves',
] as const;
/** A row has a word for each field. */
export const ROW = offsets(ROW_FIELDS);
export const ROW_BYTES = ROW_FIELDS.length * 4;

const MOVE_FIELDS = ['signBit', 'signs', 'lows', 'highs'] as const;
/**
 * How bits of the instruction come into the entry: where `signBit` is set, `signs` into the second word; then so many pairs (mask, rotation to
 * the left) for the first word, and for the second one.
 */
export const MOVES = offsets(MOVE_FIELDS);
export const MOVES_BYTES = MOVE_FIELDS.length * 4;
