/**
 * `image` with `file-system`: files, listings and the soundness of the file system that a disk holds after the run. The rubric says which
 * file system it is; that the disk does not hold it is the student's failure, with the reason.
 */
import { z } from 'zod';
import { printable } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';
import { bytes, count, name, someText, whole } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { evaluateFile } from './file-conditions.ts';
import { type Bytes, Disk, FileSystemError } from './file-system/disk.ts';
import { FILE_SYSTEM_NAMES, FILE_SYSTEMS, type FileSystemName } from './file-system/index.ts';
import { SOUNDNESS_KINDS, Soundness, type SoundnessKind } from './file-system/soundness.ts';
import { fileAt, listingOf, MOST_LISTED, nounOf, shownPath } from './file-system/tree.ts';
import type { Volume } from './file-system/volume.ts';
import { failed, PASSED, type Verdict } from './kind.ts';
import { lineDifference } from './line-difference.ts';

const path = () =>
  someText().refine((text) => text.startsWith('/') && !text.split('/').some((part) => part === '.' || part === '..'), {
    params: { problem: 'bad-path', remedy: 'write it as the kernel has it, e.g. /folder/file' },
    error: 'a path on a disk begins with /, and has no . or .. in it',
  });

const mode = () =>
  z.string().refine((text) => /^[0-7]{3,4}$/.test(text), {
    params: { problem: 'out-of-range', remedy: 'write it in octal digits and quotation marks, e.g. "0644"' },
    error: 'this is not a mode',
  });

const sha256 = () =>
  z.string().refine((text) => /^[0-9a-f]{64}$/.test(text), {
    params: { problem: 'bad-hex', remedy: 'write 64 lower-case hex digits, as sha256sum prints them' },
    error: 'this is not a SHA-256',
  });

const common = {
  drive: name().optional().describe("The drive; the scenario's first one if it is left out."),
  'file-system': z.enum(FILE_SYSTEM_NAMES).describe('Which file system the disk holds.'),
};

const line = () => z.string().min(1).max(1000);

const listed = {
  path: path().optional().describe('The folder; the root if it is left out.'),
  others: z.literal(true).optional().describe('There may be others.'),
};

const lines = () => z.array(line()).max(MOST_LISTED);

export const fileSchemas = [
  z.strictObject({
    ...common,
    path: path().describe('The file; without anything else, it must be there.'),
    type: z.enum(['file', 'folder', 'link', 'device']).optional().describe('What it must be.'),
    size: count().optional().describe('Its bytes: a number, or min and max.'),
    equals: bytes().optional().describe('All that it must hold. Of a symbolic link, the path in it.'),
    contains: someText().optional().describe('Text that must be in it.'),
    sha256: sha256().optional().describe('SHA-256 of all that it holds.'),
    mode: mode().optional().describe('Its permission bits in octal digits, e.g. "0644".'),
    links: whole().optional().describe('How many names its inode says that it has.'),
  }),
  z.strictObject({ ...common, path: path().describe('The file.'), absent: z.literal(true).describe('There must be no such file.') }),
  z.strictObject({ ...common, ...listed, listing: lines().describe('Names in the folder, in any order: file, folder/, link -> target.') }),
  z.strictObject({ ...common, ...listed, tree: lines().describe('The same with all that is below, as folder/file.') }),
  z.strictObject({
    ...common,
    sound: z.literal(true).describe('The file system must be sound, as fsck sees it.'),
    ignore: z
      .array(z.enum(Object.keys(SOUNDNESS_KINDS) as [SoundnessKind, ...SoundnessKind[]]))
      .optional()
      .describe('Kinds of problems that do not count.'),
  }),
] as const;

export type FilesExpected = z.output<(typeof fileSchemas)[number]>;

/** An image of this size can be walked in reasonable time. */
const MOST_DISK = 4 * 2 ** 30;

/** `size`: of the drive, where it is known. */
export function fileMistakes(expected: FilesExpected, size: number | null | undefined): Mistake[] {
  const system = expected['file-system'];
  const { hasMode, hasLinks } = FILE_SYSTEMS[system];
  const mistakes: Mistake[] = [];
  const lacks = (key: string, what: string): Mistake => ({
    path: [key],
    code: 'one-of',
    message: `${system} keeps no ${what}`,
    remedy: `remove "${key}"`,
  });
  if ('mode' in expected && expected.mode !== undefined && !hasMode) mistakes.push(lacks('mode', 'mode of a file'));
  if ('links' in expected && expected.links !== undefined && !hasLinks) mistakes.push(lacks('links', 'number of links'));
  if (typeof size === 'number' && size > MOST_DISK)
    mistakes.push({
      path: ['file-system'],
      code: 'out-of-range',
      message: `the drive has more than ${MOST_DISK / 2 ** 30}G, too much to look for files`,
    });
  return mistakes;
}

export function evaluateFiles(expected: FilesExpected, image: Bytes): Verdict {
  const system: FileSystemName = expected['file-system'];
  try {
    if (image.size > MOST_DISK) throw new FileSystemError(`the disk has more than ${MOST_DISK / 2 ** 30} GiB`);
    return judge(expected, FILE_SYSTEMS[system].open(new Disk(image)));
  } catch (error) {
    if (error instanceof FileSystemError) return failed(error.message, []);
    throw error;
  }
}

function judge(expected: FilesExpected, volume: Volume): Verdict {
  if ('sound' in expected) return sound(expected.ignore ?? [], volume);
  if ('absent' in expected) return absent(expected.path, volume);
  if ('listing' in expected) return listing({ ...expected, lines: expected.listing, isWhole: false }, volume);
  if ('tree' in expected) return listing({ ...expected, lines: expected.tree, isWhole: true }, volume);
  const file = fileAt(volume, expected.path);
  if ('problem' in file) return failed(file.problem, nearby(volume, expected.path));
  return evaluateFile(expected, file, volume);
}

/** Problems that a report lists. */
const MOST_LINES = 12;

function sound(ignored: readonly SoundnessKind[], volume: Volume): Verdict {
  const soundness = new Soundness(ignored);
  volume.examine(soundness);
  const { sentences, count: all } = soundness;
  const [first] = sentences;
  if (first === undefined) return PASSED;
  if (all === 1) return failed(first, []);
  const shown = sentences.slice(0, MOST_LINES).map((text): Detail => ({ kind: 'text', text }));
  const more: Detail[] = all > shown.length ? [{ kind: 'text', text: `And ${all - shown.length} more.` }] : [];
  return failed(`the file system has ${all} problems, first: ${first}`, [...shown, ...more]);
}

function absent(wanted: string, volume: Volume): Verdict {
  const file = fileAt(volume, wanted);
  if ('problem' in file) return PASSED;
  return failed(`${shownPath(wanted)} is there, and should not be: ${nounOf(file)} of ${file.size} bytes`, []);
}

interface Listing {
  path?: string | undefined;
  others?: true | undefined;
  lines: readonly string[];
  isWhole: boolean;
}

function listing({ path: wanted = '/', others, lines: expected, isWhole }: Listing, volume: Volume): Verdict {
  const folder = fileAt(volume, wanted);
  if ('problem' in folder) return failed(folder.problem, nearby(volume, wanted));
  if (folder.type !== 'folder') return failed(`${shownPath(wanted)} is not a folder, but ${nounOf(folder)}`, []);
  const found = listingOf(volume, folder, { isWhole });
  const there = new Set(found);
  const known = new Set(expected);
  const missing = expected.filter((one) => !there.has(one));
  const extra = others === true ? [] : found.filter((one) => !known.has(one));
  // Two entries of one name are a difference as well.
  const twice = found.filter((one, index) => one === found[index - 1] && known.has(one));
  if (missing.length + extra.length + twice.length === 0) return PASSED;
  const parts = [
    ...(missing.length > 0 ? [`misses ${some(missing)}`] : []),
    ...(extra.length > 0 ? [`has ${some(extra)} too many`] : []),
    ...(twice.length > 0 ? [`has ${some(twice)} twice`] : []),
  ];
  const sorted = [...known].sort();
  const relevant = others === true ? found.filter((one) => known.has(one)) : found;
  return failed(`${shownPath(wanted)} ${parts.join(' and ')}`, lineDifference(relevant, sorted));
}

function some(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((one) => printable(one, 60));
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}

/** Of a file that is not there: what its folder has instead. */
function nearby(volume: Volume, wanted: string): Detail[] {
  const above = wanted
    .split('/')
    .filter((part) => part !== '')
    .slice(0, -1);
  const folder = fileAt(volume, `/${above.join('/')}`);
  if ('problem' in folder || folder.type !== 'folder') return [];
  const names = listingOf(volume, folder, { isWhole: false });
  const text = names.length === 0 ? 'nothing' : `${names.slice(0, MOST_LINES).join('  ')}${names.length > MOST_LINES ? '  …' : ''}`;
  return [{ kind: 'found', text: `in ${shownPath(`/${above.join('/')}`)}: ${printable(text, 400)}` }];
}
