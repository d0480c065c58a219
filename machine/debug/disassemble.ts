/**
 * From instruction bits to text, by the table: the mnemonic, and the operands as the format writes them.
 *
 * A compressed instruction is shown by its own name with the operands that its encoding has (`c.addi sp, -16`), so that the text shows
 * which bits are in memory; `isa/decoder.ts` knows what it expands to. Left out: pseudo-instructions.
 * Reference: RISC-V Assembly Programmer's Manual. testkit/assembler.ts is the inverse.
 */

import { csrNamed } from '../hart/csr.ts';
import { hex } from '../hex.ts';
import type { Compressed } from '../isa/c.ts';
import { createDecoder, type Decoded } from '../isa/decoder.ts';
import { FORMATS, type FormatName, type Operands, type SyntaxPart } from '../isa/formats.ts';
import { COMPRESSED } from '../isa/index.ts';
import { EXTENSIONS } from '../isa/instruction.ts';
import { DYNAMIC_ROUNDING, FENCE_SET, FLOAT_REGISTERS, INTEGER_REGISTERS, ORDERINGS, ROUNDING_MODES } from '../isa/registers.ts';

const decode = createDecoder(new Set(EXTENSIONS));
const COMPRESSED_BY_NAME: ReadonlyMap<string, Compressed> = new Map(COMPRESSED.map((c) => [c.name, c]));

/** The letters of a fence's predecessor or successor set; `0` for none. */
function fenceSet(bits: number): string {
  const letters = [...FENCE_SET].filter((_, i) => (bits >> (3 - i)) & 1).join('');
  return letters === '' ? '0' : letters;
}

/** The immediate as assembly writes it: of LUI and AUIPC the upper 20 bits. */
const written = (format: FormatName, imm: number): string => (format === 'U' ? hex(imm >>> 12) : String(imm));

/** The text of each operand; the empty string if it is not written. */
const PART: Record<SyntaxPart, (o: Operands, format: FormatName, pc: bigint) => string> = {
  rd: (o) => INTEGER_REGISTERS[o.rd]!,
  rs1: (o) => INTEGER_REGISTERS[o.rs1]!,
  rs2: (o) => INTEGER_REGISTERS[o.rs2]!,
  frd: (o) => FLOAT_REGISTERS[o.rd]!,
  frs1: (o) => FLOAT_REGISTERS[o.rs1]!,
  frs2: (o) => FLOAT_REGISTERS[o.rs2]!,
  frs3: (o) => FLOAT_REGISTERS[o.rs3]!,
  imm: (o, format) => written(format, o.imm),
  uimm: (o) => String(o.imm),
  target: (o, _, pc) => hex(BigInt.asUintN(64, pc + BigInt(o.imm))),
  csr: (o) => csrNamed(o.imm) ?? hex(o.imm),
  zimm: (o) => String(o.rs1),
  rm: (o) => (o.rm === DYNAMIC_ROUNDING ? '' : ROUNDING_MODES[o.rm]!),
  'imm(rs1)': (o) => `${o.imm}(${INTEGER_REGISTERS[o.rs1]!})`,
  '(rs1)': (o) => `(${INTEGER_REGISTERS[o.rs1]!})`,
  fence: (o) => `${fenceSet(o.imm >> 4)}, ${fenceSet(o.imm & 15)}`,
};

const OPERAND_OF: Partial<Record<SyntaxPart, keyof Operands>> = {
  rd: 'rd',
  frd: 'rd',
  rs1: 'rs1',
  rs2: 'rs2',
  frs2: 'rs2',
  imm: 'imm',
  uimm: 'imm',
  target: 'imm',
};

/**
 * The operands that a compressed instruction has in assembly: those of its base instruction, without constants and without a
 * source that is the destination.
 */
export function compressedSyntax(row: Compressed, base: FormatName): readonly SyntaxPart[] {
  const { operands } = row;
  return FORMATS[base].syntax.flatMap((part): SyntaxPart[] => {
    if (part === 'imm(rs1)') return typeof operands.imm === 'number' ? ['rs1'] : [part];
    const operand = OPERAND_OF[part];
    if (operand === undefined || typeof operands[operand] !== 'string') return [];
    return operand === 'rs1' && operands.rs1 === operands.rd ? [] : [part];
  });
}

function syntaxOf(decoded: Decoded): readonly SyntaxPart[] {
  const { format } = decoded.instruction;
  return decoded.compressed === undefined ? FORMATS[format].syntax : compressedSyntax(COMPRESSED_BY_NAME.get(decoded.compressed)!, format);
}

function nameOf(decoded: Decoded): string {
  if (decoded.compressed !== undefined) return decoded.compressed;
  const { name, format } = decoded.instruction;
  return format === 'amo' || format === 'lr' ? `${name}${ORDERINGS[decoded.operands.imm]!}` : name;
}

export interface Disassembled {
  /** E.g. `addi sp, sp, -16`; for bits that are not an instruction `.half 0x…` or `.word 0x…`. */
  readonly text: string;
  readonly length: 2 | 4;
}

/**
 * @param bits the instruction; of a compressed one only the low 16 bits count
 * @param pc its address: the targets of branches and jumps are shown as addresses
 */
export function disassemble(bits: number, pc: bigint): Disassembled {
  const decoded = decode(bits);
  if (!decoded)
    return (bits & 3) === 3 ? { text: `.word ${hex(bits >>> 0)}`, length: 4 } : { text: `.half ${hex(bits & 0xffff)}`, length: 2 };
  const { format } = decoded.instruction;
  const operands = syntaxOf(decoded).map((part) => PART[part](decoded.operands, format, pc));
  return { text: `${nameOf(decoded)} ${operands.filter((text) => text !== '').join(', ')}`.trim(), length: decoded.length };
}
