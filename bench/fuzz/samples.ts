/** What is there already, to be changed: sample kernels with their debug information. The worker's folder is the project's. */
import { readFileSync } from 'node:fs';

/** Each some 20 KB, with DWARF. */
const SMALL = [
  'passes',
  'writable-data',
  'no-wait',
  'panics',
  'no-notify',
  'wrong-length',
  'header-writable',
  'fakes-console',
  'wrong-type',
] as const;
export type SampleName = (typeof SMALL)[number] | 'ostd-writable-data';
export const SMALL_SAMPLES: readonly SampleName[] = SMALL;

const read = new Map<string, Uint8Array<ArrayBuffer>>();

/** A file below the project's folder, read once. */
export function projectFile(path: string): Uint8Array<ArrayBuffer> {
  const known = read.get(path) ?? new Uint8Array(readFileSync(path));
  read.set(path, known);
  return known;
}

export function samplePath(name: SampleName): string {
  return `submissions/class/${name}/kernel.elf`;
}

export function sample(name: SampleName): Uint8Array<ArrayBuffer> {
  return projectFile(samplePath(name));
}
