/**
 * Which file of a hand-in a check means, and its text. Nothing here opens a file, so that the page in a browser does the same.
 *
 * A file is looked for in the folder that decided about the kernel, then on the hand-in's top and in the folders below it, the nearest first. A
 * pattern with `**` says itself how deep to look. Where several different files match, none is guessed.
 */
import { utf8Text } from '../bytes/text.ts';
import type { HandedFile } from '../result/handed-file.ts';
import { MOST_BYTES, tooLarge } from '../vocabulary/most-bytes.ts';
import type { WantedText } from '../vocabulary/submission.ts';
import type { Found, HandInProblem, HostFault, KernelFile } from './handed-in.ts';
import { inFolder, topOf } from './image-search.ts';
import { type FileFacts, levels } from './kernel-search.ts';
import { join, type Tree } from './tree.ts';

const MOST_NAMED = 5;

const UTF_16_LITTLE = new TextDecoder('utf-16le');
const UTF_16_BIG = new TextDecoder('utf-16be');

/** What is known of a file by itself. */
export type TextFile = Omit<HandedFile, 'name' | 'hidden'>;

/** Of files that a check looks at each of. */
const MOST_FILES = 100;

/** `kernel`: the one that was found in the tree. At least one file or problem. Throws HostError. */
export function findTexts(
  tree: Tree,
  kernel: Found,
  { pattern, each, kernels }: WantedText & { kernels: readonly string[] },
  facts: FileFacts,
): readonly (KernelFile | HandInProblem)[] {
  const near = 'path' in kernel ? topOf(kernel.file, kernels) : '';
  let refused: HandInProblem | undefined;
  for (const folders of foldersFor(tree, near, pattern)) {
    const matches = folders.flatMap((folder) => inFolder(tree.at(folder), pattern).map((one) => shownBelow(folder, one)));
    const files = matches.flatMap((one) => ('path' in one ? [one] : []));
    const [first] = files;
    if (first !== undefined && each) return atMost(files, pattern);
    if (first !== undefined) return [files.every((one) => facts.sameContent(one, first)) ? first : severalFiles(files, pattern)];
    refused ??= matches.find((one): one is HandInProblem => 'problem' in one);
  }
  return [refused ?? { problem: `${pattern} was not handed in` }];
}

function atMost(files: readonly KernelFile[], pattern: string): (KernelFile | HandInProblem)[] {
  if (files.length <= MOST_FILES) return [...files];
  return [...files.slice(0, MOST_FILES), { problem: `more than ${MOST_FILES} files match ${pattern}` }];
}

function* foldersFor(tree: Tree, near: string, pattern: string): Generator<readonly string[]> {
  if (near !== '') yield [near];
  if (!pattern.split('/').includes('**')) return yield* levels(tree);
  yield [''];
}

function shownBelow(folder: string, one: KernelFile | HandInProblem): KernelFile | HandInProblem {
  return 'path' in one ? { ...one, file: join(folder, one.file) } : one;
}

function severalFiles(files: readonly KernelFile[], pattern: string): HandInProblem {
  const named = files.slice(0, MOST_NAMED).map(({ file }) => file);
  return { problem: `several different files match ${pattern}: ${named.join(', ')}; hand in only one` };
}

/** Why a check finds no file where there is nothing but a kernel. */
export function alone(pattern: string): HandInProblem {
  return { problem: `${pattern} was not handed in: there is a kernel without the folder that it and ${pattern} are in` };
}

export function absentText({ problem }: HandInProblem): TextFile {
  return { file: null, bytes: null, sha256: null, text: null, problem };
}

export function unreadText(file: string, bytes: number): TextFile {
  return { file, bytes, sha256: null, text: null, problem: `${file} is too large: ${tooLarge(bytes, MOST_BYTES.text)}` };
}

/** Of a file that is not too large. */
/** What is kept of the texts of one pattern: a hand-in may have any number of files. */
const MOST_TOGETHER = 1024 * 1024;

/** The same files, of which texts beyond what is kept of them together are left out. */
export function keptTogether<Text extends TextFile | HostFault>(texts: readonly Text[]): (Text | TextFile)[] {
  let left = MOST_TOGETHER;
  return texts.map((one) => {
    if (!('text' in one) || one.text === null) return one;
    left -= one.text.length;
    if (left >= 0) return one;
    return { ...one, text: null, problem: `${one.file} was not looked at: the files have more than ${MOST_TOGETHER / 1024} KiB together` };
  });
}

export function textFile(file: string, bytes: Uint8Array, sha256: string): TextFile {
  const text = decoded(bytes);
  const problem = text === null ? `${file} is not a text file` : null;
  return { file, bytes: bytes.length, sha256, text, problem };
}

/** Editors of Windows write UTF-16 and byte-order marks. Bytes that are not UTF-8 become U+FFFD; null: there are bytes that no text has. */
function decoded(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  const isLittle = first === 0xff && second === 0xfe;
  const isBig = first === 0xfe && second === 0xff;
  const text = isLittle ? UTF_16_LITTLE.decode(bytes) : isBig ? UTF_16_BIG.decode(bytes) : utf8Text(bytes).replace(/^\uFEFF/, '');
  return text.includes('\0') ? null : text.replaceAll('\r\n', '\n');
}
