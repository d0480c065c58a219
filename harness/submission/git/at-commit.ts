/**
 * Reads a repository that was handed in at a commit: the one that `--at` names, or the last before the deadline. When a commit was made is what
 * the student's computer wrote into it. A folder without a repository stays as it lies, and so does every folder where neither is asked for.
 */
import { join as joinPath } from 'node:path';
import { readBeginning } from '../../files/read.ts';
import { parseMoment } from '../../vocabulary/moment.ts';
import type { HandIn } from '../hand-in.ts';
import type { Found, HandInProblem } from '../handed-in.ts';
import type { Tree } from '../tree.ts';
import { commitTree } from './commit-tree.ts';
import { type GitFolders, gitText } from './run-git.ts';
import { makeShadow } from './shadow.ts';

export interface WantedCommit {
  /** A commit, as git understands it; null: that of the deadline. */
  readonly at: string | null;
  readonly deadline: string | null;
}

/** Where the files of repositories go, and how they are read as a hand-in. */
export interface ReadingCommits {
  /** An empty folder for each. Throws HostError. */
  readonly folder: () => string | Promise<string>;
  readonly read: (name: string, files: Tree) => Promise<HandIn>;
}

/** The hand-in as the commit has it; unchanged where it is no repository. Throws HostError. */
export async function atCommit(handIn: HandIn, wanted: WantedCommit, reading: ReadingCommits): Promise<HandIn> {
  const { files, submission, origin } = handIn;
  const place = files?.place;
  if (files === null || place === undefined || !('folder' in place) || (wanted.at === null && wanted.deadline === null)) return handIn;
  const inside = repositoryIn(files);
  if (inside === null) return handIn;
  const failed = (problem: HandInProblem): HandIn => ({
    ...handIn,
    submission: { ...submission, kernel: problem, alsoMatched: [], sources: null },
  });
  if (typeof inside !== 'string') return failed(inside);
  const git = makeShadow(files.at(inside), joinPath(place.folder, inside), await reading.folder());
  if ('problem' in git) return failed(git);
  const commit = await commitOf(git, wanted);
  if (typeof commit !== 'string') return failed(commit);
  const tree = await commitTree(git, commit, await reading.folder());
  if ('problem' in tree) return failed(tree);
  const read = await reading.read(submission.name, tree);
  const time = (await gitText(git, ['rev-list', '--max-count=1', '--no-commit-header', '--format=%cI', commit])) ?? '';
  const nobody = { entries: [], people: [], markedLate: null, attempt: null, number: null };
  return {
    submission: { ...read.submission, kernel: withoutPointer(read.submission.kernel) },
    files: read.files,
    origin: { ...(origin ?? nobody), commit, time: parseMoment(time) === null ? null : time },
  };
}

/** Whether it is a repository, bare or not. Throws HostError. */
export function isRepository(files: Tree): boolean {
  return repositoryIn(files) !== null;
}

/** `.git`, '' for a bare repository; null: there is none. */
function repositoryIn(files: Tree): string | HandInProblem | null {
  const top = files.list('') ?? [];
  const git = top.find(({ name }) => name === '.git');
  if (git?.kind === 'folder') return '.git';
  if (git !== undefined) return { problem: 'its .git is not a folder: its repository lies elsewhere; hand in a whole clone' };
  const isFolder = (wanted: string) => top.some(({ name, kind }) => name === wanted && kind === 'folder');
  return isFolder('objects') && isFolder('refs') && top.some(({ name }) => name === 'HEAD') ? '' : null;
}

async function commitOf(git: GitFolders, { at, deadline }: WantedCommit): Promise<string | HandInProblem> {
  const resolve = (name: string) => gitText(git, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  if (at !== null) return (await resolve(at)) ?? { problem: `its git repository has no commit ${at}` };
  const before = await gitText(git, ['rev-list', '--max-count=1', `--min-age=${parseMoment(deadline!)}`, 'HEAD']);
  // Where all are late, the last one is graded, and how late it is is said.
  return (before === '' || before === null ? await resolve('HEAD') : before) ?? { problem: 'its git repository has no commit' };
}

const POINTER = 'version https://git-lfs.github.com/spec/';

/** Git LFS keeps a few lines in place of a file. */
function withoutPointer(kernel: Found): Found {
  if (!('path' in kernel) || !readBeginning(kernel.path, POINTER.length, 'refuse').equals(Buffer.from(POINTER))) return kernel;
  return { problem: `${kernel.file} is kept by Git LFS, which is not asked: commit the file itself` };
}
