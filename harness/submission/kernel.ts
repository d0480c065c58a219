/**
 * The kernel inside what a student handed in: which file it is, and its bytes. Everything here is a stranger's: a symbolic
 * link may lead to another's work, a FIFO never ends, a sparse file claims terabytes. What is wrong is returned as a
 * sentence, never thrown: it fails the submission and nothing else.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { glob } from './glob.ts';

/** Bytes. A lab's kernel has a few megabytes with its debug information, a large one some hundred. */
export const LARGEST_KERNEL = 256 * 1024 * 1024;

/** Where the kernel is: `file` as shown (below the submission), `path` to open. */
export interface KernelFile {
  readonly file: string;
  readonly path: string;
}

export interface Kernel {
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Hex. */
  readonly sha256: string;
}

/** What is wrong with what was handed in, as a sentence for the student. */
export interface Problem {
  readonly problem: string;
}

/** The real path of `file` below `folder`; a problem where it leads to nothing or out of the folder. */
export function containedPath(folder: string, file: string): string | Problem {
  let path: string;
  let root: string;
  try {
    path = realpathSync(join(folder, file));
    root = realpathSync(folder);
  } catch {
    return { problem: `${file} is a symbolic link that leads to nothing` };
  }
  const inside = path.startsWith(root.endsWith(sep) ? root : root + sep);
  return inside ? path : { problem: `${file} is a symbolic link that leads out of the submission` };
}

/** The regular file at the real path `path`, shown as `file`; a problem where it is anything else. */
export function regularFile(path: string, file: string): KernelFile | Problem {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile()) return { file, path };
  return { problem: stat?.isDirectory() ? `${file} is a folder, not a kernel` : `${file} is a device, a pipe or a socket, not a kernel` };
}

/** The regular file that `file` names below `folder`; a problem where it is anything else, or lies elsewhere. */
export function resolveKernel(folder: string, file: string): KernelFile | Problem {
  const path = containedPath(folder, file);
  return typeof path === 'string' ? regularFile(path, file) : path;
}

/**
 * The first regular file that a pattern matches, in the order of the patterns and bytewise within one. A match that
 * cannot be taken is reported only where no other can; undefined where nothing matches.
 */
export function findKernel(folder: string, patterns: readonly string[]): KernelFile | Problem | undefined {
  let refused: Problem | undefined;
  for (const pattern of patterns) {
    for (const file of glob(folder, pattern)) {
      const kernel = resolveKernel(folder, file);
      if ('path' in kernel) return kernel;
      refused ??= kernel;
    }
  }
  return refused;
}

function readAll(descriptor: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  while (at < size) {
    const count = readSync(descriptor, bytes, at, size - at, at);
    if (count === 0) break;
    at += count;
  }
  return bytes.subarray(0, at);
}

/** Reads the kernel. `path` was resolved before; it is opened without following a link or waiting for a pipe's writer. */
export function readKernel({ file, path }: KernelFile): Kernel | Problem {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return { problem: `${file} cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return { problem: `${file} is not a regular file` };
    if (stat.size > LARGEST_KERNEL) return { problem: `${file} has ${stat.size} bytes; a kernel may have ${LARGEST_KERNEL}` };
    const bytes = readAll(descriptor, stat.size);
    return { file, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  } finally {
    closeSync(descriptor);
  }
}
