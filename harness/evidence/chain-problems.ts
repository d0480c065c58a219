/** Why a device refused a chain, in words. The keys are those of a request's `problem` and a device's `broken`. */
import { printable } from './printable.ts';

const WORDS: Readonly<Record<string, string>> = {
  'head-out-of-range': 'the available ring names a descriptor that the queue does not have',
  'next-out-of-range': 'a descriptor goes on at one that the table does not have',
  loop: 'the descriptor chain comes back to itself',
  'zero-length': 'a descriptor has the length 0',
  'readable-after-writable': 'a device-readable descriptor follows a device-writable one',
  'header-missing': 'descriptor chain without a device-readable header',
  'header-too-short': 'the header has fewer than 16 bytes',
  'status-missing': 'descriptor chain without a writable status',
  'indirect-malformed': 'an indirect descriptor table that is malformed',
  unmapped: 'a ring or buffer that lies outside RAM',
  'avail-index-jumped': 'the index of the available ring jumped further than the queue is long (QEMU: "Virtqueue size exceeded")',
};

export function describeProblem(problem: string): string {
  return WORDS[problem] ?? printable(problem);
}
