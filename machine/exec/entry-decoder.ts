/**
 * From instruction bits straight to the interpreter's decoded entry. The result is the same as that of `createDecoder` followed by
 * `encodeEntry`, in a quarter of the time: a boot decodes tens of thousands of instructions once (docs/development/speed.md).
 *
 * Every format of 32-bit instructions keeps its registers in the same bits, so only the immediate differs; and there are few enough
 * halfwords for each compressed instruction to be expanded once.
 */

import { createDecoder, createWideLookup, isCompressed } from '../isa/decoder.ts';
import { FORMATS, type Format } from '../isa/formats.ts';
import type { Extension, Instruction } from '../isa/instruction.ts';
import { type Entry, encodeEntry, entryImmediate, OPERATION, operationOf, ownEntry, packEntry } from './operations.ts';

/** Gives an entry for any bits: if they are not an instruction, an entry that traps. */
export type EntryDecoder = (bits: number) => Entry;

/** What is the same for every encoding of an instruction. */
interface Shape {
  /** The operation's number, and the number to use where rd is x0. */
  readonly operation: number;
  readonly discarding: number;
  /** The bits that hold registers, and the lowest of the register that the entry keeps in rd's place. */
  readonly registers: number;
  readonly middle: number;
  /** The entry's second word. */
  readonly high: (bits: number) => number;
}

const RD = 7;
const RS1 = 15;
const RS2 = 20;
const REGISTER = 31;

function shapeOf(instruction: Instruction, hart: { compressed: boolean }): Shape {
  const format: Format = FORMATS[instruction.format];
  const { rd, rs1, rs2 } = format.decode(-1);
  const bitsOf = (operand: number | undefined, at: number) => (operand === undefined ? 0 : REGISTER << at);
  return {
    operation: operationOf(instruction, 1, hart),
    discarding: operationOf(instruction, 0, hart),
    registers: bitsOf(rd, RD) | bitsOf(rs1, RS1) | bitsOf(rs2, RS2),
    middle: format.rs2 === 'rd' ? RS2 : RD,
    high: entryImmediate(instruction.format),
  };
}

/** The value for a key, made when it is first asked for. */
function remembered<K, V>(known: Map<K, V>, key: K, make: (key: K) => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make(key);
  known.set(key, made);
  return made;
}

/** Made once for each set of extensions: kernels of one lab are mostly the same code, and a process may run hundreds. */
export function createEntryDecoder(enabled: ReadonlySet<Extension>): EntryDecoder {
  return remembered(DECODERS, [...enabled].sort().join(), () => decoderOf(enabled));
}

const DECODERS = new Map<string, EntryDecoder>();

/** Encodings that are remembered; more than a large kernel has. */
const MOST_ENTRIES = 65_536;

function decoderOf(enabled: ReadonlySet<Extension>): EntryDecoder {
  const lookUp = createWideLookup(enabled);
  const shapes = new Map<Instruction, Shape>();
  const decode = createDecoder(enabled);
  const compressed = new Map<number, Entry>();

  const wide: EntryDecoder = (bits) => {
    const instruction = lookUp(bits);
    if (!instruction) return ownEntry(OPERATION.illegal, 4, bits);
    const shape = remembered(shapes, instruction, (i) => shapeOf(i, { compressed: enabled.has('c') }));
    const registers = bits & shape.registers;
    const operation = ((registers >>> RD) & REGISTER) === 0 ? shape.discarding : shape.operation;
    return packEntry(operation, 4, (registers >>> shape.middle) & REGISTER, (registers >>> RS1) & REGISTER, shape.high(bits));
  };
  const short: EntryDecoder = (bits) => {
    const decoded = decode(bits);
    return decoded ? encodeEntry(decoded.instruction, decoded.operands, 2) : ownEntry(OPERATION.illegal, 4, bits);
  };
  const whole = new Map<number, Entry>();
  return (bits) => {
    if (isCompressed(bits)) return remembered(compressed, bits, short);
    if (whole.size === MOST_ENTRIES) whole.clear();
    return remembered(whole, bits, wide);
  };
}
