/**
 * Sections and symbols of a kernel's ELF file, for explanations. The file is what a student handed in: whatever is wrong with it,
 * there are then fewer sections or symbols, and nothing worse.
 * Reference: System V gABI, "Sections" and "Symbol Table".
 * Left out: compressed sections (SHF_COMPRESSED), extended section numbers (SHN_XINDEX).
 */

export interface Section {
  readonly name: string;
  readonly address: bigint;
  /** A view into the file. */
  readonly bytes: Uint8Array;
}

export class ElfSymbol {
  readonly address: bigint;
  /** In bytes; 0 where the file does not say (assembly). */
  readonly size: bigint;
  readonly kind: 'function' | 'object' | 'other';
  readonly #strings: Uint8Array;
  readonly #nameAt: number;

  constructor({
    address,
    size,
    kind,
    strings,
    nameAt,
  }: Pick<ElfSymbol, 'address' | 'size' | 'kind'> & { strings: Uint8Array; nameAt: number }) {
    this.address = address;
    this.size = size;
    this.kind = kind;
    this.#strings = strings;
    this.#nameAt = nameAt;
  }

  /** Read when it is asked for: many symbols may share one long string. */
  get name(): string {
    return stringAt(this.#strings, this.#nameAt, LONGEST_NAME);
  }
}

export interface ElfFile {
  /** Virtual addresses of what is loaded to be executed, each from the first to behind the last. */
  readonly code: readonly { readonly low: bigint; readonly high: bigint }[];
  readonly sections: ReadonlyMap<string, Section>;
  /** By address. */
  readonly symbols: readonly ElfSymbol[];
}

const HEADER_SIZE = 64;
const SECTION_HEADER_SIZE = 64;
const SYMBOL_SIZE = 24;
const PROGRAM_HEADER_SIZE = 56;
const PT_LOAD = 1;
const PF_X = 1;
const SHT_SYMTAB = 2;
const SHT_NOBITS = 8;
const SHF_COMPRESSED = 0x800n;
const SHN_ABS = 0xfff1;
const MOST_SYMBOLS = 200_000;
/** Stretches of code, each a program header. */
const MOST_CODE = 64;
/** Bytes: of a symbol's name, and of a section's. */
const LONGEST_NAME = 4096;
const LONGEST_SECTION_NAME = 64;
const [DOLLAR, DOT, LETTER_L] = [0x24, 0x2e, 0x4c];
const KINDS: Readonly<Record<number, ElfSymbol['kind']>> = { 0: 'other', 1: 'object', 2: 'function' };

/** Reads what there is; of a file that is no ELF64, nothing. */
export function readElf(bytes: Uint8Array): ElfFile {
  const sections = new Map<string, Section>();
  if (bytes.length < HEADER_SIZE || bytes[0] !== 0x7f || bytes[4] !== 2 || bytes[5] !== 1) return { sections, symbols: [], code: [] };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const none: ElfFile = { sections, symbols: [], code: executable(view) };
  const table = view.getBigUint64(40, true);
  const count = view.getUint16(60, true);
  if (view.getUint16(58, true) !== SECTION_HEADER_SIZE || table + BigInt(count * SECTION_HEADER_SIZE) > BigInt(bytes.length)) return none;
  const headers = Array.from({ length: count }, (_, index) => headerAt(bytes, view, Number(table) + index * SECTION_HEADER_SIZE));
  const names = headers[view.getUint16(62, true)]?.bytes;
  if (names === undefined) return none;
  for (const { nameAt, address, bytes: content, usable } of headers) {
    const name = stringAt(names, nameAt, LONGEST_SECTION_NAME);
    if (usable && name !== '' && !sections.has(name)) sections.set(name, { name, address, bytes: content });
  }
  const symtab = headers.find(({ type }) => type === SHT_SYMTAB);
  const strings = symtab && headers[symtab.link]?.bytes;
  return { ...none, symbols: symtab && strings ? symbols(symtab.bytes, strings) : [] };
}

function executable(view: DataView): ElfFile['code'] {
  const table = view.getBigUint64(32, true);
  const count = view.getUint16(56, true);
  if (table + BigInt(count * PROGRAM_HEADER_SIZE) > BigInt(view.byteLength)) return [];
  return Array.from({ length: count }, (_, index) => Number(table) + index * PROGRAM_HEADER_SIZE)
    .filter((at) => view.getUint32(at, true) === PT_LOAD && (view.getUint32(at + 4, true) & PF_X) !== 0)
    .slice(0, MOST_CODE)
    .map((at) => ({ low: view.getBigUint64(at + 16, true), high: view.getBigUint64(at + 16, true) + view.getBigUint64(at + 40, true) }));
}

function headerAt(file: Uint8Array, view: DataView, at: number) {
  const type = view.getUint32(at + 4, true);
  const [flags, address] = [view.getBigUint64(at + 8, true), view.getBigUint64(at + 16, true)];
  const [offset, size] = [view.getBigUint64(at + 24, true), view.getBigUint64(at + 32, true)];
  const inFile = type !== SHT_NOBITS && offset + size <= BigInt(file.length);
  const bytes = inFile ? file.subarray(Number(offset), Number(offset + size)) : new Uint8Array();
  const usable = inFile && (flags & SHF_COMPRESSED) === 0n;
  return { nameAt: view.getUint32(at, true), type, link: view.getUint32(at + 40, true), address, bytes, usable };
}

/** `longest`: there may be many names, and no NUL. */
function stringAt(strings: Uint8Array, at: number, longest: number): string {
  const name = strings.subarray(at, at + longest);
  const nul = name.indexOf(0);
  return nul < 0 ? '' : new TextDecoder().decode(name.subarray(0, nul));
}

function symbols(table: Uint8Array, strings: Uint8Array): ElfSymbol[] {
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  const found: ElfSymbol[] = [];
  const count = Math.min(Math.floor(table.length / SYMBOL_SIZE), MOST_SYMBOLS);
  for (let at = 0; at < count * SYMBOL_SIZE; at += SYMBOL_SIZE) {
    const kind = KINDS[view.getUint8(at + 4) & 15];
    const section = view.getUint16(at + 6, true);
    if (kind === undefined || section === 0 || section === SHN_ABS) continue;
    const nameAt = view.getUint32(at, true);
    if (!isNamed(strings, nameAt)) continue;
    const [address, size] = [view.getBigUint64(at + 8, true), view.getBigUint64(at + 16, true)];
    found.push(new ElfSymbol({ address, size, kind, strings, nameAt }));
  }
  return found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

/** `$x` marks code (psABI, "Mapping Symbol"), `.L…` is an assembler's own label. */
function isNamed(strings: Uint8Array, at: number): boolean {
  const [first, second] = [strings[at], strings[at + 1]];
  return first !== undefined && first !== 0 && first !== DOLLAR && !(first === DOT && second === LETTER_L);
}

/** The symbol that holds an address, and how far into it the address is. One without a size reaches to the next. */
export function symbolAt({ symbols }: ElfFile, address: bigint): { symbol: ElfSymbol; offset: bigint } | undefined {
  let [low, high] = [0, symbols.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (symbols[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  // Several may begin at one address: one that says that it reaches so far is the best.
  let unsized: ElfSymbol | undefined;
  for (let index = low - 1; index >= 0 && index >= low - 16; index--) {
    const symbol = symbols[index]!;
    if (symbol.size > 0n && address < symbol.address + symbol.size) return { symbol, offset: address - symbol.address };
    if (symbol.size === 0n && symbol.kind !== 'object') unsized ??= symbol;
  }
  return unsized && { symbol: unsized, offset: address - unsized.address };
}
