/**
 * Assembler for tests: text → bytes, from the table of instructions.
 *
 * Takes labels, the directives of DIRECTIVES, the pseudo-instructions of testkit/pseudo-instructions.ts, and comments after `#`.
 * Expressions are numbers, symbols and sums of them, `%pcrel_hi(x)`, and `%pcrel_lo(x)` in the instruction right after it.
 * An instruction is compressed only if it is written as `c.addi` and so on. Reference: RISC-V Assembly Programmer's Manual.
 */

import { compressedSyntax } from '../debug/disassemble.ts';
import { csrNumbers } from '../hart/csr.ts';
import { createDecoder } from '../isa/decoder.ts';
import { FORMATS, type Format, type FormatName, NO_OPERANDS, type Operands, type SyntaxPart } from '../isa/formats.ts';
import { COMPRESSED, INSTRUCTIONS } from '../isa/index.ts';
import { EXTENSIONS, type Instruction } from '../isa/instruction.ts';
import { DYNAMIC_ROUNDING, FENCE_SET, FLOAT_REGISTERS, INTEGER_REGISTERS, ORDERINGS, ROUNDING_MODES } from '../isa/registers.ts';
import { evaluate, type Scope } from './expression.ts';
import { expandPseudo } from './pseudo-instructions.ts';

export interface Assembled {
  readonly base: bigint;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly symbols: ReadonlyMap<string, bigint>;
}

/** An item of known size; its bytes can only be made when the addresses of all symbols are known. */
interface Item {
  readonly line: number;
  readonly size: number;
  bytes(scope: Scope): readonly number[];
}

const BY_NAME: ReadonlyMap<string, Instruction> = new Map(INSTRUCTIONS.map((i) => [i.name, i]));
const COMPRESSED_BY_NAME = new Map(COMPRESSED.map((c) => [c.name, c]));
const decode = createDecoder(new Set(EXTENSIONS));

const little = (value: bigint, size: number): number[] => Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

/** The bits of an instruction with these operands; throws a RangeError if one does not fit into its field. */
export function encode(instruction: Instruction, operands: Operands): number {
  const format: Format = FORMATS[instruction.format];
  const bits = (instruction.match | format.encode(operands)) >>> 0;
  for (const [name, value] of Object.entries(format.decode(bits))) {
    if (value !== operands[name as keyof Operands])
      throw new RangeError(`${instruction.name}: ${name} = ${operands[name as keyof Operands]} does not fit`);
  }
  return bits;
}

function register(names: readonly string[], prefix: string, text: string): number {
  const named = names.indexOf(text === 'fp' ? 's0' : text);
  const number = named >= 0 ? named : new RegExp(`^${prefix}([0-9]|[12][0-9]|3[01])$`).test(text) ? Number(text.slice(1)) : -1;
  if (number < 0) throw new Error(`no register "${text}"`);
  return number;
}

const x = (text: string): number => register(INTEGER_REGISTERS, 'x', text);
const f = (text: string): number => register(FLOAT_REGISTERS, 'f', text);

function oneOf(names: readonly string[], text: string): number {
  const index = names.indexOf(text);
  if (index < 0) throw new Error(`"${text}" is none of ${names.join(', ')}`);
  return index;
}

function fenceSet(text: string): number {
  if (text === '0') return 0;
  return [...text].reduce((set, letter) => set | (8 >> oneOf([...FENCE_SET], letter)), 0);
}

function number(text: string, scope: Scope): number {
  const value = evaluate(text, scope);
  if (value < -(2n ** 31n) || value >= 2n ** 32n) throw new RangeError(`${text} does not fit 32 bits`);
  return Number(value);
}

/** Which operands the text of each part sets. */
const PART: Record<SyntaxPart, (text: string, scope: Scope, format: FormatName) => Partial<Operands>> = {
  rd: (text) => ({ rd: x(text) }),
  rs1: (text) => ({ rs1: x(text) }),
  rs2: (text) => ({ rs2: x(text) }),
  frd: (text) => ({ rd: f(text) }),
  frs1: (text) => ({ rs1: f(text) }),
  frs2: (text) => ({ rs2: f(text) }),
  frs3: (text) => ({ rs3: f(text) }),
  imm: (text, scope, format) => {
    const value = number(text, scope);
    if (format !== 'U') return { imm: value };
    if (value < -0x80000 || value > 0xfffff) throw new RangeError(`${text} does not fit 20 bits`);
    return { imm: value << 12 };
  },
  uimm: (text, scope) => ({ imm: number(text, scope) }),
  target: (text, scope) => ({ imm: Number(BigInt.asIntN(64, evaluate(text, scope) - scope.pc)) }),
  csr: (text, scope) => ({ imm: csrNumbers.get(text) ?? number(text, scope) }),
  zimm: (text, scope) => ({ rs1: number(text, scope) }),
  rm: (text) => ({ rm: oneOf(ROUNDING_MODES, text) }),
  'imm(rs1)': (text, scope) => {
    const [, imm = '', rs1 = ''] = /^(.*)\(([^()]+)\)$/.exec(text) ?? [];
    return { imm: imm.trim() === '' ? 0 : number(imm.trim(), scope), rs1: x(rs1.trim()) };
  },
  '(rs1)': (text) => ({ rs1: x(text.replace(/^0?\((.*)\)$/, '$1')) }),
  fence: (text) => {
    const [predecessor = '', successor = ''] = text.split(/\s+/);
    return { imm: (fenceSet(predecessor) << 4) | fenceSet(successor) };
  },
};

/** Operands that may be left out, and their values then. */
const DEFAULTS: Partial<Record<SyntaxPart, Partial<Operands>>> = {
  rm: { rm: DYNAMIC_ROUNDING },
  fence: { imm: 0xff },
  // sfence.vma without operands is for every address and every address space. In other instructions a register is never optional.
};

function parseOperands(syntax: readonly SyntaxPart[], texts: readonly string[], scope: Scope, format: FormatName): Partial<Operands> {
  const given = syntax[0] === 'fence' && texts.length > 0 ? [texts.join(' ')] : texts;
  if (given.length > syntax.length) throw new Error(`${given.length} operands where there are ${syntax.length}`);
  const parts = syntax.map((part, i) => {
    const text = given[i];
    if (text !== undefined) return PART[part](text, scope, format);
    const missing = DEFAULTS[part] ?? (format === 'sfence' ? {} : undefined);
    if (!missing) throw new Error(`operand ${part} is missing`);
    return missing;
  });
  return Object.assign({}, ...parts) as Partial<Operands>;
}

/** A base instruction, whose name may end in an ordering. */
function wide(name: string, texts: readonly string[], scope: Scope): number | undefined {
  const ordering = ORDERINGS.findLastIndex((o) => name.endsWith(o) && BY_NAME.has(name.slice(0, name.length - o.length)));
  if (ordering < 0) return undefined;
  const instruction = BY_NAME.get(name.slice(0, name.length - ORDERINGS[ordering]!.length))!;
  const operands = { ...NO_OPERANDS, ...parseOperands(FORMATS[instruction.format].syntax, texts, scope, instruction.format) };
  return encode(instruction, ordering === 0 ? operands : { ...operands, imm: ordering });
}

function short(name: string, texts: readonly string[], scope: Scope): number {
  const row = COMPRESSED_BY_NAME.get(name)!;
  const { format } = BY_NAME.get(row.base)!;
  const { operands } = row;
  const parsed = parseOperands(compressedSyntax(row, format), texts, scope, format);
  const constants = Object.fromEntries(Object.entries(operands).filter(([, source]) => typeof source === 'number'));
  const written = { ...NO_OPERANDS, ...(constants as Partial<Operands>), ...parsed };
  // The written operands must come out again: a base register other than sp cannot be encoded.
  const bits = row.encode(operands.rs1 !== undefined && operands.rs1 === operands.rd ? { ...written, rs1: written.rd } : written);
  // The encoding may belong to another row: that of C.LUI with sp is C.ADDI16SP's.
  if (bits === undefined || decode(bits)?.compressed !== name) throw new RangeError(`${name} ${texts.join(', ')} cannot be encoded`);
  return bits;
}

function instructionItem(line: number, name: string, texts: readonly string[]): Item {
  if (COMPRESSED_BY_NAME.has(name)) return { line, size: 2, bytes: (scope) => little(BigInt(short(name, texts, scope)), 2) };
  const encoded = (scope: Scope): number => {
    const bits = wide(name, texts, scope);
    if (bits === undefined) throw new Error(`no instruction "${name}"`);
    return bits;
  };
  return { line, size: 4, bytes: (scope) => little(BigInt(encoded(scope)), 4) };
}

const values =
  (size: number) =>
  (line: number, texts: readonly string[]): Item => ({
    line,
    size: size * texts.length,
    bytes: (scope) => texts.flatMap((text) => little(evaluate(text, scope), size)),
  });

function text(line: number, source: string, end: string): Item {
  const bytes = [...new TextEncoder().encode(`${JSON.parse(source.replaceAll('\\0', '\\u0000')) as string}${end}`)];
  return { line, size: bytes.length, bytes: () => bytes };
}

const padding = (line: number, size: number): Item => ({ line, size, bytes: () => new Array<number>(size).fill(0) });

const NO_SYMBOLS: Scope = { pc: 0n, symbols: new Map() };
const constant = (source: string): number => Number(evaluate(source, NO_SYMBOLS));

/** `.align n` goes to a multiple of 2^n, `.org address` on to that address; both fill with zeroes. */
const DIRECTIVES: Readonly<Record<string, (line: number, texts: readonly string[], rest: string, address: bigint) => Item>> = {
  '.byte': values(1),
  '.half': values(2),
  '.word': values(4),
  '.dword': values(8),
  '.ascii': (line, _, rest) => text(line, rest, ''),
  '.string': (line, _, rest) => text(line, rest, '\0'),
  '.space': (line, [size = '']) => padding(line, constant(size)),
  '.align': (line, [power = ''], _, address) => padding(line, Number(-address & ((1n << BigInt(constant(power))) - 1n))),
  '.org': (line, [to = ''], _, address) => {
    const gap = evaluate(to, NO_SYMBOLS) - address;
    if (gap < 0n) throw new RangeError(`.org ${to} lies behind`);
    return padding(line, Number(gap));
  },
};

function itemsOf(line: number, statement: string, address: bigint): readonly Item[] {
  const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/.exec(statement)!;
  const texts = rest === '' ? [] : rest.split(',').map((part) => part.trim());
  const directive = DIRECTIVES[name];
  if (directive) return [directive(line, texts, rest, address)];
  const expansion = expandPseudo(name, texts);
  if (expansion) return expansion.flatMap((part) => itemsOf(line, part, address));
  return [instructionItem(line, name, texts)];
}

function located<T>(line: number, source: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new Error(`line ${line + 1}: ${source}: ${(error as Error).message}`, { cause: error });
  }
}

/** Throws an Error that names the line if something cannot be assembled. */
export function assemble(source: string, base = 0x8000_0000n): Assembled {
  const lines = source.split('\n').map((line) => line.replace(/#.*$/, '').trim());
  const symbols = new Map<string, bigint>();
  const items: Item[] = [];
  let size = 0;
  lines.forEach((whole, line) => {
    const labels = /^(?:[A-Za-z_]\w*:\s*)*/.exec(whole)![0];
    for (const [, name] of labels.matchAll(/(\w+):/g)) symbols.set(name!, base + BigInt(size));
    const statement = whole.slice(labels.length);
    if (statement === '') return;
    for (const item of located(line, whole, () => itemsOf(line, statement, base + BigInt(size)))) {
      items.push(item);
      size += item.size;
    }
  });
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const item of items) {
    bytes.set(
      located(item.line, lines[item.line]!, () => item.bytes({ pc: base + BigInt(at), symbols })),
      at,
    );
    at += item.size;
  }
  return { base, bytes, symbols };
}
