/**
 * Git LFS keeps a few lines in the place of a file that lies on its server. Reference: the specification of Git LFS, "The Pointer". Left out: asking that
 * server, which a grader must not do.
 */
import type { HandInProblem } from './handed-in.ts';

const BEGINNING = new TextEncoder().encode('version https://git-lfs.github.com/spec/');

/** Bytes of a file by which it is known. */
export const POINTER_BYTES = BEGINNING.length;

/** `bytes`: how a file begins. */
export function isPointer(bytes: Uint8Array): boolean {
  return BEGINNING.every((byte, at) => bytes[at] === byte);
}

export function keptElsewhere(file: string): HandInProblem {
  return { problem: `${file} is kept by Git LFS, which is not asked: commit the file itself` };
}
