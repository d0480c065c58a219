/** The course's own tree: a folder, or an archive, which may have one folder on top. */
import { join } from 'node:path';
import { lookThrough, realPath } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { makeFolder } from '../files/write.ts';
import type { ArchiveTree } from '../submission/archive/archive-tree.ts';
import { Budget, SUBMISSION_LIMITS } from '../submission/archive/budget.ts';
import { unpack } from '../submission/archive/unpack.ts';
import { FolderTree } from '../submission/folder-tree.ts';
import type { Tree } from '../submission/tree.ts';
import { UsageError } from '../vocabulary/usage-error.ts';

/** `scratch`: a folder that stays for as long as the tree is used. Throws UsageError where there is none, HostError. */
export async function openTree(path: string, scratch: string): Promise<Tree> {
  const stat = asUsage('submission.base', () => lookThrough(path));
  if (stat === undefined) throw new UsageError(`submission.base: ${path} is not there`);
  const real = realPath(path) ?? path;
  if (stat.isDirectory()) return new FolderTree(real);
  const folder = join(scratch, 'base');
  makeFolder(folder);
  const unpacked = await unpack(real, folder, new Budget(SUBMISSION_LIMITS, stat.size));
  if ('problem' in unpacked) throw new UsageError(`submission.base: ${path}: ${unpacked.problem}`);
  const [problem] = unpacked.problems;
  if (problem !== undefined) throw new UsageError(`submission.base: ${path}: ${problem.problem}`);
  return withoutTopFolder(unpacked.tree);
}

function withoutTopFolder(tree: ArchiveTree): Tree {
  const [top, ...others] = tree.list('') ?? [];
  return top?.kind === 'folder' && others.length === 0 ? tree.at(top.name) : tree;
}
