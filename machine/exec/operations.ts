/**
 * The interpreter's operations, whose numbers stand in the first halfword of decoded entries. A few are the interpreter's own (decode, end
 * of page …), the rest are instructions. An instruction that has an effect even with rd = x0 has a second operation for that case.
 *
 * A decoded entry is 8 bytes: operation and length (u16), rd or rs2 times 8, rs1 times 8, immediate (i32). The length is kept
 * in the upper bits, as the distance to the next entry, so that a step to it is a shift and an addition.
 */

import { FORMATS, type FormatName, type Operands, writesIntegerRegister } from '../isa/formats.ts';
import { INSTRUCTIONS } from '../isa/index.ts';
import type { Instruction } from '../isa/instruction.ts';
import { ENTRY } from '../layout/memory-map.ts';

/** The interpreter's own operations, which are not instructions. */
export const OPERATION = { decode: 0, pageEnd: 1, crossing: 2, illegal: 3, hint: 4, breakpoint: 5, translated: 6, watched: 7 } as const;
const OWN = 8;

export const LENGTH_SHIFT = 11;
export const OPERATION_MASK = (1 << LENGTH_SHIFT) - 1;

export interface Operation {
  readonly instruction: Instruction;
  /** rd is x0: the result is computed and discarded. */
  readonly discards: boolean;
  /** A jump on a hart without compressed instructions: its target has to be a multiple of 4. */
  readonly aligned: boolean;
}

const jumps = ({ name, format }: Instruction): boolean => format === 'B' || format === 'J' || name === 'jalr';

/** The operation with number n is at index n - OWN. */
export const OPERATIONS: readonly Operation[] = INSTRUCTIONS.flatMap((instruction) => {
  const discards = instruction.effects && writesIntegerRegister(instruction.format) ? [false, true] : [false];
  const aligned = jumps(instruction) ? [false, true] : [false];
  return discards.flatMap((d) => aligned.map((a) => ({ instruction, discards: d, aligned: a })));
});

const keyOf = (name: string, discards: boolean, aligned: boolean): string => `${name}${discards ? '!' : ''}${aligned ? '&' : ''}`;
const NUMBERS = new Map(OPERATIONS.map((o, i) => [keyOf(o.instruction.name, o.discards, o.aligned), OWN + i]));

export const operationAt = (number: number): Operation => OPERATIONS[number - OWN]!;
export const FIRST_INSTRUCTION = OWN;

/** The number of the operation that does an instruction with this rd. Without C, a jump's operation checks its target's alignment. */
export function operationOf(instruction: Instruction, rd: number, { compressed = true }: { compressed?: boolean } = {}): number {
  const zero = rd === 0 && writesIntegerRegister(instruction.format);
  if (zero && !instruction.effects) return OPERATION.hint;
  return NUMBERS.get(keyOf(instruction.name, zero, !compressed && jumps(instruction)))!;
}

const LEAVES = new Set([
  OPERATION.illegal,
  ...OPERATIONS.flatMap(({ instruction }, i) => (jumps(instruction) && instruction.format !== 'B' ? [OWN + i] : [])),
]);

/** Whether execution does not simply go on after this operation: what follows it in memory may not even be code. */
export const leavesStraightPath = (operation: number): boolean => LEAVES.has(operation);

/** An entry's two words. */
export type Entry = readonly [low: number, high: number];

/** @param middle the register to keep in rd's place: rd, or rs2 for formats whose immediate leaves no other place for it */
export function packEntry(operation: number, length: 0 | 2 | 4, middle: number, rs1: number, high: number): Entry {
  return [operation | (((length / 2) * ENTRY) << LENGTH_SHIFT) | (middle << 19) | (rs1 << 27), high];
}

/** The entry for an instruction of `length` bytes. `compressed`: the hart has compressed instructions. */
export function encodeEntry(instruction: Instruction, o: Operands, length: 2 | 4, hart: { compressed?: boolean } = {}): Entry {
  const middle = FORMATS[instruction.format].rs2 === 'rd' ? o.rs2 : o.rd;
  return packEntry(operationOf(instruction, o.rd, hart), length, middle, o.rs1, highWord(instruction.format, o));
}

const REGISTER_IN_IMMEDIATE: ReadonlySet<FormatName> = new Set([
  'R',
  'amo',
  'floatR',
  'floatRounded',
  'floatCompare',
  'floatUnary',
  'floatToInteger',
  'integerToFloat',
  'R4',
  'sfence',
]);

/** Where an atomic's entry keeps its aq and rl. */
const ORDER_SHIFT = 24;

function highWord(format: FormatName, { imm, rs2, rs3, rm }: Operands): number {
  if (REGISTER_IN_IMMEDIATE.has(format)) return (rs2 << 3) | (rs3 << 11) | (rm << 16) | (imm << ORDER_SHIFT);
  // Branches and jumps keep the distance in entries: four bytes of entry for each byte of code.
  return format === 'B' || format === 'J' ? imm * 4 : imm;
}

/** An entry for one of the interpreter's own operations. */
export function ownEntry(operation: number, length: 0 | 2 | 4, detail = 0): Entry {
  return packEntry(operation, length, 0, 0, detail);
}

/** An entry's fields, for operations that TypeScript does. */
export interface DecodedEntry {
  readonly operation: Operation;
  readonly rd: number;
  readonly rs1: number;
  readonly rs2: number;
  readonly rs3: number;
  readonly rm: number;
  readonly imm: number;
  readonly length: number;
}

export function readEntry(view: DataView, at: number): DecodedEntry {
  const low = view.getUint16(at, true);
  const imm = view.getInt32(at + 4, true);
  return {
    operation: operationAt(low & OPERATION_MASK),
    rd: view.getUint8(at + 2) >> 3,
    rs1: view.getUint8(at + 3) >> 3,
    rs2: (imm & 0xff) >> 3,
    rs3: ((imm >>> 8) & 0xff) >> 3,
    rm: (imm >>> 16) & 7,
    imm,
    length: ((low >>> LENGTH_SHIFT) / ENTRY) * 2,
  };
}
