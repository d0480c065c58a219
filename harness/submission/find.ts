/**
 * From what was named on the command line to submissions.
 *
 *   - A file is a submission.
 *   - A folder in which one of the rubric's `submission.kernel` patterns finds a file is a submission.
 *   - Any other folder is a class, and each of its entries a submission. Inside a class, a folder without a kernel is a
 *     class itself if a submission's folder lies below it, else a failed submission.
 *
 * A submission's name is its path below what was named (a file or folder that is named itself is called by the last part of its path). Entries whose
 * names begin with a dot are not submissions, nor are folders of reports. A symbolic link among others may stand for somebody else's
 * work, so it is not followed; one that is named alone is. Left out: archives and builds from source.
 */
import { basename, join, relative, resolve, sep } from 'node:path';
import { lookAt, lookThrough, realPath } from '../files/read.ts';
import { HostError, PathError } from '../files/system-error.ts';
import { bytewise } from './bytewise.ts';
import { ClassFolder, LINK, noKernel, withoutFiles } from './class-folder.ts';
import { FolderTree } from './folder-tree.ts';
import { isRepository } from './git/at-commit.ts';
import type { HandIn } from './hand-in.ts';
import type { Found } from './handed-in.ts';
import { namedKernel, orHostFault, searchKernel } from './kernel.ts';
import type { Extra } from './platforms/exported.ts';
import { isExport } from './platforms/read-export.ts';

export interface FoundSubmissions {
  readonly submissions: HandIn[];
  /** Paths of folders in a class that hold reports. */
  readonly leftOut: string[];
  /** Paths of files that a platform has added to its export, and what they are. */
  readonly extras: Extra[];
  /** Those of the paths that are classes. */
  readonly classes: string[];
}

/** A path on the command line that cannot be graded: a mistake of the person who typed it. */
export class SubmissionPathError extends Error {
  override readonly name = 'SubmissionPathError';
}

interface Named extends Omit<FoundSubmissions, 'classes'> {
  readonly path: string;
  /** Named itself, not found inside a class. */
  readonly single: boolean;
}

interface How {
  /** The path is one submission, not a class. */
  readonly single: boolean;
  /** So is a repository. */
  readonly repositories: boolean;
  /** No other path was named. */
  readonly alone: boolean;
}

function look(path: string, patterns: readonly string[], { single: asked, repositories, alone }: How): Named {
  const stat = lookThrough(path);
  const name = basename(resolve(path)) || 'submission';
  const one = (kernel: Found): Named => ({ path, single: true, submissions: [withoutFiles(name, kernel)], leftOut: [], extras: [] });
  if (!alone && lookAt(path)?.isSymbolicLink()) return one(LINK);
  if (stat === undefined) throw new SubmissionPathError(`${path}: no such file or folder`);
  if (!stat.isDirectory()) return one(orHostFault(`${name} cannot be read`, () => namedKernel(path)));
  const root = realPath(path) ?? path;
  const files = new FolderTree(root);
  const single = asked || (repositories && isRepository(files));
  const search = !single && isExport(files, basename(root)) ? undefined : searchKernel(files, patterns);
  // What this computer cannot list may be a class: to leave it out in silence is worse than to end.
  if (search !== undefined && 'hostFault' in search.kernel && alone && !single) throw new HostError(`${path}: ${search.kernel.hostFault}`);
  if (search !== undefined || single) {
    const submission = { name, ...(search ?? { kernel: noKernel(patterns), alsoMatched: [] }), sources: files.place };
    return { path, single: true, submissions: [{ submission, files, origin: null }], leftOut: [], extras: [] };
  }
  const folder = new ClassFolder(root, patterns);
  folder.add('', 0);
  if (folder.submissions.length === 0) throw new SubmissionPathError(`${path}: the folder is empty: neither a submission nor a class`);
  const submissions = folder.submissions.sort((a, b) => bytewise(a.submission.name, b.submission.name));
  return {
    path,
    single: false,
    submissions,
    leftOut: folder.leftOut.map((below) => join(path, below)),
    extras: folder.extras.map(({ entry, reason }) => ({ entry: join(path, entry), reason })),
  };
}

/** Throws HostError, SubmissionPathError. */
function lookFor(path: string, patterns: readonly string[], how: How): Named {
  try {
    return look(path, patterns, how);
  } catch (error) {
    if (error instanceof PathError) throw new SubmissionPathError(`${path}: ${error.message}`);
    throw error;
  }
}

function commonFolder(paths: readonly string[]): string {
  const split = paths.map((path) => resolve(path).split(sep));
  const shared = split[0]!.slice(0, -1);
  while (!split.every((parts) => shared.every((part, index) => parts[index] === part))) shared.pop();
  return shared.join(sep) || sep;
}

function duplicate(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

function nameOf({ submission: { name } }: HandIn): string {
  return name;
}

/** If two would have the same name, all are called by their paths below the folder that the named ones share. Throws SubmissionPathError. */
function withOwnNames(named: readonly Named[]): HandIn[] {
  const plain = named.flatMap(({ submissions }) => submissions);
  if (duplicate(plain.map(nameOf)) === undefined) return plain;
  const shared = commonFolder(named.map(({ path }) => path));
  const renamed = named.flatMap(({ path, single, submissions }) => {
    const prefix = relative(shared, resolve(path)).split(sep).join('/');
    return submissions.map((one) => {
      const name = single ? prefix : `${prefix}/${nameOf(one)}`;
      return { ...one, submission: { ...one.submission, name } };
    });
  });
  const twice = duplicate(renamed.map(nameOf));
  if (twice !== undefined) throw new SubmissionPathError(`${twice}: named twice`);
  return renamed;
}

/**
 * The submissions that the paths name, in the order of the paths; inside a class sorted by the bytes of the names. `single`: every
 * path is one submission, and a folder without a kernel is one that failed. Throws HostError, SubmissionPathError.
 */
export async function findSubmissions(
  paths: readonly string[],
  patterns: readonly string[],
  { single = false, repositories = false } = {},
): Promise<FoundSubmissions> {
  const named = paths.map((path) => lookFor(path, patterns, { single, repositories, alone: paths.length === 1 }));
  const classes = named.flatMap(({ path, single }) => (single ? [] : [path]));
  return {
    submissions: withOwnNames(named),
    leftOut: named.flatMap(({ leftOut }) => leftOut),
    extras: named.flatMap(({ extras }) => extras),
    classes,
  };
}
