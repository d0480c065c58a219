/** Shorthand for table entries: one function for a group of instructions of one opcode. */
import { type I64, i64, type Statement } from '../wasm/code.ts';
import { FORMATS, type FormatName } from './formats.ts';
import type { Extension, Instruction, Semantics } from './instruction.ts';

/** Major opcodes (RISC-V Unprivileged ISA, table "RISC-V base opcode map"). */
export const OPCODE = {
  LOAD: 0x03,
  LOAD_FP: 0x07,
  MISC_MEM: 0x0f,
  OP_IMM: 0x13,
  AUIPC: 0x17,
  OP_IMM_32: 0x1b,
  STORE: 0x23,
  STORE_FP: 0x27,
  AMO: 0x2f,
  OP: 0x33,
  LUI: 0x37,
  OP_32: 0x3b,
  MADD: 0x43,
  MSUB: 0x47,
  NMSUB: 0x4b,
  NMADD: 0x4f,
  OP_FP: 0x53,
  BRANCH: 0x63,
  JALR: 0x67,
  JAL: 0x6f,
  SYSTEM: 0x73,
} as const;

/** The fixed bits of an encoding, by field. A field that holds an operand is left out. */
export interface Encoding {
  readonly opcode: number;
  readonly funct3?: number;
  readonly funct7?: number;
  /** The rs2 field, if it selects the operation. */
  readonly rs2?: number;
}

export type Meaning = (s: Semantics) => readonly Statement[];

export function define(
  extension: Extension,
  name: string,
  format: FormatName,
  encoding: Encoding,
  semantics: Meaning,
  { effects = false, with: other }: { effects?: boolean; with?: Extension } = {},
): Instruction {
  const match = (encoding.opcode | ((encoding.funct3 ?? 0) << 12) | ((encoding.rs2 ?? 0) << 20) | ((encoding.funct7 ?? 0) << 25)) >>> 0;
  const mask = ~FORMATS[format].fields >>> 0;
  if ((match & ~mask) !== 0) throw new Error(`${name}: fixed bits overlap its operands`);
  return { name, extension, with: other, format, match, mask, effects, semantics };
}

/** rd = f(rs1, rs2). */
export const register =
  (extension: Extension, opcode: number) =>
  (name: string, funct7: number, funct3: number, f: (a: I64, b: I64, s: Semantics) => I64): Instruction =>
    define(extension, name, 'R', { opcode, funct3, funct7 }, (s) => [s.rd(f(s.rs1, s.rs2, s))]);

/** rd = f(rs1); the rs2 field helps to select the operation. */
export const one =
  (extension: Extension, opcode: number) =>
  (name: string, funct7: number, rs2: number, funct3: number, f: (a: I64, s: Semantics) => I64): Instruction =>
    define(extension, name, 'unary', { opcode, funct3, funct7, rs2 }, (s) => [s.rd(f(s.rs1, s))]);

/** rd = f(rs1, imm). */
export const immediate =
  (extension: Extension, opcode: number, format: FormatName = 'I') =>
  (name: string, funct3: number, f: (a: I64, imm: I64) => I64, funct7 = 0): Instruction =>
    define(extension, name, format, { opcode, funct3, funct7 }, (s) => [s.rd(f(s.rs1, s.imm))]);

/** The low 32 bits, sign-extended: what every *W instruction gives. */
export const word = (value: I64): I64 => i64.extend32S(value);
export const zeroWord = (value: I64): I64 => i64.and(value, i64.const(0xffffffff));
