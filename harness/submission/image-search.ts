/** Which file of a hand-in is the image of a drive. Nothing here opens a file, so that the page in a browser searches in the same way. */
import { type InitialImage, imageOfFile } from '../vocabulary/image.ts';
import { matchesPath } from '../vocabulary/path-pattern.ts';
import type { OwnImage } from '../vocabulary/scenario.ts';
import { glob } from './glob.ts';
import type { HandInProblem, KernelFile } from './handed-in.ts';
import { levels } from './kernel-search.ts';
import { isPointer, keptElsewhere } from './lfs-pointer.ts';
import { join, type Tree } from './tree.ts';

/** What the file holds, which is not too large. */
export function imageIn(file: string, bytes: Uint8Array): InitialImage | HandInProblem {
  if (isPointer(bytes)) return keptElsewhere(file);
  return bytes.length === 0 ? { problem: `${file}, the image of a drive, is empty` } : imageOfFile(bytes);
}

export function notAnImage(file: string, why: string): HandInProblem {
  return { problem: `${file} cannot be the image of a drive: ${why}` };
}

/** Why there is no image. */
export function needed({ source, pattern }: OwnImage, why: string): HandInProblem {
  const origin = { built: 'which the build makes', submitted: 'which has to be handed in' }[source];
  return { problem: `a drive needs ${pattern}, ${origin}: ${why}` };
}

/** The folder below which the kernel's path matches the rubric's pattern, the outermost one. */
export function topOf(kernel: string, kernels: readonly string[]): string {
  const parts = kernel.split('/');
  const above = parts.findIndex((_, index) => kernels.some((pattern) => matchesPath(pattern, parts.slice(index).join('/'))));
  return parts.slice(0, Math.max(0, above)).join('/');
}

const MOST_NAMED = 5;

/** What the pattern matches below the top of the tree. Throws HostError. */
export function inFolder(tree: Tree, pattern: string): (KernelFile | HandInProblem)[] {
  return glob(tree, pattern).map((file) => tree.open(file));
}

/**
 * The file that was handed in: the one nearest to the top of the hand-in, whatever folder the student has packed everything into. A pattern with
 * `**` looks into all folders by itself. Throws HostError.
 */
export function submittedImage(tree: Tree, pattern: string): KernelFile | HandInProblem {
  if (pattern.split('/').includes('**')) return onlyOne(inFolder(tree, pattern), pattern);
  for (const folders of levels(tree)) {
    const matches = folders.flatMap((folder) =>
      inFolder(tree.at(folder), pattern).map((one) => ('path' in one ? { ...one, file: join(folder, one.file) } : one)),
    );
    if (matches.length > 0) return onlyOne(matches, pattern);
  }
  return { problem: `no file of that name was handed in` };
}

/** The only one of the matches that is a regular file. */
export function onlyOne(matches: readonly (KernelFile | HandInProblem)[], pattern: string): KernelFile | HandInProblem {
  const files = matches.flatMap((one) => ('path' in one ? [one] : []));
  const [first] = files;
  if (first === undefined) return matches[0] ?? { problem: `nothing matches ${pattern}` };
  if (files.length === 1) return first;
  const named = files.slice(0, MOST_NAMED).map(({ file }) => file);
  return { problem: `several files match ${pattern}: ${named.join(', ')}; a drive can hold only one` };
}
