/**
 * What a student has chosen, as grading takes it: the kernel, the images of drives, and the sources. It is found by the rules of the command. Left
 * out: archives, which have to be unpacked first, and kernels that a build makes.
 */
import { sha256 } from '../bytes/sha256.ts';
import { handedFiles } from '../grading/handed-files.ts';
import type { HandedIn } from '../grading/run-submission.ts';
import type { HandedFile } from '../result/handed-file.ts';
import type { Rubric } from '../rubric/types.ts';
import { BEGINNING } from '../submission/archive/kind.ts';
import type { Found, HandInProblem, HostFault, Kernel, KernelFile, Search } from '../submission/handed-in.ts';
import { imageIn, inFolder, needed, notAnImage, onlyOne, submittedImage, topOf } from '../submission/image-search.ts';
import { searchTree } from '../submission/kernel-search.ts';
import { noKernel } from '../submission/no-kernel.ts';
import { LARGEST_SOURCE, listSources } from '../submission/source-list.ts';
import { absentText, alone, findTexts, keptTogether, type TextFile, textFile, unreadText } from '../submission/text-search.ts';
import { whyNoKernel } from '../submission/what-it-is.ts';
import { InitialImage } from '../vocabulary/image.ts';
import { MOST_BYTES, tooLarge } from '../vocabulary/most-bytes.ts';
import { type OwnImage, ownImageKey, ownImages } from '../vocabulary/scenario.ts';
import type { SubmissionRules } from '../vocabulary/submission.ts';
import { ChosenFiles, ChosenTree } from './chosen-tree.ts';
import type { Chosen } from './messages.ts';

/** Throws UnreadableFile. */
export function handedIn(chosen: Chosen, rubric: Rubric): HandedIn {
  const { submission: rules, scenarios } = rubric;
  const files = new ChosenFiles(chosen.files);
  const tree = new ChosenTree(files);
  const { kernel: found, alsoMatched } = searchIn(chosen, tree, files, rules);
  const kernel = 'path' in found ? readKernel(found, files, rules) : found;
  const sources = {
    list: () => listSources(tree),
    read: (path: string) => (files.has(path) && files.size(path) <= LARGEST_SOURCE ? files.read(path) : null),
  };
  const read = { name: chosen.name.normalize('NFC'), kernel, alsoMatched, files: textsIn(chosen, tree, found, files, rubric), sources };
  if (!('bytes' in kernel)) return read;
  const images = new Map<string, InitialImage>();
  for (const own of ownImages(scenarios)) {
    const image = imageBeside(kernel, own, tree, files, rules);
    if (!(image instanceof InitialImage)) return { ...read, kernel: image };
    images.set(ownImageKey(own), image);
  }
  return { ...read, ownImages: images };
}

/** Those that checks look at. */
function textsIn({ kind }: Chosen, tree: ChosenTree, kernel: Found, files: ChosenFiles, rubric: Rubric): HandedFile[] {
  const { kernel: kernels } = rubric.submission;
  const textOf = (found: KernelFile | HandInProblem): TextFile => {
    if ('problem' in found) return absentText(found);
    const { file, path } = found;
    if (files.size(path) > MOST_BYTES.text) return unreadText(file, files.size(path));
    const bytes = files.read(path);
    return textFile(file, bytes, sha256(bytes));
  };
  return handedFiles(rubric, (wanted) => {
    const found = kind === 'file' ? [alone(wanted.pattern)] : findTexts(tree, kernel, { ...wanted, kernels }, files.facts);
    return keptTogether(found.map(textOf));
  });
}

/** A file that was chosen by itself is the kernel, whatever it is called. */
function searchIn({ kind, files: [first] }: Chosen, tree: ChosenTree, files: ChosenFiles, rules: SubmissionRules): Search {
  if (kind === 'file' && first !== undefined) return { kernel: tree.open(first.path), alsoMatched: [] };
  const found: { readonly kernel: Found; readonly alsoMatched: readonly string[] } | undefined = searchTree(tree, rules, files.facts);
  return found ?? { kernel: noKernel(tree, rules.kernel), alsoMatched: [] };
}

function readKernel({ file, path }: KernelFile, files: ChosenFiles, { format }: SubmissionRules): Kernel | HandInProblem | HostFault {
  const size = files.size(path);
  if (size > MOST_BYTES.kernel) return { problem: `${file} is no kernel: ${tooLarge(size, MOST_BYTES.kernel)}` };
  const problem = format === 'raw' ? null : whyNoKernel(file, files.read(path, BEGINNING));
  if (problem !== null) return problem;
  const bytes = files.read(path);
  return { file, bytes, sha256: sha256(bytes) };
}

function imageBeside(
  { file: kernel }: Kernel,
  own: OwnImage,
  tree: ChosenTree,
  files: ChosenFiles,
  rules: SubmissionRules,
): InitialImage | HandInProblem {
  const { source, pattern } = own;
  const found =
    source === 'submitted' ? submittedImage(tree, pattern) : onlyOne(inFolder(tree.at(topOf(kernel, rules.kernel)), pattern), pattern);
  if ('problem' in found) return needed(own, found.problem);
  const { file, path } = found;
  const size = files.size(path);
  return size > MOST_BYTES.contents ? notAnImage(file, tooLarge(size, MOST_BYTES.contents)) : imageIn(file, files.read(path));
}
