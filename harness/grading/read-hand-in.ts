/** A submission's files as they are run: the kernel, and the images that drives hold. Without one of them nothing can be run. */
import type { Rubric } from '../rubric/types.ts';
import type { Submission } from '../submission/handed-in.ts';
import { InitialImage } from '../vocabulary/image.ts';
import { builtImages } from '../vocabulary/scenario.ts';
import type { Files } from './files.ts';
import type { HandedIn } from './run-submission.ts';

export function readHandIn(submission: Submission, { submission: { kernel: kernels }, scenarios }: Rubric, files: Files): HandedIn {
  const { name, alsoMatched } = submission;
  const kernel = files.readKernel(submission.kernel);
  const read = { name, kernel, alsoMatched, sources: files.sourcesAt(submission.sources) };
  if (!('bytes' in kernel)) return read;
  const built = new Map<string, InitialImage>();
  for (const pattern of builtImages(scenarios)) {
    const image = files.imageOf(submission, kernels, pattern);
    if (!(image instanceof InitialImage)) return { ...read, kernel: image };
    built.set(pattern, image);
  }
  return { ...read, built };
}
