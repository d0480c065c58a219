/** A submission's files as they are run: the kernel, and the images that drives hold. Without one of them nothing can be run. */

import type { Rubric } from '../rubric/types.ts';
import type { HostFault, Submission } from '../submission/handed-in.ts';
import { absentText } from '../submission/text-search.ts';
import { InitialImage } from '../vocabulary/image.ts';
import { ownImageKey, ownImages } from '../vocabulary/scenario.ts';
import type { Files } from './files.ts';
import { handedFiles } from './handed-files.ts';
import type { HandedIn } from './run-submission.ts';

export function readHandIn(submission: Submission, rubric: Rubric, files: Files): HandedIn {
  const {
    submission: { kernel: kernels },
    scenarios,
  } = rubric;
  const { name, alsoMatched } = submission;
  const kernel = files.readKernel(submission.kernel);
  let fault: HostFault | undefined;
  const texts = handedFiles(rubric, (wanted) =>
    files.textsOf(submission, wanted).map((text) => {
      if (!('hostFault' in text)) return text;
      fault = text;
      return absentText({ problem: text.hostFault });
    }),
  );
  const read = { name, kernel, alsoMatched, sources: files.sourcesAt(submission.sources), files: texts };
  if (fault !== undefined) return { ...read, kernel: fault };
  if (!('bytes' in kernel)) return read;
  const images = new Map<string, InitialImage>();
  for (const own of ownImages(scenarios)) {
    const image = files.imageOf(submission, kernels, own);
    if (!(image instanceof InitialImage)) return { ...read, kernel: image };
    images.set(ownImageKey(own), image);
  }
  return { ...read, ownImages: images };
}
