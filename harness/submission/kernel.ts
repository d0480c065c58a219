/**
 * The kernel inside what a student handed in: which file it is, and its bytes. Nothing here can be trusted: a symbolic link may lead
 * to somebody else's work, a FIFO never ends, a sparse file claims terabytes. What is wrong is returned as a sentence, never thrown: what the
 * student did wrong fails the submission, what this computer cannot do leaves it without a grade, and other submissions are not affected.
 */
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { lookAt, readRegular, realPath } from '../files/read.ts';
import { HostError, PathError } from '../files/system-error.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import type { Found, HandInProblem, HostFault, Kernel, KernelFile } from './handed-in.ts';
import { whyNoKernel } from './what-it-is.ts';

/** What the act returns, or, if this computer failed meanwhile, that fault: `what` begins its sentence. */
export function orHostFault<Result>(what: string, act: () => Result): Result | HostFault {
  try {
    return act();
  } catch (error) {
    if (error instanceof HostError) return { hostFault: `${what}: ${error.reason}` };
    throw error;
  }
}

/** The regular file at `path`, which is not a link, shown as `file`; a problem where it is anything else. Throws HostError. */
export function regularFile(path: string, file: string): KernelFile | HandInProblem {
  const stat = lookAt(path);
  if (stat?.isFile()) return { file, path };
  if (stat === undefined) return { problem: `${file} is not there` };
  return { problem: stat.isDirectory() ? `${file} is a folder, not a file` : `${file} is a device, a pipe or a socket, not a file` };
}

/** The file that a person named; it may be a link. Throws HostError. */
export function namedKernel(path: string): KernelFile | HandInProblem {
  const file = basename(resolve(path));
  const real = realPath(path);
  return real === undefined ? { problem: `${file} is not there` } : regularFile(real, file);
}

/** The kernel that was handed in, or why there is none. */
export function kernelOf(found: Found): Kernel | HandInProblem | HostFault {
  return 'path' in found ? readKernel(found) : found;
}

/** Reads the kernel, which was found to be a regular file before. */
export function readKernel({ file, path, raw, sha256: expected, lines }: KernelFile): Kernel | HandInProblem | HostFault {
  return orHostFault(`${file} cannot be read`, () => {
    try {
      const { bytes, sha256 } = bytesAt(path);
      const debug = lines === undefined ? undefined : bytesAt(lines.path);
      if ((expected !== undefined && sha256 !== expected) || debug?.sha256 !== lines?.sha256) {
        return { hostFault: `${file} is not any more what the build left` };
      }
      const problem = raw === true ? null : whyNoKernel(file, bytes);
      if (problem !== null) return problem;
      return { file, bytes, sha256, ...(debug === undefined ? {} : { debug: debug.bytes }) };
    } catch (error) {
      if (!(error instanceof PathError)) throw error;
      if (error.code === 'too-large') return { problem: `${file} is no kernel: ${error.message}` };
      return { hostFault: `${file} was there, and is not any more: ${error.message}` };
    }
  });
}

function bytesAt(path: string): { bytes: Uint8Array; sha256: string } {
  const { buffer, byteOffset, length } = readRegular(path, MOST_BYTES.kernel, 'refuse');
  const bytes = new Uint8Array(buffer, byteOffset, length);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}
