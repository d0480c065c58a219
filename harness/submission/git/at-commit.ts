/**
 * Reads a repository that was handed in at a commit: the one that `--at` names, or the last before the deadline. When a commit was made is what
 * the student's computer wrote into it. A hand-in without a repository stays as it lies, and so does every one where neither is asked for.
 */
import type { HandIn, Origin } from '../hand-in.ts';
import type { HandInProblem } from '../handed-in.ts';
import type { Tree } from '../tree.ts';
import type { CommitFacts } from './commit-tree.ts';
import { repositoryOf } from './repository.ts';
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
  const asItLies = wanted.at === null && wanted.deadline === null;
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
  if ('problem' in tree) return failed(tree);
  const read = await reading.read(submission.name, tree);
  return { ...read, origin: withCommit(origin, tree.facts) };
}

/** What is known of a hand-in that was read at a commit. */
export function withCommit(origin: Origin | null, { commit, time }: CommitFacts): Origin {
  const nobody = { entries: [], people: [], markedLate: null, attempt: null, number: null };
  return { ...(origin ?? nobody), commit, time };
}
