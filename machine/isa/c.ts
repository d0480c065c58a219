/**
 * C and Zcb: compressed instructions. Each is a short encoding of a base instruction, so it has no semantics of its own: its row says
 * which bits hold which operand, and which instruction it expands to.
 * Reference: RISC-V Unprivileged ISA, "C" extension, instruction listings for RV64, and "Zcb". Reserved encodings have
 * no row, which makes them illegal; hints expand to instructions that write x0 and do nothing.
 */
import { NO_OPERANDS, type Operands } from './formats.ts';
import type { Extension } from './instruction.ts';

/** Where an operand comes from: a constant, a register field (`4:2'` adds 8), or a scattered immediate (`12=5 6:2=4:0`). */
type Source = number | string;

interface Row {
  readonly name: string;
  /** Where it is not C itself, or D for loads and stores of doubles. */
  readonly extension?: Extension;
  readonly match: number;
  /** Base instruction and its operands. */
  readonly base: string;
  readonly operands: Partial<Record<keyof Operands, Source>>;
  /** Operand values with which the encoding means something else, or is reserved. */
  readonly except?: Partial<Record<keyof Operands, readonly number[]>>;
  /** The immediate's highest bit is its sign. */
  readonly signed?: boolean;
}

export interface Compressed {
  readonly name: string;
  /** The hart needs that of the base instruction as well. */
  readonly extension: Extension;
  readonly match: number;
  readonly mask: number;
  readonly base: string;
  /** Where each operand comes from. Operands that are constants do not appear in assembly. */
  readonly operands: Row['operands'];
  /** Encodings that mean something else, or are reserved: those whose bits under one of these masks match. */
  readonly exceptions: readonly { readonly mask: number; readonly match: number }[];
  /** The base instruction's operands, whether or not the encoding is an exception. */
  operandsOf(bits: number): Operands;
  /** The base instruction's operands; undefined for an exception. */
  expand(bits: number): Operands | undefined;
  /** The inverse, for the assembler; undefined if the operands do not fit. */
  encode(o: Operands): number | undefined;
}

const ROWS: readonly Row[] = [
  {
    name: 'c.addi4spn',
    match: 0x0000,
    base: 'addi',
    operands: { rd: "4:2'", rs1: 2, imm: '12:11=5:4 10:7=9:6 6=2 5=3' },
    except: { imm: [0] },
  },
  { name: 'c.fld', match: 0x2000, base: 'fld', operands: { rd: "4:2'", rs1: "9:7'", imm: '12:10=5:3 6:5=7:6' } },
  { name: 'c.lw', match: 0x4000, base: 'lw', operands: { rd: "4:2'", rs1: "9:7'", imm: '12:10=5:3 6=2 5=6' } },
  { name: 'c.ld', match: 0x6000, base: 'ld', operands: { rd: "4:2'", rs1: "9:7'", imm: '12:10=5:3 6:5=7:6' } },
  { name: 'c.fsd', match: 0xa000, base: 'fsd', operands: { rs2: "4:2'", rs1: "9:7'", imm: '12:10=5:3 6:5=7:6' } },
  { name: 'c.sw', match: 0xc000, base: 'sw', operands: { rs2: "4:2'", rs1: "9:7'", imm: '12:10=5:3 6=2 5=6' } },
  { name: 'c.sd', match: 0xe000, base: 'sd', operands: { rs2: "4:2'", rs1: "9:7'", imm: '12:10=5:3 6:5=7:6' } },
  { name: 'c.addi', match: 0x0001, base: 'addi', operands: { rd: '11:7', rs1: '11:7', imm: '12=5 6:2=4:0' }, signed: true },
  {
    name: 'c.addiw',
    match: 0x2001,
    base: 'addiw',
    operands: { rd: '11:7', rs1: '11:7', imm: '12=5 6:2=4:0' },
    signed: true,
    except: { rd: [0] },
  },
  { name: 'c.li', match: 0x4001, base: 'addi', operands: { rd: '11:7', rs1: 0, imm: '12=5 6:2=4:0' }, signed: true },
  {
    name: 'c.addi16sp',
    match: 0x6101,
    base: 'addi',
    operands: { rd: 2, rs1: 2, imm: '12=9 6=4 5=6 4:3=8:7 2=5' },
    signed: true,
    except: { imm: [0] },
  },
  {
    name: 'c.lui',
    match: 0x6001,
    base: 'lui',
    operands: { rd: '11:7', imm: '12=17 6:2=16:12' },
    signed: true,
    except: { rd: [2], imm: [0] },
  },
  { name: 'c.srli', match: 0x8001, base: 'srli', operands: { rd: "9:7'", rs1: "9:7'", imm: '12=5 6:2=4:0' } },
  { name: 'c.srai', match: 0x8401, base: 'srai', operands: { rd: "9:7'", rs1: "9:7'", imm: '12=5 6:2=4:0' } },
  { name: 'c.andi', match: 0x8801, base: 'andi', operands: { rd: "9:7'", rs1: "9:7'", imm: '12=5 6:2=4:0' }, signed: true },
  { name: 'c.sub', match: 0x8c01, base: 'sub', operands: { rd: "9:7'", rs1: "9:7'", rs2: "4:2'" } },
  { name: 'c.xor', match: 0x8c21, base: 'xor', operands: { rd: "9:7'", rs1: "9:7'", rs2: "4:2'" } },
  { name: 'c.or', match: 0x8c41, base: 'or', operands: { rd: "9:7'", rs1: "9:7'", rs2: "4:2'" } },
  { name: 'c.and', match: 0x8c61, base: 'and', operands: { rd: "9:7'", rs1: "9:7'", rs2: "4:2'" } },
  { name: 'c.subw', match: 0x9c01, base: 'subw', operands: { rd: "9:7'", rs1: "9:7'", rs2: "4:2'" } },
  { name: 'c.addw', match: 0x9c21, base: 'addw', operands: { rd: "9:7'", rs1: "9:7'", rs2: "4:2'" } },
  { name: 'c.j', match: 0xa001, base: 'jal', operands: { rd: 0, imm: '12=11 11=4 10:9=9:8 8=10 7=6 6=7 5:3=3:1 2=5' }, signed: true },
  {
    name: 'c.beqz',
    match: 0xc001,
    base: 'beq',
    operands: { rs1: "9:7'", rs2: 0, imm: '12=8 11:10=4:3 6:5=7:6 4:3=2:1 2=5' },
    signed: true,
  },
  {
    name: 'c.bnez',
    match: 0xe001,
    base: 'bne',
    operands: { rs1: "9:7'", rs2: 0, imm: '12=8 11:10=4:3 6:5=7:6 4:3=2:1 2=5' },
    signed: true,
  },
  { name: 'c.slli', match: 0x0002, base: 'slli', operands: { rd: '11:7', rs1: '11:7', imm: '12=5 6:2=4:0' } },
  { name: 'c.fldsp', match: 0x2002, base: 'fld', operands: { rd: '11:7', rs1: 2, imm: '12=5 6:5=4:3 4:2=8:6' } },
  { name: 'c.lwsp', match: 0x4002, base: 'lw', operands: { rd: '11:7', rs1: 2, imm: '12=5 6:4=4:2 3:2=7:6' }, except: { rd: [0] } },
  { name: 'c.ldsp', match: 0x6002, base: 'ld', operands: { rd: '11:7', rs1: 2, imm: '12=5 6:5=4:3 4:2=8:6' }, except: { rd: [0] } },
  { name: 'c.jr', match: 0x8002, base: 'jalr', operands: { rd: 0, rs1: '11:7', imm: 0 }, except: { rs1: [0] } },
  { name: 'c.mv', match: 0x8002, base: 'add', operands: { rd: '11:7', rs1: 0, rs2: '6:2' }, except: { rs2: [0] } },
  { name: 'c.ebreak', match: 0x9002, base: 'ebreak', operands: {} },
  { name: 'c.jalr', match: 0x9002, base: 'jalr', operands: { rd: 1, rs1: '11:7', imm: 0 }, except: { rs1: [0] } },
  { name: 'c.add', match: 0x9002, base: 'add', operands: { rd: '11:7', rs1: '11:7', rs2: '6:2' }, except: { rs2: [0] } },
  { name: 'c.fsdsp', match: 0xa002, base: 'fsd', operands: { rs2: '6:2', rs1: 2, imm: '12:10=5:3 9:7=8:6' } },
  { name: 'c.swsp', match: 0xc002, base: 'sw', operands: { rs2: '6:2', rs1: 2, imm: '12:9=5:2 8:7=7:6' } },
  { name: 'c.sdsp', match: 0xe002, base: 'sd', operands: { rs2: '6:2', rs1: 2, imm: '12:10=5:3 9:7=8:6' } },
];

/** A Zcb instruction of one register, which is source and destination. */
const ofItself = (name: string, match: number, base: string, operands: Row['operands'] = {}): Row => ({
  name,
  extension: 'zcb',
  match,
  base,
  operands: { rd: "9:7'", rs1: "9:7'", ...operands },
});

const ZCB_ROWS: readonly Row[] = [
  { name: 'c.lbu', extension: 'zcb', match: 0x8000, base: 'lbu', operands: { rd: "4:2'", rs1: "9:7'", imm: '6=0 5=1' } },
  { name: 'c.lhu', extension: 'zcb', match: 0x8400, base: 'lhu', operands: { rd: "4:2'", rs1: "9:7'", imm: '5=1' } },
  { name: 'c.lh', extension: 'zcb', match: 0x8440, base: 'lh', operands: { rd: "4:2'", rs1: "9:7'", imm: '5=1' } },
  { name: 'c.sb', extension: 'zcb', match: 0x8800, base: 'sb', operands: { rs2: "4:2'", rs1: "9:7'", imm: '6=0 5=1' } },
  { name: 'c.sh', extension: 'zcb', match: 0x8c00, base: 'sh', operands: { rs2: "4:2'", rs1: "9:7'", imm: '5=1' } },
  ofItself('c.zext.b', 0x9c61, 'andi', { imm: 0xff }),
  ofItself('c.sext.b', 0x9c65, 'sext.b'),
  ofItself('c.zext.h', 0x9c69, 'zext.h'),
  ofItself('c.sext.h', 0x9c6d, 'sext.h'),
  ofItself('c.zext.w', 0x9c71, 'add.uw', { rs2: 0 }),
  ofItself('c.not', 0x9c75, 'xori', { imm: -1 }),
  ofItself('c.mul', 0x9c41, 'mul', { rs2: "4:2'" }),
];

/** Consecutive bits of the instruction, and the lowest bit of the operand that they hold. */
interface Run {
  readonly at: number;
  readonly width: number;
  readonly to: number;
}

interface Field {
  readonly operand: keyof Operands;
  readonly runs: readonly Run[];
  readonly constant: number;
  /** Added to the field: 8 for the registers x8…x15 of the short formats. */
  readonly base: number;
  /** The operand's highest bit, if that is a sign. */
  readonly sign: number | undefined;
}

function range(text: string): [high: number, low: number] {
  const [high, low = high] = text.split(':') as [string, string?];
  return [Number(high), Number(low)];
}

function parse(operand: keyof Operands, source: Source, signed: boolean): Field {
  if (typeof source === 'number') return { operand, runs: [], constant: source, base: 0, sign: undefined };
  const short = source.endsWith("'");
  const runs = (short ? source.slice(0, -1) : source).split(' ').map((part): Run => {
    const [from, to] = part.split('=') as [string, string?];
    const [high, low] = range(from);
    return { at: low, width: high - low + 1, to: to === undefined ? 0 : range(to)[1] };
  });
  const sign = operand === 'imm' && signed ? Math.max(...runs.map((r) => r.to + r.width - 1)) : undefined;
  return { operand, runs, constant: 0, base: short ? 8 : 0, sign };
}

const ones = (width: number): number => (1 << width) - 1;

function extract(field: Field, bits: number): number {
  const raw = field.runs.reduce((sum, r) => sum | (((bits >>> r.at) & ones(r.width)) << r.to), field.constant);
  return field.sign === undefined ? raw + field.base : (raw << (31 - field.sign)) >> (31 - field.sign);
}

function insert(field: Field, value: number): number {
  return field.runs.reduce((sum, r) => sum | ((((value - field.base) >>> r.to) & ones(r.width)) << r.at), 0);
}

function compressed(row: Row): Compressed {
  const fields = Object.entries(row.operands).map(([operand, source]) => parse(operand as keyof Operands, source, row.signed ?? false));
  const bitsOf = ({ runs }: Field) => runs.reduce((sum, r) => sum | (ones(r.width) << r.at), 0);
  const operandBits = fields.reduce((sum, field) => sum | bitsOf(field), 0);
  const exceptions = fields.flatMap((field) =>
    (row.except?.[field.operand] ?? []).map((value) => ({ mask: bitsOf(field), match: insert(field, value) })),
  );
  const operandsOf = (bits: number): Operands => {
    const o = { ...NO_OPERANDS };
    for (const field of fields) o[field.operand] = extract(field, bits);
    return o;
  };
  const expand = (bits: number): Operands | undefined =>
    exceptions.some(({ mask, match }) => (bits & mask) === match) ? undefined : operandsOf(bits);
  return {
    name: row.name,
    extension: row.extension ?? (row.base.startsWith('f') ? 'd' : 'c'),
    match: row.match,
    mask: ~operandBits & 0xffff,
    base: row.base,
    operands: row.operands,
    exceptions,
    operandsOf,
    expand,
    encode: (o) => {
      const bits = fields.reduce((sum, field) => sum | insert(field, o[field.operand]), row.match);
      const back = expand(bits);
      return back && fields.every((f) => back[f.operand] === o[f.operand]) ? bits : undefined;
    },
  };
}

export const C: readonly Compressed[] = [...ROWS, ...ZCB_ROWS].map(compressed);
