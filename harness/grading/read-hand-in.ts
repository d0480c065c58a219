/** A submission's files as they are run: the kernel, and the images that drives hold. Without one of them nothing can be run. */
import type { Rubric } from '../rubric/types.ts';
import type { Submission } from '../submission/handed-in.ts';
import { InitialImage } from '../vocabulary/image.ts';
import { ownImageKey, ownImages } from '../vocabulary/scenario.ts';
import type { Files } from './files.ts';
import type { HandedIn } from './run-submission.ts';

export function readHandIn(submission: Submission, { submission: { kernel: kernels }, scenarios }: Rubric, files: Files): HandedIn {
  const { name, alsoMatched } = submission;
  const kernel = files.readKernel(submission.kernel);
  const read = { name, kernel, alsoMatched, sources: files.sourcesAt(submission.sources) };
  if (!('bytes' in kernel)) return read;
  const images = new Map<string, InitialImage>();
  for (const own of ownImages(scenarios)) {
    const image = files.imageOf(submission, kernels, own);
    if (!(image instanceof InitialImage)) return { ...read, kernel: image };
    images.set(ownImageKey(own), image);
  }
  return { ...read, ownImages: images };
}
