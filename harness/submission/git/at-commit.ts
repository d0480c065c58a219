/**
 * Reads a repository that was handed in at a commit: the one that `--at` names, or the last before the deadline. When a commit was made is what
 * the student's computer wrote into it. A hand-in without a repository stays as it lies, and so does every one where neither is asked for. Where
 * nothing but a deadline is given, so does what a student packed with its repository, a repository without any commit, and one in whose commit there
 * is no kernel, but a kernel beside it that git does not know: they handed in the files, and the repository came along.
 */
import type { HandIn, Origin } from '../hand-in.ts';
import type { HandInProblem } from '../handed-in.ts';
import type { Tree } from '../tree.ts';
import { type CommitFacts, CommitTree } from './commit-tree.ts';
import { repositoryOf } from './repository.ts';
import type { GitFolders } from './run-git.ts';
import { makeShadow } from './shadow.ts';
import { type WantedCommit, wantedTree } from './wanted.ts';

/** Where the files of repositories go, and how they are read as a hand-in. */
export interface ReadingCommits {
  /** An empty folder for each. Throws HostError. */
  readonly folder: () => string | Promise<string>;
  readonly read: (name: string, files: Tree) => Promise<HandIn>;
  /** Whether a person named the hand-in itself, so that a worktree's repository may lie elsewhere. */
  readonly trusted: boolean;
}

/** The hand-in as the commit has it; unchanged where it is no repository. Throws HostError. */
export async function atCommit(handIn: HandIn, wanted: WantedCommit, reading: ReadingCommits): Promise<HandIn> {
  const { files, submission, origin } = handIn;
  const asItLies = wanted.at === null && (wanted.deadline === null || (files !== null && !('folder' in files.place)));
  // What git has packed was read at its commit already.
  if (files === null || asItLies || (origin !== null && origin.commit !== null)) return handIn;
  const repository = repositoryOf(files, reading.trusted);
  if (repository === null) return handIn;
  const failed = (problem: HandInProblem): HandIn => ({
    ...handIn,
    submission: { ...submission, kernel: problem, alsoMatched: [], sources: null },
  });
  if ('problem' in repository) return failed(repository);
  const git = makeShadow(repository, await reading.folder());
  if ('problem' in git) return failed(git);
  const tree = await wantedTree(git, wanted, await reading.folder());
  if (tree === 'no commit') return wanted.at === null ? handIn : failed({ problem: 'its git repository has no commit' });
  if ('problem' in tree) return failed(tree);
  const read = await reading.read(submission.name, tree);
  const isMissing = 'path' in submission.kernel && 'problem' in read.submission.kernel;
  if (wanted.at === null && isMissing && !(await hasKernelAtHead(git, submission.name, reading))) return handIn;
  return { ...read, origin: withCommit(origin, tree.facts) };
}

/** Whether the kernel was committed, if only after the deadline. */
async function hasKernelAtHead(git: GitFolders, name: string, reading: ReadingCommits): Promise<boolean> {
  const tree = await wantedTree(git, { at: 'HEAD', deadline: null }, await reading.folder());
  return tree instanceof CommitTree && 'path' in (await reading.read(name, tree)).submission.kernel;
}

/** What is known of a hand-in that was read at a commit. */
export function withCommit(origin: Origin | null, { commit, time }: CommitFacts): Origin {
  const nobody = { entries: [], people: [], markedLate: null, attempt: null, number: null };
  return { ...(origin ?? nobody), commit, time };
}
