/**
 * What a kernel's file says about its addresses: functions, source lines, call stacks, variables. Without debug information there
 * are symbols, without symbols there are addresses, and `remedy` says how to have more.
 */
import { disassemble } from '../../machine/debug/disassemble.ts';
import { hex } from '../bytes/hex.ts';
import type { CodeFrame, CodePlace, CodeStack } from '../evidence/code-place.ts';
import { fileOf, isOwnLine, type LineFrame } from '../evidence/culprit.ts';
import type { SourceExcerpt } from '../evidence/explanation.ts';
import type { LoopLoadEvidence } from '../evidence/loop.ts';
import { demangle } from '../run/demangle.ts';
import { type Area, type ElfFile, type ElfSymbol, extentOf, symbolAt } from '../run/elf.ts';
import type { HartSnapshot } from '../run/hart-snapshot.ts';
import { Crates } from './crates.ts';
import type { DebugInfo, SourceFrame, SourceVariable } from './dwarf/debug-info.ts';
import type { KernelFile } from './kernel-file.ts';
import { isLibrary } from './library.ts';
import { pathName, shortName } from './names.ts';
import { codeFrom, instructionAt } from './prologue.ts';
import type { SourceLines } from './source-files.ts';
import { remedyFor } from './toolchain.ts';

/** Frames of one call stack that are kept, inlined ones counted. */
const MOST_FRAMES = 48;
/** Characters that are kept of a function's name, and of a path; of a path the end is kept, since it says more. */
const LONGEST_NAME = 160;
const LONGEST_PATH = 240;
const LAST_LINE = 2 ** 31;
/** Bytes of a function that are disassembled, and instructions that are shown before and after one. */
const LONGEST_FUNCTION = 64n * 1024n;
const [BEFORE, AFTER] = [4, 1];
/** Characters of all names and paths that one run's explanations have. */
const MOST_CHARACTERS = 128 * 1024;
/** Characters of names that are demangled: a short one may take long. Later ones stay as they are. */
const MOST_MANGLED = 2 * 1024 * 1024;

/** Source lines of one run's explanations that are shown with those around them. */
const MOST_EXCERPTS = 128;

/** Bytes from a symbol without a size within which an address is taken to belong to it. */
const FARTHEST = 1n << 20n;

/** A variable, or a parameter, of which parts are known to be constants at an address. */
export interface KnownVariable extends Pick<SourceVariable, 'name' | 'depth' | 'parts'> {
  /** The line of its declaration. */
  readonly frame: CodeFrame;
}

export class KernelCode {
  readonly #file: KernelFile;
  readonly #sources: SourceLines | null;
  readonly #known = new Map<string, readonly CodeFrame[]>();
  /** Lines that were named, by file and line, and how many calls lie between each and the innermost of its stack. */
  readonly #named = new Map<string, { readonly frame: LineFrame; readonly depth: number }>();
  /** Made when a function without a source file is first met. */
  #crates: Crates | undefined;
  #charactersLeft = MOST_CHARACTERS;
  #mangledLeft = MOST_MANGLED;

  /** `sources`: what was handed in beside it; null if that is not at hand. */
  constructor(file: KernelFile, sources: SourceLines | null = null) {
    this.#sources = sources;
    this.#file = file;
  }

  get #elf(): ElfFile {
    return this.#file.elf;
  }

  get #debug(): DebugInfo {
    return this.#file.debug;
  }

  isCode(address: bigint): boolean {
    return this.#file.isCode(address);
  }

  /** Whether the machine has loaded code to a physical address. */
  isCodeInMemory(physical: bigint): boolean {
    const address = this.fileAddress(physical);
    return address !== undefined && this.isCode(address);
  }

  /** Whether an address lies in a section; of a file without sections nothing is known. */
  #isInFile(address: bigint): boolean {
    return this.#elf.areas.length === 0 || this.sectionAt(address) !== null;
  }

  /** The section of the file that an address lies in. */
  sectionAt(address: bigint): string | null {
    return this.#elf.areas.find(({ low, high }) => low <= address && address < high)?.name ?? null;
  }

  /** The bits of the instruction that the file has at an address; undefined where it has no code. */
  instructionInFile(address: bigint): number | undefined {
    const code = this.isCode(address) ? codeFrom(this.#elf, address) : undefined;
    return code === undefined ? undefined : instructionAt(code, 0);
  }

  /** The calls that led to a moment, with what is missing in words. */
  stack(snapshot: HartSnapshot): CodeStack {
    const { addresses, note } = this.#file.walker.walk(snapshot);
    const places: CodePlace[] = [];
    let [kept, leftOut] = [0, 0];
    for (const [index, address] of addresses.entries()) {
      const frames = this.#framesOf(address, { isReturn: index > 0 });
      const room = MOST_FRAMES - kept;
      leftOut += Math.max(room === 0 ? 1 : 0, frames.length - room);
      if (room > 0) places.push({ address: hex(address), frames: this.#paid(frames.slice(0, room), kept) });
      kept += Math.min(room, Math.max(1, frames.length));
    }
    return { places, leftOut, notes: [...(note === null ? [] : [note]), ...this.#missing()] };
  }

  /** One instruction, without its callers. */
  place(address: bigint): CodePlace {
    return { address: hex(address), frames: this.#paid(this.#framesOf(address, { isReturn: false }).slice(0, MOST_FRAMES), 0) };
  }

  /** The variables that consist of parts, some of which are known to be constants. `isReturn`: the address follows a call. */
  variablesAt(address: bigint, { isReturn }: { readonly isReturn: boolean }): KnownVariable[] {
    const inside = isReturn ? address - 1n : address;
    const frames = this.#debug.framesAt(inside);
    return this.#debug.variablesAt(inside).flatMap(({ name, source, folder, depth, parts }) => {
      const around = frames[depth];
      if (around === undefined) return [];
      return [{ name: name.slice(0, LONGEST_NAME), depth, parts, frame: this.#sourceFrame({ ...around, source, folder }, null) }];
    });
  }

  /**
   * The instruction and a few around it, for where no line is known: disassembled from the beginning of the function, since nothing else says
   * where an instruction begins.
   */
  around(address: bigint): { pc: string; text: string }[] {
    const symbol = symbolAt(this.#elf, address)?.symbol;
    const start =
      symbol === undefined || symbol.kind === 'object' || address - symbol.address > LONGEST_FUNCTION ? address : symbol.address;
    const code = codeFrom(this.#elf, start);
    const at = Number(address - start);
    const offsets: number[] = [];
    for (let offset = 0; code !== undefined && offset + 2 <= code.length; offset += lengthAt(code, offset)) {
      offsets.push(offset);
      if (offsets.length > BEFORE + 1 + AFTER) offsets.shift();
      if (offset > at && offsets.indexOf(at) <= offsets.length - 1 - AFTER) break;
    }
    if (code === undefined || !offsets.includes(at)) return [];
    return offsets.map((offset) => {
      const pc = start + BigInt(offset);
      return { pc: hex(pc), text: disassemble(instructionAt(code, offset), pc).text };
    });
  }

  #framesOf(address: bigint, { isReturn }: { readonly isReturn: boolean }): readonly CodeFrame[] {
    const key = `${isReturn ? '-' : ''}${address}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const frames = this.#read(address, isReturn);
    this.#known.set(key, frames);
    return frames;
  }

  #read(address: bigint, isReturn: boolean): CodeFrame[] {
    // A return address is that of the instruction after the call: the byte before it belongs to the call, and has its line.
    const inside = isReturn ? address - 1n : address;
    const found = this.#isInFile(inside) ? symbolAt(this.#elf, inside) : undefined;
    const symbol = found === undefined ? null : this.#symbolFrame(found.symbol, address - found.symbol.address);
    const frames = this.#debug.framesAt(inside);
    if (frames.length === 0) return symbol === null ? [] : [symbol];
    return frames.map((frame) => this.#sourceFrame(frame, frame.inlined ? null : symbol));
  }

  /** What a symbol alone says of an address in its function. */
  #symbolFrame(symbol: ElfSymbol, offset: bigint): CodeFrame {
    const name = this.#demangled(symbol.name);
    this.#crates ??= new Crates(this.#elf);
    return {
      function: shortName(name).slice(0, LONGEST_NAME),
      file: null,
      line: null,
      inlined: false,
      library: this.#crates.isLibrary(symbol, name),
      symbol: `${pathName(name).slice(0, LONGEST_NAME)}+${hex(offset)}`,
    };
  }

  /** The frames as they become part of an explanation: without their names once there are too many. `depth`: frames of the stack before them. */
  #paid(frames: readonly CodeFrame[], depth: number): CodeFrame[] {
    return frames.map((frame, index) => {
      const { symbol, path, ...rest } = frame;
      this.#charactersLeft -= (frame.function?.length ?? 0) + (frame.file?.length ?? 0) + (symbol?.length ?? 0) + (path?.length ?? 0);
      if (this.#charactersLeft < 0) return { ...rest, function: null, file: null, line: null };
      if (isOwnLine(frame)) this.#name(frame, depth + index);
      return frame;
    });
  }

  #name(frame: LineFrame, depth: number): void {
    const key = `${frame.line} ${fileOf(frame)}`;
    const known = this.#named.get(key);
    if (known === undefined || known.depth > depth) this.#named.set(key, { frame, depth });
  }

  /** The lines around those that were named, as far as they were handed in: the innermost ones of the stacks first. */
  excerpts(): SourceExcerpt[] {
    const sources = this.#sources;
    if (sources === null) return [];
    const named = [...this.#named.values()].sort((a, b) => a.depth - b.depth).slice(0, MOST_EXCERPTS);
    return named.flatMap(({ frame: { path, line } }) => (path === undefined ? [] : (sources.excerpt(path, line) ?? [])));
  }

  /**
   * Where the instruction begins that an address belongs to, by those before it in its function; null where nothing says so. `read`: memory.
   */
  instructionBegin(address: bigint, read: (address: bigint, length: number) => Uint8Array): bigint | null {
    const symbol = this.isCode(address) ? symbolAt(this.#elf, address)?.symbol : undefined;
    if (symbol === undefined || symbol.kind === 'object' || address - symbol.address > LONGEST_FUNCTION) return null;
    const at = Number(address - symbol.address);
    const code = read(symbol.address, at);
    if (code.length < at) return null;
    let offset = 0;
    while (offset + lengthAt(code, offset) <= at) offset += lengthAt(code, offset);
    return symbol.address + BigInt(offset);
  }

  /** Where the function that an address lies in begins, as far as there are symbols. */
  functionOf(address: bigint): bigint | undefined {
    const found = symbolAt(this.#elf, address);
    return found && address - found.offset;
  }

  /** `name` or `name+0x10` of the variable at an address. */
  variableAt(address: bigint): string | null {
    const found = symbolAt(this.#elf, address);
    if (found === undefined || found.symbol.kind === 'function') return null;
    const { symbol, offset } = found;
    // A symbol without a size reaches to the next one, and the last of them to the end of all addresses.
    if (symbol.size === 0n && (offset > FARTHEST || !this.#isInFile(address))) return null;
    return `${this.#demangled(symbol.name).slice(0, LONGEST_NAME)}${offset === 0n ? '' : `+${hex(offset)}`}`;
  }

  /** The address that the file has for a physical one; undefined where it loads nothing to. */
  fileAddress(physical: bigint): bigint | undefined {
    const segment = this.#elf.segments.find((one) => physical >= one.physical && physical < one.physical + (one.high - one.low));
    return segment && physical - segment.physical + segment.low;
  }

  /** Physical memory that the file has no bytes for and a loader sets to zero (.bss): the first so many bytes of each segment's. */
  zeroed(most: number): { readonly address: bigint; readonly length: number }[] {
    return this.#elf.segments.flatMap(({ low, high, physical, inFile }) => {
      const length = Number(high - low - inFile);
      return length <= 0 ? [] : [{ address: physical + inFile, length: Math.min(length, most) }];
    });
  }

  /** The section at an address that holds neither code nor variables: constants, such as strings. */
  constantsAt(address: bigint): string | null {
    const section = this.#elf.areas.find(({ low, high }) => low <= address && address < high);
    return section === undefined || section.writable || this.isCode(address) ? null : section.name;
  }

  /** From the first address of the variable at an address to the one after its last; undefined where none is known. */
  extentAt(address: bigint): Area | undefined {
    const found = this.variableAt(address) === null ? undefined : symbolAt(this.#elf, address);
    return found && extentOf(this.#elf, found.symbol);
  }

  /** Whether two addresses lie in one variable, such as an array that is used as a stack. */
  inOneVariable(a: bigint, b: bigint): boolean {
    const found = symbolAt(this.#elf, a)?.symbol;
    return found?.kind === 'object' && found === symbolAt(this.#elf, b)?.symbol;
  }

  /** A variable that begins within so many bytes after an address and is at least as large, where none that large begins at the address itself. */
  variableIn(address: bigint, length: bigint): { readonly name: string; readonly address: bigint } | null {
    if (symbolAt(this.#elf, address)?.symbol.kind === 'object' && symbolAt(this.#elf, address)?.offset === 0n) return null;
    const found = this.#elf.symbols.find(
      (one) => one.kind === 'object' && one.size >= length && one.address > address && one.address < address + length,
    );
    return found === undefined ? null : { name: this.#demangled(found.name).slice(0, LONGEST_NAME), address: found.address };
  }

  isVariable(address: bigint): boolean {
    return symbolAt(this.#elf, address)?.symbol.kind === 'object';
  }

  #demangled(name: string): string {
    this.#mangledLeft -= name.length;
    return this.#mangledLeft < 0 ? name : demangle(name);
  }

  /** What is shown of a function's name. */
  #plain(name: string): string {
    return shortName(this.#demangled(name)).slice(0, LONGEST_NAME);
  }

  #sourceFrame({ name, linkageName, source, folder, inlined }: SourceFrame, symbol: CodeFrame | null): CodeFrame {
    const own = name ?? linkageName;
    const file = source === undefined || source.file === '' ? null : normal(source.file);
    const line = source === undefined || !isLine(source.line) ? null : source.line;
    const shown = file === null ? null : endOf(relative(file, normal(folder)));
    const library = file === null ? (symbol?.library ?? false) : isLibrary(file);
    const path = file === null || library ? null : (this.#sources?.find(file, normal(folder)) ?? null);
    return {
      function: own === undefined ? (symbol?.function ?? null) : this.#plain(own),
      file: shown,
      line,
      ...(path === null ? {} : { path }),
      inlined,
      library,
      ...(line === null && symbol?.symbol !== undefined ? { symbol: symbol.symbol } : {}),
    };
  }

  #missing(): string[] {
    const notes = [...this.#debug.notes];
    if (this.#charactersLeft < 0) notes.push('names are left out: those in the explanations of this run are too long together');
    return notes;
  }

  /** How to build the kernel so that its places have source lines; null if they have, or no place was asked for. */
  get remedy(): string | null {
    return this.#debug.present || this.#known.size === 0 ? null : remedyFor(this.#elf);
  }
}

/**
 * What lies close above the stack pointer counts as the stack's where nothing else is known, but there may be a variable, and that says more.
 */
export function isOnlyNearStack({ address, what }: LoopLoadEvidence, code: KernelCode, sp: bigint): boolean {
  const at = BigInt(address);
  return what.kind === 'stack' && code.isVariable(at) && !code.inOneVariable(at, sp);
}

/** The lowest two bits say how long an instruction is (Unprivileged ISA, "Expanded Instruction-Length Encoding"). */
function lengthAt(code: Uint8Array, offset: number): 2 | 4 {
  return (code[offset]! & 3) === 3 ? 4 : 2;
}

/** Without `.` and, as far as they can be taken back, without `..`. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '.' || (part === '' && parts.length > 0)) continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..' && parts.at(-1) !== '') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

/** 0 where the compiler names none. A line program may come to any number, below 0 and beyond what is exact. */
function isLine(line: number): boolean {
  return line > 0 && line <= LAST_LINE;
}

function endOf(path: string): string {
  return path.length <= LONGEST_PATH ? path : `…${path.slice(1 - LONGEST_PATH)}`;
}

function relative(file: string, folder: string): string {
  return folder !== '' && file.startsWith(`${folder}/`) ? file.slice(folder.length + 1) : file;
}
