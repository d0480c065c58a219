/**
 * Reads an ELF64 little-endian RISC-V executable: the segments to load and, for riscv-tests, the addresses of `tohost` and
 * `fromhost`. The file is hostile: every offset is checked before it is used, and nothing is allocated by its claims.
 *
 * Reference: System V ABI, chapters 4 and 5 (ELF-64), and the RISC-V ELF psABI, "File Header".
 * Left out: relocation (QEMU loads a position-independent file where it says, too), sections, PN_XNUM.
 */
import { hex } from '../hex.ts';
import { type GuestFile, GuestFileError, type GuestFileErrorCode } from './error.ts';

export interface ElfSegment {
  /** p_paddr: where it goes in physical memory. */
  readonly address: bigint;
  /** What the file holds of it: a view into the file, not a copy. */
  readonly bytes: Uint8Array;
  /** p_memsz, at least `bytes.length`; the rest is zero. Not checked against any RAM. */
  readonly memorySize: bigint;
}

export interface Elf {
  /** PT_LOAD segments of non-zero size, in file order; none wraps around 2^64. */
  readonly segments: readonly ElfSegment[];
  /** Lowest physical address of a PT_LOAD segment, empty ones included: there QEMU enters a kernel. */
  readonly lowest: bigint;
  /** e_entry: there QEMU enters a firmware. */
  readonly entry: bigint;
  readonly tohost?: bigint;
  readonly fromhost?: bigint;
}

const HEADER_SIZE = 64;
const PROGRAM_HEADER_SIZE = 56;
const SECTION_HEADER_SIZE = 64;
const SYMBOL_SIZE = 24;
const PT_LOAD = 1;
const SHT_SYMTAB = 2;
const ADDRESS_END = 1n << 64n;

/** e_machine of what people hand in by mistake. */
const MACHINE_NAMES: Readonly<Record<number, string>> = { 3: 'x86', 40: 'Arm', 62: 'x86-64', 183: 'AArch64', 8: 'MIPS', 258: 'LoongArch' };
const RISCV = 243;
const TYPE_NAMES: Readonly<Record<number, string>> = { 1: 'an object file (not linked)', 4: 'a core dump' };

export function isElf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;
}

/** Throws GuestFileError, and nothing else, for whatever is wrong with the bytes. */
export function parseElf(bytes: Uint8Array, file: GuestFile): Elf {
  const fail = (code: GuestFileErrorCode, message: string): never => {
    throw new GuestFileError(code, file, message);
  };
  if (!isElf(bytes)) fail('elf-header', 'not an ELF file: its first four bytes are not 7f 45 4c 46');
  if (bytes.length < HEADER_SIZE)
    fail('elf-truncated', `ELF header cut off at ${bytes.length} of ${HEADER_SIZE} bytes; copy the file again`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkTarget(view, fail);
  return { ...loadSegments(bytes, view, fail), entry: view.getBigUint64(24, true), ...hostSymbols(bytes, view) };
}

type Fail = (code: GuestFileErrorCode, message: string) => never;

function checkTarget(view: DataView, fail: Fail): void {
  if (view.getUint8(4) !== 2) fail('elf-class', 'not a 64-bit ELF file; build it for riscv64');
  if (view.getUint8(5) !== 1) fail('elf-endianness', 'not a little-endian ELF file; build it for riscv64');
  const machine = view.getUint16(18, true);
  if (machine !== RISCV) {
    fail('elf-machine', `an ELF file for ${MACHINE_NAMES[machine] ?? `machine number ${machine}`}, not for RISC-V; build it for riscv64`);
  }
  const type = view.getUint16(16, true);
  // ET_EXEC or ET_DYN (a static-pie kernel); both go where their physical addresses say.
  if (type !== 2 && type !== 3) fail('elf-type', `${TYPE_NAMES[type] ?? `an ELF file of type ${type}`}, not an executable; link it`);
}

function loadSegments(bytes: Uint8Array, view: DataView, fail: Fail): { segments: ElfSegment[]; lowest: bigint } {
  const tableOffset = view.getBigUint64(32, true);
  const entrySize = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  if (count === 0) fail('elf-no-segments', 'an ELF file without program headers: nothing to load; link it');
  if (entrySize !== PROGRAM_HEADER_SIZE)
    fail('elf-header', `ELF program headers of ${entrySize} bytes, not ${PROGRAM_HEADER_SIZE}; link it again`);
  if (tableOffset + BigInt(count * PROGRAM_HEADER_SIZE) > BigInt(bytes.length)) {
    fail('elf-truncated', 'ELF program headers lie beyond the end of the file; copy the file again');
  }
  const segments: ElfSegment[] = [];
  let lowest: bigint | undefined;
  for (let index = 0; index < count; index++) {
    const header = Number(tableOffset) + index * PROGRAM_HEADER_SIZE;
    if (view.getUint32(header, true) !== PT_LOAD) continue;
    const segment = loadSegment(bytes, view, header, index, fail);
    if (lowest === undefined || segment.address < lowest) lowest = segment.address;
    if (segment.memorySize > 0n) segments.push(segment);
  }
  if (lowest === undefined || segments.length === 0)
    return fail('elf-no-segments', 'an ELF file without a segment to load; check the linker script');
  return { segments, lowest };
}

function loadSegment(bytes: Uint8Array, view: DataView, header: number, index: number, fail: Fail): ElfSegment {
  const offset = view.getBigUint64(header + 8, true);
  const physical = view.getBigUint64(header + 24, true);
  const fileSize = view.getBigUint64(header + 32, true);
  const memorySize = view.getBigUint64(header + 40, true);
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

/** A broken symbol table is no reason not to boot (it is not loaded): then there are no symbols. */
function hostSymbols(bytes: Uint8Array, view: DataView): { tohost?: bigint; fromhost?: bigint } {
  const found: { tohost?: bigint; fromhost?: bigint } = {};
  const sections = sectionTable(bytes, view);
  const symbols = sections.find((section) => section.type === SHT_SYMTAB);
  const names = symbols && sections[symbols.link];
  if (!symbols || !names) return found;
  // A kernel has thousands of symbols, and these two only where it is a test: one look at all names is quicker.
  if (!new TextDecoder().decode(bytes.subarray(names.offset, names.end)).includes('tohost')) return found;
  for (let at = symbols.offset; at + SYMBOL_SIZE <= symbols.end; at += SYMBOL_SIZE) {
    const name = names.offset + view.getUint32(at, true);
    for (const wanted of ['tohost', 'fromhost'] as const) {
      if (isString(bytes, name, wanted)) found[wanted] = view.getBigUint64(at + 8, true);
    }
  }
  return found;
}

interface Section {
  readonly type: number;
  readonly link: number;
  readonly offset: number;
  readonly end: number;
}

/** The sections, each cut to what the file holds of it; empty where the table itself is not in the file. */
function sectionTable(bytes: Uint8Array, view: DataView): Section[] {
  const tableOffset = view.getBigUint64(40, true);
  const count = view.getUint16(60, true);
  if (view.getUint16(58, true) !== SECTION_HEADER_SIZE) return [];
  if (tableOffset + BigInt(count * SECTION_HEADER_SIZE) > BigInt(bytes.length)) return [];
  const inFile = (offset: bigint) => Number(offset < BigInt(bytes.length) ? offset : BigInt(bytes.length));
  return Array.from({ length: count }, (_, index) => {
    const header = Number(tableOffset) + index * SECTION_HEADER_SIZE;
    const offset = view.getBigUint64(header + 24, true);
    const end = offset + view.getBigUint64(header + 32, true);
    return { type: view.getUint32(header + 4, true), link: view.getUint32(header + 40, true), offset: inFile(offset), end: inFile(end) };
  });
}

/** Whether the NUL-terminated string at `at`, which may lie outside the file, is `wanted`. */
function isString(bytes: Uint8Array, at: number, wanted: string): boolean {
  if (bytes[at + wanted.length] !== 0) return false;
  for (let index = 0; index < wanted.length; index++) if (bytes[at + index] !== wanted.charCodeAt(index)) return false;
  return true;
}
