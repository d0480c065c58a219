/**
 * What a kernel's file says about its addresses: functions, source lines, call stacks, variables. Without debug information there
 * are symbols, without symbols there are addresses, and a note says so.
 */
import { hex } from '../bytes/hex.ts';
import type { CodeFrame, CodePlace, CodeStack } from '../evidence/explanation.ts';
import type { HartSnapshot } from '../run/hart-snapshot.ts';
import { StackWalker } from './call-stack.ts';
import { demangle } from './demangle.ts';
import { Budget } from './dwarf/budget.ts';
import { DebugInfo, type SourceFrame } from './dwarf/debug-info.ts';
import { type ElfFile, readElf, symbolAt } from './elf.ts';
import { isLibrary } from './library.ts';

/** Frames of one call stack that are kept, inlined ones counted. */
const MOST_FRAMES = 48;
/** Characters that are kept of a function's name, and of a path; of a path the end is kept, since it says more. */
const LONGEST_NAME = 160;
const LONGEST_PATH = 240;
const LAST_LINE = 2 ** 31;
/** Characters of all names and paths that one run's explanations have. */
const MOST_CHARACTERS = 128 * 1024;
/** Characters of names that are demangled: a short one may take long. Later ones stay as they are. */
const MOST_MANGLED = 2 * 1024 * 1024;

export class KernelCode {
  readonly #elf: ElfFile;
  readonly #debug: DebugInfo;
  readonly #walker: StackWalker;
  readonly #known = new Map<bigint, readonly CodeFrame[]>();
  #charactersLeft = MOST_CHARACTERS;
  #mangledLeft = MOST_MANGLED;

  /** `budget`: what reading the file may cost. */
  constructor(kernel: Uint8Array, budget = new Budget()) {
    this.#elf = readElf(kernel);
    this.#debug = new DebugInfo(this.#elf, budget);
    this.#walker = new StackWalker(this.#elf, budget, (address) => this.isCode(address));
  }

  isCode(address: bigint): boolean {
    return this.#elf.code.some(({ low, high }) => low <= address && address < high);
  }

  /** The calls that led to a moment, with what is missing in words. */
  stack(snapshot: HartSnapshot): CodeStack {
    const { addresses, note } = this.#walker.walk(snapshot);
    const places: CodePlace[] = [];
    let [kept, leftOut] = [0, 0];
    for (const [index, address] of addresses.entries()) {
      // A return address is that of the instruction after the call: the byte before it belongs to the call, and has its line.
      const frames = this.#framesOf(index === 0 ? address : address - 1n);
      const room = MOST_FRAMES - kept;
      leftOut += Math.max(room === 0 ? 1 : 0, frames.length - room);
      if (room > 0) places.push({ address: hex(address), frames: this.#paid(frames.slice(0, room)) });
      kept += Math.min(room, Math.max(1, frames.length));
    }
    return { places, leftOut, notes: [...(note === null ? [] : [note]), ...this.#missing(places)] };
  }

  /** One instruction, without its callers. */
  place(address: bigint): CodePlace {
    return { address: hex(address), frames: this.#paid(this.#framesOf(address).slice(0, MOST_FRAMES)) };
  }

  #framesOf(address: bigint): readonly CodeFrame[] {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const frames = this.#read(address);
    this.#known.set(address, frames);
    return frames;
  }

  #read(address: bigint): CodeFrame[] {
    const symbol = symbolAt(this.#elf, address);
    const named = symbol === undefined ? null : this.#plain(symbol.symbol.name);
    const frames = this.#debug.framesAt(address);
    if (frames.length === 0) return named === null ? [] : [{ function: named, file: null, line: null, inlined: false, library: false }];
    return frames.map((frame) => this.#sourceFrame(frame, frame.inlined ? null : named));
  }

  /** The frames as they become part of an explanation: without their names once there are too many. */
  #paid(frames: readonly CodeFrame[]): CodeFrame[] {
    return frames.map((frame) => {
      this.#charactersLeft -= (frame.function?.length ?? 0) + (frame.file?.length ?? 0);
      return this.#charactersLeft < 0 ? { ...frame, function: null, file: null, line: null } : frame;
    });
  }

  /** `name` or `name+0x10` of the variable at an address. */
  variableAt(address: bigint): string | null {
    const found = symbolAt(this.#elf, address);
    if (found === undefined || found.symbol.kind === 'function') return null;
    const { symbol, offset } = found;
    return `${this.#demangled(symbol.name).slice(0, LONGEST_NAME)}${offset === 0n ? '' : `+${hex(offset)}`}`;
  }

  #demangled(name: string): string {
    this.#mangledLeft -= name.length;
    return this.#mangledLeft < 0 ? name : demangle(name);
  }

  /** What is shown of a function's name. */
  #plain(name: string): string {
    return shortName(this.#demangled(name)).slice(0, LONGEST_NAME);
  }

  #sourceFrame({ name, linkageName, source, folder, inlined }: SourceFrame, symbol: string | null): CodeFrame {
    const own = name ?? linkageName;
    const file = source === undefined || source.file === '' ? null : normal(source.file);
    return {
      function: own === undefined ? symbol : this.#plain(own),
      file: file === null ? null : endOf(relative(file, normal(folder))),
      line: source === undefined || !isLine(source.line) ? null : source.line,
      inlined,
      library: file !== null && isLibrary(file),
    };
  }

  #missing(places: readonly CodePlace[]): string[] {
    const notes = [...this.#debug.notes];
    if (this.#charactersLeft < 0) notes.push('names are left out: those in the explanations of this run are too long together');
    const [first] = places;
    if (first === undefined || first.frames.some(({ line }) => line !== null)) return notes;
    if (!this.#debug.present)
      notes.push(
        'the kernel has no debug information that can be read: build it with -g (Rust: debug = "line-tables-only") for source lines',
      );
    if (first.frames.length === 0) notes.push('the kernel has no symbol for this address');
    return notes;
  }
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

/** The last part of a path of names, without generic arguments: `write_block` of `lab::blk::Device<T>::write_block`. */
export function shortName(name: string): string {
  let depth = 0;
  let plain = '';
  for (const character of name) {
    if (character === '<') depth++;
    if (depth === 0) plain += character;
    if (character === '>' && depth > 0) depth--;
  }
  const parts = plain.split('::').filter((part) => part !== '');
  // A closure is known by the function that it is in.
  let from = parts.length - 1;
  while (from > 0 && parts[from]!.startsWith('{')) from--;
  return parts.slice(Math.max(from, 0)).join('::') || name;
}
