/** Files of a hand-in that checks look at, on this computer: where each is, and what it holds. Nothing here can be trusted, as with kernels. */
import { createHash } from 'node:crypto';
import { lookAt, readRegular } from '../files/read.ts';
import { PathError } from '../files/system-error.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import type { SubmissionRules } from '../vocabulary/submission.ts';
import type { Found, HostFault, KernelFile, Submission } from './handed-in.ts';
import { orHostFault } from './kernel.ts';
import { onDisk } from './search.ts';
import { absentText, alone, findText, type TextFile, textFile, unreadText } from './text-search.ts';
import type { Tree } from './tree.ts';

/** By the rubric's names or globs; nothing where the rubric asks for none. */
export function textsIn(tree: Tree, kernel: Found, { texts, kernel: kernels }: SubmissionRules): Pick<Submission, 'texts'> {
  if (texts.length === 0) return {};
  const find = (pattern: string) =>
    orHostFault(`${pattern} cannot be looked for`, () => findText(tree, kernel, { pattern, kernels }, onDisk));
  return { texts: Object.fromEntries(texts.map((pattern) => [pattern, find(pattern)])) };
}

/** What the file of this name or glob holds. */
export function textOf({ texts }: Pick<Submission, 'texts'>, pattern: string): TextFile | HostFault {
  const found = texts?.[pattern] ?? alone(pattern);
  if ('hostFault' in found) return found;
  return 'path' in found ? readText(found) : absentText(found);
}

/** Reads the file, which was found to be a regular one before. */
function readText({ file, path }: KernelFile): TextFile | HostFault {
  return orHostFault(`${file} cannot be read`, () => {
    try {
      const size = lookAt(path)?.size ?? 0;
      if (size > MOST_BYTES.text) return unreadText(file, size);
      const bytes = readRegular(path, MOST_BYTES.text, 'refuse');
      return textFile(file, bytes, createHash('sha256').update(bytes).digest('hex'));
    } catch (error) {
      if (!(error instanceof PathError)) throw error;
      return { hostFault: `${file} was there, and is not any more: ${error.message}` };
    }
  });
}
