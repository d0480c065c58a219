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

/** The kernel without the sections of these names: they are still there, under a name that nobody looks for. */
export function withoutSections(kernel: Uint8Array, names: readonly string[]): Uint8Array {
  const copy = Uint8Array.from(kernel);
  for (const name of names) {
    const at = Buffer.from(copy).indexOf(`\0${name}\0`);
    if (at < 0) throw new Error(`the kernel has no section ${name}`);
    copy[at + 1] = '!'.charCodeAt(0);
  }
  return copy;
}
