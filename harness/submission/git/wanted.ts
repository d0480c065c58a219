/** The commit at which what was handed in is read, where it is a repository. */
import { parseMoment } from '../../vocabulary/moment.ts';
import type { HandInProblem } from '../handed-in.ts';
import { CommitTree, commitTree } from './commit-tree.ts';
import { type GitFolders, gitText } from './run-git.ts';

export interface WantedCommit {
  /** A commit, as git understands it; null: that of the deadline. */
  readonly at: string | null;
  /** null: none; where there is no `at` either, what is not lying in a folder is read at HEAD. */
  readonly deadline: string | null;
}

export const NO_COMMIT: WantedCommit = { at: null, deadline: null };

/** The files of the commit that is wanted; `no commit`: there is none at all. `folder`: an empty one, for the contents. Throws HostError. */
export async function wantedTree(git: GitFolders, wanted: WantedCommit, folder: string): Promise<CommitTree | HandInProblem | 'no commit'> {
  const commit = await commitOf(git, wanted);
  if (commit === null) return 'no commit';
  if (typeof commit !== 'string') return commit;
  const top = await commitTree(git, commit, folder);
  if ('problem' in top) return top;
  const time = (await gitText(git, ['rev-list', '--max-count=1', '--no-commit-header', '--format=%cI', commit])) ?? '';
  return new CommitTree(top, { commit, time: parseMoment(time) === null ? null : time });
}

async function commitOf(git: GitFolders, { at, deadline }: WantedCommit): Promise<string | HandInProblem | null> {
  const resolve = (name: string) => gitText(git, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]);
  if (at !== null) return (await resolve(at)) ?? { problem: `its git repository has no commit ${at}` };
  const before = deadline === null ? null : await gitText(git, ['rev-list', '--max-count=1', `--min-age=${parseMoment(deadline)}`, 'HEAD']);
  // Where all are late, the last one is graded, and how late it is is said.
  return before === '' || before === null ? resolve('HEAD') : before;
}
