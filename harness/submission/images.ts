/**
 * Images of drives that come with a submission: which file one is, and what it holds. One that is `submitted` was found when the hand-in was
 * read (read-entry.ts). One that is `built` is left beside the kernel by a build of bootgrade's own; where kernels are handed in, it was made by
 * the student's own build, and is looked for below the same top as the kernel. As with kernels, nothing here can be trusted, and what is wrong is
 * returned as a sentence.
 */
import { createHash } from 'node:crypto';
import { readRegular } from '../files/read.ts';
import { PathError } from '../files/system-error.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { matchesPath } from '../vocabulary/path-pattern.ts';
import type { OwnImage } from '../vocabulary/scenario.ts';
import { FolderTree } from './folder-tree.ts';
import type { Found, HandInProblem, HostFault, KernelFile, Submission, TreePlace } from './handed-in.ts';
import { imageIn, inFolder, needed, notAnImage, onlyOne, topOf } from './image-search.ts';
import { orHostFault } from './kernel.ts';

type WithImages = Pick<Submission, 'kernel' | 'images' | 'submittedImages' | 'sources'>;

/** The submission's own image. `kernels`: the rubric's patterns of kernels. */
export function imageOf(submission: WithImages, kernels: readonly string[], own: OwnImage): InitialImage | HandInProblem | HostFault {
  const found = own.source === 'submitted' ? submitted(submission, own) : built(submission, kernels, own);
  return 'path' in found ? readImage(found) : found;
}

const NOT_ALONE = 'the folder with it and the kernel is needed, not the kernel alone';

function submitted({ submittedImages }: WithImages, own: OwnImage): Found {
  const found: Found = submittedImages?.[own.pattern] ?? { problem: NOT_ALONE };
  return 'problem' in found ? needed(own, found.problem) : found;
}

function built({ kernel, images, sources }: WithImages, kernels: readonly string[], own: OwnImage): Found {
  const { pattern } = own;
  if (images !== undefined) return images[pattern]!;
  if (!('path' in kernel)) return kernel;
  if (sources === null || 'taken' in sources) return needed(own, NOT_ALONE);
  const found = orHostFault(`${pattern} cannot be looked for`, () => findImage(sources, topOf(kernel.file, kernels), pattern));
  return 'problem' in found ? needed(own, found.problem) : found;
}

/** The one regular file below the top that matches. Throws HostError. */
export function findImage(place: TreePlace, top: string, pattern: string): KernelFile | HandInProblem {
  return onlyOne('folder' in place ? inFolder(new FolderTree(place.folder).at(top), pattern) : inList(place.files, top, pattern), pattern);
}

function inList(files: Readonly<Record<string, string>>, top: string, pattern: string): (KernelFile | HandInProblem)[] {
  const start = top === '' ? '' : `${top}/`;
  return Object.entries(files).flatMap(([file, path]) =>
    file.startsWith(start) && matchesPath(pattern, file.slice(start.length)) ? [{ file, path }] : [],
  );
}

/** Reads the image, which was found to be a regular file before. */
function readImage({ file, path, sha256 }: KernelFile): InitialImage | HandInProblem | HostFault {
  return orHostFault(`${file} cannot be read`, () => {
    try {
      const bytes = readRegular(path, MOST_BYTES.contents, 'refuse');
      if (sha256 !== undefined && createHash('sha256').update(bytes).digest('hex') !== sha256) {
        return { hostFault: `${file} is not any more what the build left` };
      }
      return imageIn(file, bytes);
    } catch (error) {
      if (!(error instanceof PathError)) throw error;
      if (error.code === 'too-large') return notAnImage(file, error.message);
      return { hostFault: `${file} was there, and is not any more: ${error.message}` };
    }
  });
}
