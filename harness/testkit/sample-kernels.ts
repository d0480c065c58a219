/** The sample kernels and their sources, for tests: what a report names is looked up in the source, never written down twice. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const SUBMISSIONS = join(import.meta.dirname, '../../submissions');

export function sampleKernel(name: string): Uint8Array {
  return new Uint8Array(readFileSync(join(SUBMISSIONS, 'class', name, 'kernel.elf')));
}

export function sampleKernelFile(name: string): string {
  return join(SUBMISSIONS, 'class', name, 'kernel.elf');
}

/** Number of the only line of a sample's source file (below `submissions/`) that holds the text, from 1; with `after`, of the first one after it. */
export function lineOf(file: string, text: string, after?: string): number {
  const lines = readFileSync(join(SUBMISSIONS, file), 'utf8').split('\n');
  const from = after === undefined ? 0 : lines.findIndex((line) => line.includes(after));
  const found = lines.flatMap((line, index) => (index >= from && line.includes(text) ? [index + 1] : []));
  if (from < 0 || found.length === 0 || (after === undefined && found.length > 1)) {
    throw new Error(`${file}: ${found.length} lines hold ${JSON.stringify(text)}`);
  }
  return found[0]!;
}

/** Offsets in an ELF64 header (System V gABI): section table, number of sections. */
const SECTION_TABLE = 40;
const SECTION_COUNT = 60;

/** The kernel as `strip` would leave it: no sections, no symbols. */
export function stripped(kernel: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(kernel);
  const view = new DataView(copy.buffer);
  view.setBigUint64(SECTION_TABLE, 0n, true);
  view.setUint16(SECTION_COUNT, 0, true);
  return copy;
}

/** The kernel without the sections of these names: they are still there, under a name that is never looked for. */
export function withoutSections(kernel: Uint8Array, names: readonly string[]): Uint8Array {
  const copy = Uint8Array.from(kernel);
  for (const name of names) {
    const at = Buffer.from(copy).indexOf(`\0${name}\0`);
    if (at < 0) throw new Error(`the kernel has no section ${name}`);
    copy[at + 1] = '!'.charCodeAt(0);
  }
  return copy;
}

/** ELF64 headers (System V gABI): of the file, of a segment, of a section. */
const [FILE_HEADER, SEGMENT_HEADER, SECTION_HEADER] = [64, 56, 64];

/** An ELF file of one executable segment, which has no bytes in the file, and the sections of these names. */
export function elfOf(code: { readonly low: bigint; readonly size: bigint }, sections: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const names = [...Object.keys(sections), '.shstrtab'];
  const strings = Buffer.from(`\0${names.join('\0')}\0`);
  const contents = [...Object.values(sections), strings];
  const start = FILE_HEADER + SEGMENT_HEADER;
  const headersAt = start + contents.reduce((sum, { length }) => sum + length, 0);
  const file = Buffer.alloc(headersAt + SECTION_HEADER * (names.length + 1));
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  file.writeBigUInt64LE(BigInt(FILE_HEADER), 32);
  file.writeBigUInt64LE(BigInt(headersAt), 40);
  file.writeUInt16LE(1, 56);
  file.writeUInt16LE(SECTION_HEADER, 58);
  file.writeUInt16LE(names.length + 1, 60);
  file.writeUInt16LE(names.length, 62);
  file.writeUInt32LE(1, FILE_HEADER);
  file.writeUInt32LE(1, FILE_HEADER + 4);
  file.writeBigUInt64LE(code.low, FILE_HEADER + 16);
  file.writeBigUInt64LE(code.size, FILE_HEADER + 40);
  let offset = start;
  contents.forEach((bytes, index) => {
    const header = headersAt + SECTION_HEADER * (index + 1);
    file.writeUInt32LE(strings.indexOf(`\0${names[index]}\0`) + 1, header);
    file.writeUInt32LE(1, header + 4);
    file.writeBigUInt64LE(BigInt(offset), header + 24);
    file.writeBigUInt64LE(BigInt(bytes.length), header + 32);
    file.set(bytes, offset);
    offset += bytes.length;
  });
  return file;
}
