/**
 * Line tables: from an address to a file and a line. A table is a program for a small state machine, which is run once and whose
 * rows are kept. Reference: DWARF 4 and 5, 6.2.
 */
import { DwarfError, KEPT } from './budget.ts';
import type { Cursor } from './cursor.ts';
import { type FormValue, readForm, type UnitFormat } from './forms.ts';
import type { DwarfSections } from './sections.ts';

export interface SourceLine {
  /** As the compiler wrote it: its folder and name. */
  readonly file: string;
  /** 0 where the compiler says that the instruction belongs to no line. */
  readonly line: number;
}

/** Instructions in a row without a gap. Rows are in parallel arrays: `at` is the distance from `base`. */
interface Sequence {
  readonly base: bigint;
  readonly at: number[];
  readonly file: number[];
  readonly line: number[];
  end: number;
}

interface FileName {
  readonly name: string;
  readonly directory: number;
}

const STANDARD = { copy: 1, advancePc: 2, advanceLine: 3, setFile: 4, constAddPc: 8, fixedAdvancePc: 9 } as const;
const EXTENDED = { endSequence: 1, setAddress: 2, defineFile: 3 } as const;
const CONTENT = { path: 1, directory: 2 } as const;
/** Bytes of code in one sequence: more is a mistake. */
const LONGEST_SEQUENCE = 2 ** 32;

export class LineTable {
  readonly #sections: DwarfSections;
  readonly #sequences: Sequence[] = [];
  readonly #directories: string[] = [];
  readonly #files: FileName[] = [];
  readonly #version: number;

  /** The table at an offset of .debug_line, of a unit whose source lies in `folder`. */
  constructor(sections: DwarfSections, offset: number, folder: string, unitAddressSize: number) {
    this.#sections = sections;
    const outer = sections.at('.debug_line', offset);
    const { length, is64 } = outer.unitLength();
    const cursor = outer.take(length);
    this.#version = cursor.u16();
    if (this.#version < 2 || this.#version > 5) throw new DwarfError('unsupported', '.debug_line');
    const addressSize = this.#version === 5 ? cursor.u8() : unitAddressSize;
    if (this.#version === 5) cursor.skip(1);
    const format: UnitFormat = { version: this.#version, is64, addressSize };
    const headerLength = cursor.offset(is64);
    const header = cursor.take(headerLength);
    const shape = readShape(header, this.#version);
    if (this.#version === 5) this.#newNames(header, format);
    else this.#oldNames(header, folder);
    this.#run(cursor, shape, addressSize);
  }

  /** The line of the instruction at an address. */
  find(address: bigint): SourceLine | undefined {
    this.#sections.budget.spend(this.#sequences.length);
    for (const sequence of this.#sequences) {
      if (address < sequence.base) continue;
      const distance = address - sequence.base;
      if (distance >= BigInt(sequence.end)) continue;
      const row = rowAt(sequence.at, Number(distance));
      if (row < 0) continue;
      return { file: this.file(sequence.file[row]!) ?? '', line: sequence.line[row]! };
    }
    return undefined;
  }

  /** A file by the number that rows and calls use. */
  file(number: number): string | undefined {
    const file = this.#files[this.#version === 5 ? number : number - 1];
    if (file === undefined) return undefined;
    return joinPath(this.#directories[file.directory] ?? '', file.name);
  }

  #oldNames(header: Cursor, folder: string): void {
    this.#directories.push(folder);
    for (let name = header.string(); name !== ''; name = header.string()) {
      this.#keepName(name);
      this.#directories.push(joinPath(folder, name));
    }
    for (let name = header.string(); name !== ''; name = header.string()) {
      this.#keepName(name);
      this.#files.push({ name, directory: header.uleb() });
      header.uleb();
      header.uleb();
    }
  }

  #newNames(header: Cursor, format: UnitFormat): void {
    for (const { name } of this.#entries(header, format)) this.#directories.push(joinPath(this.#directories[0] ?? '', name));
    for (const file of this.#entries(header, format)) this.#files.push(file);
  }

  #entries(header: Cursor, format: UnitFormat): FileName[] {
    const shape = Array.from({ length: header.u8() }, () => ({ content: header.uleb(), form: header.uleb() }));
    const count = header.uleb();
    const entries: FileName[] = [];
    for (let index = 0; index < count; index++) {
      // An entry may take no bytes, and so no read.
      this.#sections.budget.spend();
      let name = '';
      let directory = 0;
      for (const { content, form } of shape) {
        const value = readForm(header, form, format, 0);
        if (content === CONTENT.path) name = this.#text(value);
        else if (content === CONTENT.directory) directory = value?.number ?? 0;
      }
      this.#keepName(name);
      entries.push({ name, directory });
    }
    return entries;
  }

  #keepName(name: string): void {
    this.#sections.budget.keep(KEPT.name + name.length);
  }

  #text(value: FormValue | undefined): string {
    if (value?.class === 'string') return value.text;
    if (value?.class === 'lineStrOffset') return this.#sections.string('.debug_line_str', value.number);
    if (value?.class === 'strOffset') return this.#sections.string('.debug_str', value.number);
    return '';
  }

  #defineFile(body: Cursor): void {
    const name = body.string();
    this.#keepName(name);
    this.#files.push({ name, directory: body.uleb() });
  }

  #run(cursor: Cursor, shape: Shape, addressSize: number): void {
    const { budget } = this.#sections;
    let [address, advance, file, line] = [0n, 0, 1, 1];
    let sequence: Sequence | undefined;
    const fresh = () => {
      [address, advance, file, line] = [0n, 0, 1, 1];
      sequence = undefined;
    };
    const emit = () => {
      budget.keep(KEPT.row);
      sequence ??= { base: address, at: [], file: [], line: [], end: 0 };
      const at = Number(address - sequence.base) + advance;
      // Addresses only grow within a sequence.
      if (at < (sequence.at.at(-1) ?? 0) || at > LONGEST_SEQUENCE) return;
      sequence.at.push(at);
      sequence.file.push(file);
      sequence.line.push(line);
    };
    const move = (operations: number) => {
      advance += operations * shape.minimumLength;
      if (advance > LONGEST_SEQUENCE) throw new DwarfError('malformed', '.debug_line');
    };
    const jump = (to: bigint) => {
      [address, advance] = [to, 0];
    };
    while (!cursor.done) {
      const operation = cursor.u8();
      if (operation >= shape.firstSpecial) {
        const special = operation - shape.firstSpecial;
        move(Math.floor(special / shape.lineRange));
        line += shape.lineBase + (special % shape.lineRange);
        emit();
        continue;
      }
      switch (operation) {
        case 0: {
          const body = cursor.take(cursor.uleb());
          const extended = body.done ? 0 : body.u8();
          if (extended === EXTENDED.endSequence) {
            if (sequence !== undefined) {
              sequence.end = Number(address - sequence.base) + advance;
              budget.keep(KEPT.range);
              this.#sequences.push(sequence);
            }
            fresh();
          } else if (extended === EXTENDED.setAddress) jump(body.address(addressSize));
          else if (extended === EXTENDED.defineFile) this.#defineFile(body);
          break;
        }
        case STANDARD.copy:
          emit();
          break;
        case STANDARD.advancePc:
          move(cursor.uleb());
          break;
        case STANDARD.advanceLine:
          line += cursor.sleb();
          break;
        case STANDARD.setFile:
          file = cursor.uleb();
          break;
        case STANDARD.constAddPc:
          move(Math.floor((255 - shape.firstSpecial) / shape.lineRange));
          break;
        case STANDARD.fixedAdvancePc:
          advance += cursor.u16();
          break;
        default:
          for (let operand = 0; operand < (shape.operands[operation - 1] ?? 0); operand++) cursor.skipLeb();
      }
    }
  }
}

interface Shape {
  readonly minimumLength: number;
  readonly lineBase: number;
  readonly lineRange: number;
  /** Opcodes from this one on advance address and line at once. */
  readonly firstSpecial: number;
  /** Number of operands of each standard opcode. */
  readonly operands: readonly number[];
}

function readShape(header: Cursor, version: number): Shape {
  const minimumLength = header.u8();
  if (version >= 4) header.skip(1); // operations of a very long instruction word
  header.skip(1); // default_is_stmt
  const lineBase = header.i8();
  const lineRange = header.u8();
  const firstSpecial = header.u8();
  if (lineRange === 0 || firstSpecial === 0) throw new DwarfError('malformed', '.debug_line');
  const operands = Array.from({ length: firstSpecial - 1 }, () => header.u8());
  return { minimumLength, lineBase, lineRange, firstSpecial, operands };
}

/** The last row at or before a distance; -1 before the first. Of several rows at one address the last counts. */
function rowAt(rows: readonly number[], distance: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! <= distance) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export function joinPath(folder: string, name: string): string {
  return folder === '' || name.startsWith('/') ? name : `${folder}/${name}`;
}
