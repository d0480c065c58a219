/** What an instruction reads and writes, by the decoder's table: registers and memory, for those who follow values through a program. */
import { createDecoder } from '../isa/decoder.ts';
import { FORMATS, type Operands, type SyntaxPart } from '../isa/formats.ts';
import { EXTENSIONS } from '../isa/instruction.ts';

export interface MemoryOperand {
  /** The register with the address, and what is added to it. */
  readonly base: number;
  readonly offset: number;
  /** Bytes. */
  readonly width: number;
}

export interface Effects {
  /** Of a compressed instruction, the name of the one that it stands for. */
  readonly name: string;
  readonly length: 2 | 4;
  readonly operands: Operands;
  /** The integer register that it writes; undefined where it writes none, or x0. */
  readonly rd: number | undefined;
  /** The integer registers that it reads, without x0. */
  readonly sources: readonly number[];
  readonly load: MemoryOperand | undefined;
  readonly store: (MemoryOperand & { readonly value: number | undefined }) | undefined;
}

const WIDTHS: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, d: 8 };
const SOURCES: readonly { readonly operand: 'rs1' | 'rs2'; readonly parts: readonly SyntaxPart[] }[] = [
  { operand: 'rs1', parts: ['rs1', 'imm(rs1)', '(rs1)'] },
  { operand: 'rs2', parts: ['rs2'] },
];

const decode = createDecoder(new Set(EXTENSIONS));

/** Undefined for bits that are not an instruction. */
export function effectsOf(bits: number): Effects | undefined {
  const decoded = decode(bits);
  if (decoded === undefined) return undefined;
  const { instruction, operands, length } = decoded;
  const syntax: readonly SyntaxPart[] = FORMATS[instruction.format].syntax;
  const has = (parts: readonly SyntaxPart[]) => parts.some((part) => syntax.includes(part));
  return {
    name: instruction.name,
    length,
    operands,
    rd: has(['rd']) && operands.rd !== 0 ? operands.rd : undefined,
    sources: SOURCES.flatMap(({ operand, parts }) => (has(parts) && operands[operand] !== 0 ? [operands[operand]] : [])),
    load: loadOf(instruction.name, operands),
    store: storeOf(instruction.name, operands),
  };
}

function loadOf(name: string, { rs1, imm }: Operands): Effects['load'] {
  const [, plain, atomic] = /^(?:f?l([bhwd])u?|(?:lr|amo\w+)\.([wd]))$/.exec(name) ?? [];
  if (plain !== undefined) return { base: rs1, offset: imm, width: WIDTHS[plain]! };
  return atomic === undefined ? undefined : { base: rs1, offset: 0, width: WIDTHS[atomic]! };
}

function storeOf(name: string, { rs1, rs2, imm }: Operands): Effects['store'] {
  const [, float, plain] = /^(f?)s([bhwd])$/.exec(name) ?? [];
  if (plain !== undefined) return { base: rs1, offset: imm, width: WIDTHS[plain]!, value: float === '' ? rs2 : undefined };
  // What an atomic instruction stores is not in a register, except for a swap and a conditional store.
  const [, kind, atomic] = /^(sc|amo\w+)\.([wd])$/.exec(name) ?? [];
  if (atomic === undefined) return undefined;
  return { base: rs1, offset: 0, width: WIDTHS[atomic]!, value: kind === 'sc' || kind === 'amoswap' ? rs2 : undefined };
}
