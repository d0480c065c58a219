/**
 * Sections and symbols of a kernel's ELF file, for explanations and for checks that name a symbol. The file comes from a student: if something is wrong with it,
 * there are fewer sections or symbols, but no error.
 * Reference: System V gABI, "Sections" and "Symbol Table"; machine/spec/elf.ts has the tables.
 * Left out: compressed sections (SHF_COMPRESSED).
 */
import {
  ELF_CLASS_64,
  ELF_HEADER_BYTES,
  ELF_LITTLE_ENDIAN,
  elfHeader,
  isElf,
  PF_X,
  type ProgramHeader,
  PT_LOAD,
  programHeaders,
  type SectionHeader,
  SHF_ALLOC,
  SHF_COMPRESSED,
  SHF_EXECINSTR,
  SHF_WRITE,
  SHN_ABS,
  SHN_UNDEF,
  SHT_NOBITS,
  SHT_SYMTAB,
  sectionHeaders,
  symbolEntries,
  viewOf,
} from '../../machine/spec/elf.ts';

export interface Section {
  readonly name: string;
  readonly address: bigint;
  /** A view into the file. */
  readonly bytes: Uint8Array;
}

/** Virtual addresses from the first to the one after the last. */
export interface Area {
  readonly low: bigint;
  readonly high: bigint;
}

export class ElfSymbol {
  readonly address: bigint;
  /** In bytes; 0 where the file does not say (assembly). */
  readonly size: bigint;
  readonly kind: 'function' | 'object' | 'other';
  /** Number of the compiled file that it comes from, in the order in which they were linked; undefined where the table does not say. */
  readonly unit: number | undefined;
  readonly #strings: Uint8Array;
  readonly #nameAt: number;

  constructor({
    address,
    size,
    kind,
    unit,
    strings,
    nameAt,
  }: Pick<ElfSymbol, 'address' | 'size' | 'kind' | 'unit'> & { strings: Uint8Array; nameAt: number }) {
    this.address = address;
    this.size = size;
    this.kind = kind;
    this.unit = unit;
    this.#strings = strings;
    this.#nameAt = nameAt;
  }

  /** Read when it is asked for: many symbols may share one long string. */
  get name(): string {
    return stringAt(this.#strings, this.#nameAt, LONGEST_NAME);
  }
}

export interface ElfFile {
  /** Virtual addresses of what is loaded to be executed: by the sections where the file has them, since a segment may hold data as well. */
  readonly code: readonly Area[];
  /** Sections that are in memory, those without bytes in the file among them. */
  readonly areas: readonly (Area & { readonly name: string; readonly writable: boolean })[];
  /** What is loaded to where; `inFile`: how many bytes of it the file has, and the rest is zeroes. */
  readonly segments: readonly (Area & { readonly physical: bigint; readonly inFile: bigint })[];
  readonly sections: ReadonlyMap<string, Section>;
  /** By address. */
  readonly symbols: readonly ElfSymbol[];
  /** Names of the compiled files, in the order in which they were linked. Of Rust: `CRATE.HASH-cgu.N`. */
  readonly units: readonly string[];
}

const MOST_SYMBOLS = 200_000;
/** Compiled files whose names are kept. */
const MOST_UNITS = 4096;
/** Sections, and segments, that are kept as places in memory. */
const MOST_AREAS = 64;
/** Bytes: of a symbol's name, and of a section's or a compiled file's. */
const LONGEST_NAME = 4096;
const LONGEST_SECTION_NAME = 64;
const [DOLLAR, DOT, LETTER_L] = [0x24, 0x2e, 0x4c];
/** Symbols that are looked at beside an address. */
const NEIGHBOURS = 16;
const STT_FILE = 4;
const STB_LOCAL = 0;
const KINDS: Readonly<Record<number, ElfSymbol['kind']>> = { 0: 'other', 1: 'object', 2: 'function' };

/** Reads what there is; from a file that is not a 64-bit ELF file, nothing. */
export function readElf(bytes: Uint8Array): ElfFile {
  const sections = new Map<string, Section>();
  const empty: ElfFile = { sections, symbols: [], units: [], code: [], areas: [], segments: [] };
  if (bytes.length < ELF_HEADER_BYTES || !isElf(bytes)) return empty;
  const view = viewOf(bytes);
  const header = elfHeader(view);
  if (header.class !== ELF_CLASS_64 || header.data !== ELF_LITTLE_ENDIAN) return empty;
  const loaded = (programHeaders(view, header) ?? []).filter(({ type }) => type === PT_LOAD).slice(0, MOST_AREAS);
  const none: ElfFile = { ...empty, code: loaded.filter(({ flags }) => (flags & PF_X) !== 0).map(areaOf), segments: loaded.map(segmentOf) };
  const found = (sectionHeaders(view, header) ?? []).map((section) => ({ ...section, ...contentOf(bytes, section) }));
  const names = found[header.shstrndx]?.content;
  if (names === undefined) return none;
  for (const { name: nameAt, addr, content, usable } of found) {
    const name = stringAt(names, nameAt, LONGEST_SECTION_NAME);
    if (usable && name !== '' && !sections.has(name)) sections.set(name, { name, address: addr, bytes: content });
  }
  const inMemory = found.filter(({ flags, size }) => (flags & SHF_ALLOC) !== 0n && size > 0n).slice(0, MOST_AREAS);
  const code = inMemory.filter(({ flags }) => (flags & SHF_EXECINSTR) !== 0n).map(sectionArea);
  const areas = inMemory.map((section) => ({
    name: stringAt(names, section.name, LONGEST_SECTION_NAME),
    writable: (section.flags & SHF_WRITE) !== 0n,
    ...sectionArea(section),
  }));
  const symtab = found.find(({ type }) => type === SHT_SYMTAB);
  const strings = symtab && found[symtab.link]?.content;
  return { ...none, areas, ...(code.length > 0 ? { code } : {}), ...(symtab && strings ? symbols(symtab.content, strings) : {}) };
}

const areaOf = ({ vaddr, memsz }: ProgramHeader): Area => ({ low: vaddr, high: vaddr + memsz });
const segmentOf = (header: ProgramHeader) => ({ ...areaOf(header), physical: header.paddr, inFile: header.filesz });
const sectionArea = ({ addr, size }: SectionHeader): Area => ({ low: addr, high: addr + size });

/** The bytes of a section that is all in the file; `usable`: as they stand there. */
function contentOf(file: Uint8Array, { type, flags, offset, size }: SectionHeader): { content: Uint8Array; usable: boolean } {
  const inFile = type !== SHT_NOBITS && offset + size <= BigInt(file.length);
  const content = inFile ? file.subarray(Number(offset), Number(offset + size)) : new Uint8Array();
  return { content, usable: inFile && (flags & SHF_COMPRESSED) === 0n };
}

/** `longest`: there may be many names, and no NUL. */
function stringAt(strings: Uint8Array, at: number, longest: number): string {
  const name = strings.subarray(at, at + longest);
  const nul = name.indexOf(0);
  return nul < 0 ? '' : new TextDecoder().decode(name.subarray(0, nul));
}

function symbols(table: Uint8Array, strings: Uint8Array): Pick<ElfFile, 'symbols' | 'units'> {
  const found: ElfSymbol[] = [];
  const units: string[] = [];
  for (const { name: nameAt, type, binding, shndx, value, size } of symbolEntries(table, MOST_SYMBOLS)) {
    // The name of a compiled file stands before its local symbols; global ones come last of all (gABI, "Symbol Table").
    if (type === STT_FILE && units.length < MOST_UNITS) units.push(stringAt(strings, nameAt, LONGEST_SECTION_NAME));
    const kind = KINDS[type];
    if (kind === undefined || shndx === SHN_UNDEF || shndx === SHN_ABS) continue;
    const unit = binding === STB_LOCAL && units.length > 0 ? units.length - 1 : undefined;
    if (isNamed(strings, nameAt)) found.push(new ElfSymbol({ address: value, size, kind, unit, strings, nameAt }));
  }
  return { symbols: found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0)), units };
}

/** `$x` marks code (psABI, "Mapping Symbol"), `.L…` is an assembler's own label. */
function isNamed(strings: Uint8Array, at: number): boolean {
  const [first, second] = [strings[at], strings[at + 1]];
  return first !== undefined && first !== 0 && first !== DOLLAR && !(first === DOT && second === LETTER_L);
}

/** How many symbols begin at or before an address. */
function beginBy(symbols: readonly ElfSymbol[], address: bigint): number {
  let [low, high] = [0, symbols.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (symbols[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The symbol that holds an address, and how far into it the address is. A symbol without a size reaches to the next one. */
export function symbolAt({ symbols }: ElfFile, address: bigint): { symbol: ElfSymbol; offset: bigint } | undefined {
  const first = beginBy(symbols, address);
  // Several may begin at one address: the best is one whose size covers the address.
  let unsized: ElfSymbol | undefined;
  for (let index = first - 1; index >= 0 && index >= first - NEIGHBOURS; index--) {
    const symbol = symbols[index]!;
    if (symbol.size > 0n && address < symbol.address + symbol.size) return { symbol, offset: address - symbol.address };
    if (symbol.size === 0n && symbol.kind !== 'object') unsized ??= symbol;
  }
  return unsized && { symbol: unsized, offset: address - unsized.address };
}

/** From the first address of a symbol to the one after its last. One without a size reaches to the next one. */
export function extentOf({ symbols }: ElfFile, symbol: ElfSymbol): Area {
  if (symbol.size > 0n) return { low: symbol.address, high: symbol.address + symbol.size };
  const next = symbols[beginBy(symbols, symbol.address)];
  return { low: symbol.address, high: next?.address ?? symbol.address + 1n };
}

/** The nearest functions before and after an address, each list the nearest first. */
export function functionsAround({ symbols }: ElfFile, address: bigint): (readonly ElfSymbol[])[] {
  const first = beginBy(symbols, address);
  const near = [symbols.slice(Math.max(0, first - NEIGHBOURS), first).reverse(), symbols.slice(first, first + NEIGHBOURS)];
  return near.map((some) => some.filter(({ kind }) => kind === 'function'));
}
