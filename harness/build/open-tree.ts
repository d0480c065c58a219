/** The course's own tree: a folder. */
import { lookThrough, realPath } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { FolderTree } from '../submission/folder-tree.ts';
import type { Tree } from '../submission/tree.ts';
import { UsageError } from '../vocabulary/usage-error.ts';

/** Throws UsageError where there is none, HostError. */
export async function openTree(path: string): Promise<Tree> {
  const isFolder = asUsage('submission.base', () => lookThrough(path)?.isDirectory());
  if (isFolder !== true) throw new UsageError(`submission.base: ${path} is not a folder`);
  return new FolderTree(realPath(path) ?? path);
}
