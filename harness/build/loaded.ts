/**
 * Whether two ELF files put the same into memory. A second build of the same sources, with line tables, may explain the first one only then: all
 * addresses mean the same in both.
 *
 * Two things in memory differ between files that are the same program: where the table of sections lies, which the file's header says, and the
 * build ID, a hash of the whole file. They are not compared, as long as both files have them in the same place.
 *
 * Reference: System V gABI, "Program Header" and "Note Section"; ld(1), --build-id.
 */
import {
  ELF_CLASS_64,
  ELF_HEADER_BYTES,
  ELF_LITTLE_ENDIAN,
  elfHeader,
  isElf,
  type ProgramHeader,
  PT_LOAD,
  programHeaders,
  viewOf,
} from '../../machine/spec/elf.ts';
import { readElf } from '../run/elf.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';

/** Whether it is an ELF file that could have line tables, and has none. */
export function lacksLines(bytes: Uint8Array): boolean {
  return isReadable(bytes) && !hasLines(bytes);
}

export function hasLines(bytes: Uint8Array): boolean {
  const { sections } = readElf(bytes);
  return sections.has('.debug_line') && sections.has('.debug_info');
}

export function areLoadedAlike(a: Uint8Array, b: Uint8Array): boolean {
  const [one, other] = [loadedOf(a), loadedOf(b)];
  if (one === undefined || other === undefined) return false;
  if (one.entry !== other.entry || one.segments.length !== other.segments.length) return false;
  return one.segments.every((segment, index) => isAlike(segment, other.segments[index]!));
}

interface Segment {
  readonly header: ProgramHeader;
  readonly content: Uint8Array;
}

interface Loaded {
  readonly entry: bigint;
  readonly segments: readonly Segment[];
}

function isAlike({ header: a, content: one }: Segment, { header: b, content: other }: Segment): boolean {
  return a.vaddr === b.vaddr && a.paddr === b.paddr && a.memsz === b.memsz && a.flags === b.flags && Buffer.compare(one, other) === 0;
}

function isReadable(bytes: Uint8Array): boolean {
  if (bytes.length < ELF_HEADER_BYTES || !isElf(bytes)) return false;
  const header = elfHeader(viewOf(bytes));
  return header.class === ELF_CLASS_64 && header.data === ELF_LITTLE_ENDIAN;
}

/** undefined: it is not a file that can be compared. Segments that are larger together than a file may be would take long to compare. */
function loadedOf(bytes: Uint8Array): Loaded | undefined {
  if (!isReadable(bytes)) return undefined;
  const header = elfHeader(viewOf(bytes));
  const headers = programHeaders(viewOf(bytes), header);
  if (headers === undefined) return undefined;
  const loads = headers.filter(({ type }) => type === PT_LOAD);
  const total = loads.reduce((sum, { filesz }) => sum + filesz, 0n);
  if (total > BigInt(MOST_BYTES.kernel) || loads.some(({ offset, filesz }) => offset + filesz > BigInt(bytes.length))) return undefined;
  const compared = bytes.slice();
  for (const [from, to] of SECTION_TABLE) compared.fill(0, from, to);
  for (const [from, to] of buildIds(bytes, headers)) compared.fill(0, from, to);
  const content = ({ offset, filesz }: ProgramHeader) => compared.subarray(Number(offset), Number(offset + filesz));
  return { entry: header.entry, segments: loads.map((one) => ({ header: one, content: content(one) })) };
}

/** e_shoff; e_shentsize, e_shnum and e_shstrndx. */
const SECTION_TABLE = [
  [40, 48],
  [58, 64],
] as const;

const PT_NOTE = 4;
const NT_GNU_BUILD_ID = 3;
const NOTE_HEADER_BYTES = 12;
/** "GNU" with its NUL. */
const GNU = 0x00554e47;
/** Notes that are looked at, and bytes that a build ID may have: more is not a hash. */
const MOST_NOTES = 64;
const LONGEST_ID = 64;

/** Where build IDs lie in the file. */
function buildIds(bytes: Uint8Array, headers: readonly ProgramHeader[]): [from: number, to: number][] {
  const view = viewOf(bytes);
  const found: [number, number][] = [];
  let left = MOST_NOTES;
  for (const { type, offset, filesz } of headers) {
    if (type !== PT_NOTE || offset + filesz > BigInt(bytes.length)) continue;
    const end = Number(offset + filesz);
    for (let at = Number(offset); at + NOTE_HEADER_BYTES <= end && left-- > 0; ) {
      const [nameBytes, idBytes, kind] = [view.getUint32(at, true), view.getUint32(at + 4, true), view.getUint32(at + 8, true)];
      const id = at + NOTE_HEADER_BYTES + padded(nameBytes);
      const isId = kind === NT_GNU_BUILD_ID && nameBytes === 4 && view.getUint32(at + NOTE_HEADER_BYTES, true) === GNU;
      if (isId && idBytes <= LONGEST_ID && id + idBytes <= end) found.push([id, id + idBytes]);
      at = id + padded(idBytes);
    }
  }
  return found;
}

function padded(length: number): number {
  return Math.ceil(length / 4) * 4;
}
