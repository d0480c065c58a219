/**
 * What a submission is called that a person named by its kernel's file. `grade lab.yaml s1001/kernel.elf` and `grade lab.yaml s1001` are the same
 * submission, so both have the same name; and `s1002/kernel.elf` must not replace its report.
 */
import { basename, resolve, sep } from 'node:path';
import { matchesName } from '../vocabulary/path-pattern.ts';

/** `patterns`: the rubric's. A file that none of them matches has its own name, which then tells students apart. */
export function nameOfKernel(path: string, patterns: readonly string[]): string {
  const parts = resolve(path)
    .split(sep)
    .filter((part) => part !== '');
  for (const pattern of patterns) {
    const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
    if (segments.some((segment) => segment === '**' || segment === '..') || segments.length >= parts.length) continue;
    const below = parts.slice(-segments.length);
    if (!segments.every((segment, index) => matchesName(segment, below[index]!))) continue;
    const folder = parts.at(-segments.length - 1)!;
    // `*.elf` says nothing of where the student's folder is: s1001.elf may be the student, or the folder above it.
    const isPlain = segments.length > 1 || !/[*?]/.test(segments[0]!);
    return (isPlain ? folder : `${folder}/${below.join('/')}`).normalize('NFC');
  }
  return (basename(resolve(path)) || 'submission').normalize('NFC');
}
