/**
 * A bundle (`git bundle create x.bundle --all`): a repository in one file. Its references are read here, as text; its objects git unpacks into an
 * empty repository of ours. Reference: gitformat-bundle(5). Left out: bundles that need commits of another repository, or leave some out.
 */
import { lookAt, readBeginning } from '../../files/read.ts';
import type { HandInProblem } from '../handed-in.ts';
import type { CommitTree } from './commit-tree.ts';
import { type GitFolders, runGit } from './run-git.ts';
import { emptyRepository, isReference } from './shadow.ts';
import { type WantedCommit, wantedTree } from './wanted.ts';

const MOST_HEADER = 1024 * 1024;
const MOST_BUNDLE = 2 ** 30;

/** `folder`: makes empty ones. Throws HostError, PathError. */
export async function bundleTree(file: string, wanted: WantedCommit, folder: () => Promise<string>): Promise<CommitTree | HandInProblem> {
  if ((lookAt(file)?.size ?? 0) > MOST_BUNDLE) return { problem: 'it is larger than 1 GiB' };
  const header = headerOf(readBeginning(file, MOST_HEADER, 'refuse'));
  if ('problem' in header) return header;
  const git: GitFolders = { shadow: await folder(), objects: null };
  emptyRepository(git.shadow, header);
  if ((await runGit(git, ['bundle', 'unbundle', file])) === null) return { problem: 'it is damaged: git cannot unpack it' };
  const tree = await wantedTree(git, wanted, await folder());
  return tree === 'no commit' ? { problem: 'it has no commit' } : tree;
}

interface Header {
  readonly references: ReadonlyMap<string, string>;
  readonly head: string;
}

/** The first line says what it is; then come `@capability`, `-commit` that it needs, `hash reference`, and an empty line before the objects. */
function headerOf(beginning: Buffer): Header | HandInProblem {
  const end = beginning.indexOf('\n\n');
  const lines = beginning.subarray(0, Math.max(end, 0)).toString('utf8').split('\n').slice(1);
  if (end < 0) return { problem: 'it is damaged: what should be its list of branches does not end' };
  if (lines.some((line) => line.startsWith('-') || line.startsWith('@filter'))) {
    return { problem: 'it needs commits that are not in it; make one of everything: git bundle create x.bundle --all' };
  }
  const references = new Map<string, string>();
  let head: string | undefined;
  for (const line of lines.filter((one) => !one.startsWith('@'))) {
    const [hash = '', name = ''] = line.split(' ');
    if (name === 'HEAD') head = hash;
    else if (isReference(name, hash)) references.set(name, hash);
  }
  const branches = [...references].filter(([name]) => name.startsWith('refs/heads/'));
  // A bundle of one branch has no HEAD of its own.
  head ??= (branches.length === 1 ? branches[0] : branches.find(([name]) => /^refs\/heads\/(main|master)$/.test(name)))?.[1];
  if (head === undefined || !isReference('refs/heads/head', head)) return { problem: 'it has no HEAD, and no branch that could be it' };
  return { references, head };
}
