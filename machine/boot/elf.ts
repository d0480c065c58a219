/**
 * Reads an ELF64 little-endian RISC-V executable: the segments to load and, for riscv-tests, the address of
 * `tohost`. The file is hostile: every offset is checked before it is used, and no memory is allocated because the file says so.
 *
 * Reference: System V gABI, chapters 4 and 5, and the RISC-V ELF psABI, "File Header"; spec/elf.ts has the tables.
 * Left out: relocation (QEMU, too, loads a position-independent file at the addresses in the file), sections, PN_XNUM.
 */

import { hex } from '../hex.ts';
import {
  ELF_CLASS_64,
  ELF_HEADER_BYTES,
  ELF_LITTLE_ENDIAN,
  ELF_RISCV,
  type ElfHeader,
  elfHeader,
  isElf,
  PROGRAM_HEADER_BYTES,
  type ProgramHeader,
  PT_LOAD,
  programHeaders,
  type SectionHeader,
  SHT_SYMTAB,
  sectionHeaders,
  symbolEntries,
  viewOf,
} from '../spec/elf.ts';
import { type GuestFile, GuestFileError, type GuestFileErrorCode } from './error.ts';

export interface ElfSegment {
  /** p_paddr: where it goes in physical memory. */
  readonly address: bigint;
  /** The segment's bytes in the file: a view into the file, not a copy. */
  readonly bytes: Uint8Array;
  /** p_memsz, at least `bytes.length`; the rest is zero. It is not checked here whether the segment fits into RAM. */
  readonly memorySize: bigint;
}

export interface Elf {
  /** PT_LOAD segments of non-zero size, in file order; none wraps around 2^64. */
  readonly segments: readonly ElfSegment[];
  /** Lowest physical address of a PT_LOAD segment, empty ones included. QEMU enters a kernel there. */
  readonly lowest: bigint;
  /** e_entry. QEMU enters a firmware there. */
  readonly entry: bigint;
  /** Address of the symbol by which riscv-tests report. */
  readonly tohost: bigint | undefined;
}

const ADDRESS_END = 1n << 64n;

/** Values of e_machine of files that people hand in by mistake. */
const MACHINE_NAMES: Readonly<Record<number, string>> = { 3: 'x86', 40: 'Arm', 62: 'x86-64', 183: 'AArch64', 8: 'MIPS', 258: 'LoongArch' };
const TYPE_NAMES: Readonly<Record<number, string>> = { 1: 'an object file (not linked)', 4: 'a core dump' };

/** Throws GuestFileError, and nothing else, for whatever is wrong with the bytes. */
export function parseElf(bytes: Uint8Array, file: GuestFile, index?: number): Elf {
  const fail = (code: GuestFileErrorCode, message: string): never => {
    throw new GuestFileError(code, file, message, index);
  };
  if (!isElf(bytes)) fail('elf-header', 'not an ELF file: its first four bytes are not 7f 45 4c 46');
  if (bytes.length < ELF_HEADER_BYTES)
    fail('elf-truncated', `ELF header cut off at ${bytes.length} of ${ELF_HEADER_BYTES} bytes; copy the file again`);
  const view = viewOf(bytes);
  const header = elfHeader(view);
  checkTarget(header, fail);
  return { ...loadSegments(bytes, programTable(view, header, fail), fail), entry: header.entry, tohost: tohostOf(bytes, view, header) };
}

type Fail = (code: GuestFileErrorCode, message: string) => never;

function checkTarget({ class: width, data, machine, type }: ElfHeader, fail: Fail): void {
  if (width !== ELF_CLASS_64) fail('elf-class', 'not a 64-bit ELF file; build it for riscv64');
  if (data !== ELF_LITTLE_ENDIAN) fail('elf-endianness', 'not a little-endian ELF file; build it for riscv64');
  if (machine !== ELF_RISCV) {
    fail('elf-machine', `an ELF file for ${MACHINE_NAMES[machine] ?? `machine number ${machine}`}, not for RISC-V; build it for riscv64`);
  }
  // ET_EXEC or ET_DYN (a static-pie kernel); both are loaded at their physical addresses.
  if (type !== 2 && type !== 3) fail('elf-type', `${TYPE_NAMES[type] ?? `an ELF file of type ${type}`}, not an executable; link it`);
}

function programTable(view: DataView, header: ElfHeader, fail: Fail): ProgramHeader[] {
  const { phnum, phentsize } = header;
  if (phnum === 0) fail('elf-no-segments', 'an ELF file without program headers: nothing to load; link it');
  if (phentsize !== PROGRAM_HEADER_BYTES)
    fail('elf-header', `ELF program headers of ${phentsize} bytes, not ${PROGRAM_HEADER_BYTES}; link it again`);
  return programHeaders(view, header) ?? fail('elf-truncated', 'ELF program headers lie beyond the end of the file; copy the file again');
}

function loadSegments(bytes: Uint8Array, headers: readonly ProgramHeader[], fail: Fail): { segments: ElfSegment[]; lowest: bigint } {
  const segments: ElfSegment[] = [];
  let lowest: bigint | undefined;
  for (const [index, header] of headers.entries()) {
    if (header.type !== PT_LOAD) continue;
    const segment = loadSegment(bytes, header, index, fail);
    if (lowest === undefined || segment.address < lowest) lowest = segment.address;
    if (segment.memorySize > 0n) segments.push(segment);
  }
  if (lowest === undefined || segments.length === 0)
    return fail('elf-no-segments', 'an ELF file without a segment to load; check the linker script');
  return { segments, lowest };
}

function loadSegment(bytes: Uint8Array, header: ProgramHeader, index: number, fail: Fail): ElfSegment {
  const { offset, paddr: physical, filesz: fileSize, memsz: memorySize } = header;
  if (fileSize > memorySize) fail('elf-segment', `ELF segment ${index} is larger in the file than in memory; link it again`);
  if (physical + memorySize > ADDRESS_END) {
    fail(
      'elf-segment',
      `ELF segment ${index} (${hex(physical)}, ${memorySize} bytes) wraps around the end of memory; check the linker script`,
    );
  }
  if (fileSize > 0n && offset + fileSize > BigInt(bytes.length)) {
    fail('elf-truncated', `ELF segment ${index} lies beyond the end of the file; copy the file again`);
  }
  const start = fileSize > 0n ? Number(offset) : 0;
  return { address: physical, bytes: bytes.subarray(start, start + Number(fileSize)), memorySize };
}

/**
 * Address of the symbol `tohost`, by which riscv-tests report. The symbol table is not loaded, so a broken one does not keep a kernel from
 * booting: it counts as empty.
 */
function tohostOf(bytes: Uint8Array, view: DataView, header: ElfHeader): bigint | undefined {
  const sections = sectionHeaders(view, header) ?? [];
  const symtab = sections.find((section) => section.type === SHT_SYMTAB);
  const strtab = symtab && sections[symtab.link];
  if (!symtab || !strtab) return undefined;
  const names = inFile(bytes, strtab);
  // A kernel has thousands of symbols, and only a test has this one: searching all names at once is quicker.
  if (!new TextDecoder().decode(names).includes('tohost')) return undefined;
  let found: bigint | undefined;
  for (const { name, value } of symbolEntries(inFile(bytes, symtab))) if (isString(names, name, 'tohost')) found = value;
  return found;
}

/** The bytes of a section. */
function inFile(bytes: Uint8Array, { offset, size }: SectionHeader): Uint8Array {
  const cut = (at: bigint) => Number(at < BigInt(bytes.length) ? at : BigInt(bytes.length));
  return bytes.subarray(cut(offset), cut(offset + size));
}

/** Whether the NUL-terminated string at `at`, which may lie outside of `names`, is `wanted`. */
function isString(names: Uint8Array, at: number, wanted: string): boolean {
  if (names[at + wanted.length] !== 0) return false;
  for (let index = 0; index < wanted.length; index++) if (names[at + index] !== wanted.charCodeAt(index)) return false;
  return true;
}
