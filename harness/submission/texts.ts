/** Files of a hand-in that checks look at, on this computer: where each is, and what it holds. Nothing here can be trusted, as with kernels. */
import { createHash } from 'node:crypto';
import { lookAt, readRegular } from '../files/read.ts';
import { PathError } from '../files/system-error.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import type { SubmissionRules, WantedText } from '../vocabulary/submission.ts';
import type { Found, HostFault, KernelFile, Submission } from './handed-in.ts';
import { orHostFault } from './kernel.ts';
import { onDisk } from './search.ts';
import { absentText, alone, findTexts, keptTogether, type TextFile, textFile, unreadText } from './text-search.ts';
import type { Tree } from './tree.ts';

/** What the rubric asks for; nothing where it asks for none. */
export function textsIn(tree: Tree, kernel: Found, { texts, kernel: kernels }: SubmissionRules): Pick<Submission, 'texts'> {
  if (texts.length === 0) return {};
  const find = (wanted: WantedText): readonly Found[] => {
    const found = orHostFault(`${wanted.pattern} cannot be looked for`, () => findTexts(tree, kernel, { ...wanted, kernels }, onDisk));
    return 'hostFault' in found ? [found] : found;
  };
  return { texts: texts.map((wanted) => ({ wanted, found: find(wanted) })) };
}

/** What the files hold that a check looks at; at least one, or why there is none. */
export function textsOf({ texts = [] }: Pick<Submission, 'texts'>, { pattern, each }: WantedText): readonly (TextFile | HostFault)[] {
  const known = texts.find(({ wanted }) => wanted.pattern === pattern && wanted.each === each);
  return keptTogether((known?.found ?? [alone(pattern)]).map(textOf));
}

function textOf(found: Found): TextFile | HostFault {
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
