/**
 * The tables of a 64-bit little-endian ELF file: what their fields are and where they lie. Loading (boot/elf.ts) and explaining (the
 * harness) read files through this. The file is hostile: for a table that does not lie in the file the result is undefined. Nothing else is checked.
 *
 * Reference: System V gABI, chapters 4 and 5; RISC-V ELF psABI. Names are the gABI's without their prefixes.
 * Left out: PN_XNUM and SHN_XINDEX (extended numbers).
 */

export const ELF_HEADER_BYTES = 64;
export const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;

/** EI_CLASS and EI_DATA in e_ident. */
export const ELF_CLASS_64 = 2;
export const ELF_LITTLE_ENDIAN = 1;
/** e_machine. */
export const ELF_RISCV = 243;
/** p_type and p_flags. */
export const PT_LOAD = 1;
export const PF_X = 1;
/** sh_type, sh_flags and st_shndx. */
export const SHT_SYMTAB = 2;
export const SHT_NOBITS = 8;
export const SHF_WRITE = 1n;
export const SHF_ALLOC = 2n;
export const SHF_EXECINSTR = 4n;
export const SHF_COMPRESSED = 0x800n;
export const SHN_UNDEF = 0;
export const SHN_ABS = 0xfff1;

export interface ElfHeader {
  readonly class: number;
  readonly data: number;
  readonly type: number;
  readonly machine: number;
  readonly entry: bigint;
  readonly phoff: bigint;
  readonly phentsize: number;
  readonly phnum: number;
  readonly shoff: bigint;
  readonly shentsize: number;
  readonly shnum: number;
  readonly shstrndx: number;
}

export interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  readonly offset: bigint;
  readonly vaddr: bigint;
  readonly paddr: bigint;
  readonly filesz: bigint;
  readonly memsz: bigint;
}

export interface SectionHeader {
  /** Offset of the name in the section of names. */
  readonly name: number;
  readonly type: number;
  readonly flags: bigint;
  readonly addr: bigint;
  readonly offset: bigint;
  readonly size: bigint;
  readonly link: number;
}

export interface SymbolEntry {
  /** Offset of the name in the section of names. */
  readonly name: number;
  /** STT_…: the low half of st_info. */
  readonly type: number;
  /** STB_…: the high half. */
  readonly binding: number;
  readonly shndx: number;
  readonly value: bigint;
  readonly size: bigint;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether it begins as ELF files do: 7f 45 4c 46. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0) === 0x7f454c46;
}

/** The file must have at least ELF_HEADER_BYTES. */
export function elfHeader(view: DataView): ElfHeader {
  return {
    class: view.getUint8(4),
    data: view.getUint8(5),
    type: view.getUint16(16, true),
    machine: view.getUint16(18, true),
    entry: view.getBigUint64(24, true),
    phoff: view.getBigUint64(32, true),
    shoff: view.getBigUint64(40, true),
    phentsize: view.getUint16(54, true),
    phnum: view.getUint16(56, true),
    shentsize: view.getUint16(58, true),
    shnum: view.getUint16(60, true),
    shstrndx: view.getUint16(62, true),
  };
}

/** Where the entries of a table lie, if the whole table is in the file. */
function entries(view: DataView, offset: bigint, count: number, bytes: number): number[] | undefined {
  if (offset + BigInt(count * bytes) > BigInt(view.byteLength)) return undefined;
  return Array.from({ length: count }, (_, index) => Number(offset) + index * bytes);
}

/** Undefined if the table is not in the file, or its entries do not have the expected size. */
export function programHeaders(view: DataView, header: ElfHeader): ProgramHeader[] | undefined {
  if (header.phentsize !== PROGRAM_HEADER_BYTES) return undefined;
  return entries(view, header.phoff, header.phnum, PROGRAM_HEADER_BYTES)?.map((at) => ({
    type: view.getUint32(at, true),
    flags: view.getUint32(at + 4, true),
    offset: view.getBigUint64(at + 8, true),
    vaddr: view.getBigUint64(at + 16, true),
    paddr: view.getBigUint64(at + 24, true),
    filesz: view.getBigUint64(at + 32, true),
    memsz: view.getBigUint64(at + 40, true),
  }));
}

/** Undefined under the same conditions. */
export function sectionHeaders(view: DataView, header: ElfHeader): SectionHeader[] | undefined {
  if (header.shentsize !== SECTION_HEADER_BYTES) return undefined;
  return entries(view, header.shoff, header.shnum, SECTION_HEADER_BYTES)?.map((at) => ({
    name: view.getUint32(at, true),
    type: view.getUint32(at + 4, true),
    flags: view.getBigUint64(at + 8, true),
    addr: view.getBigUint64(at + 16, true),
    offset: view.getBigUint64(at + 24, true),
    size: view.getBigUint64(at + 32, true),
    link: view.getUint32(at + 40, true),
  }));
}

/** The symbols of a symbol table's bytes, at most `most`; one that is cut off is left out. */
export function* symbolEntries(table: Uint8Array, most = Number.POSITIVE_INFINITY): Iterable<SymbolEntry> {
  const view = viewOf(table);
  const count = Math.min(Math.floor(table.length / SYMBOL_BYTES), most);
  for (let at = 0; at < count * SYMBOL_BYTES; at += SYMBOL_BYTES) {
    yield {
      name: view.getUint32(at, true),
      type: view.getUint8(at + 4) & 15,
      binding: view.getUint8(at + 4) >> 4,
      shndx: view.getUint16(at + 6, true),
      value: view.getBigUint64(at + 8, true),
      size: view.getBigUint64(at + 16, true),
    };
  }
}
