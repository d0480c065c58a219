/**
 * Line tables for a kernel that has none: it is built once more, by compilers that are asked for them. What is graded stays what the build made
 * by itself; the second kernel only says which line an address belongs to, and only if it is the same in memory.
 */
import { readRegular } from '../files/read.ts';
import type { Scratch } from '../files/scratch.ts';
import { PathError } from '../files/system-error.ts';
import type { HostFault } from '../submission/handed-in.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import type { Built } from './cache.ts';
import { areLoadedAlike, hasLines, lacksLines } from './loaded.ts';
import { type BuildSetup, buildOnce, type OneBuild } from './one-build.ts';
import type { HashedFile } from './sources.ts';

/**
 * The build with its kernel's lines. `lined`: the setup in which compilers are asked for them. `scratch` is called where a folder is needed, in
 * which the second kernel then lies. Throws HostError; what the signal was aborted with.
 */
export async function withLines(
  { entry, files: made }: OneBuild,
  {
    files,
    lined,
    scratch,
  }: { readonly files: readonly HashedFile[]; readonly lined: BuildSetup; readonly scratch: () => Promise<Scratch> },
  signal: AbortSignal,
): Promise<Built> {
  const plain: Built = { entry, files: made };
  const { kernelPath } = made;
  const { kernel, build } = entry;
  if (kernelPath === null || kernel === null) return plain;
  const bytes = kernelBytes(kernelPath);
  if (bytes === null || !lacksLines(bytes)) {
    const lines = bytes !== null && hasLines(bytes) ? 'kernel' : 'none';
    return { ...plain, entry: { ...entry, build: { ...build, lines } } };
  }
  const found = linesOf(bytes, kernel.file, await buildOnce(files, lined, await scratch(), signal));
  if ('problem' in found) return { ...plain, entry: { ...entry, build: { ...build, noLines: found.problem } } };
  return {
    entry: { ...entry, kernel: { ...kernel, lines: found.sha256 }, build: { ...build, lines: 'second-build' } },
    files: { ...made, linesPath: found.path },
  };
}

type Lines = { readonly path: string; readonly sha256: string } | { readonly problem: string };

/** `file`: the kernel's path below the tree. */
function linesOf(plain: Uint8Array, file: string, again: OneBuild | HostFault): Lines {
  if ('hostFault' in again) return { problem: 'it was built once more, but that could not be done here' };
  const {
    files: { kernelPath: path },
    entry,
  } = again;
  if (path === null || entry.kernel === null)
    return { problem: 'it was built once more by compilers that were asked for them, but that build failed' };
  const bytes = entry.kernel.file === file ? kernelBytes(path) : null;
  if (bytes === null || !hasLines(bytes))
    return { problem: 'it was built once more by compilers that were asked for them, but there are none in what was made' };
  if (areLoadedAlike(plain, bytes)) return { path, sha256: entry.kernel.sha256 };
  return { problem: 'it was built once more by compilers that were asked for them, but what was made is not the same in memory' };
}

function kernelBytes(path: string): Uint8Array | null {
  try {
    return readRegular(path, MOST_BYTES.kernel, 'refuse');
  } catch (error) {
    if (error instanceof PathError) return null;
    throw error;
  }
}
