/** The search for a kernel (kernel-search.ts) among the files of this computer. */
import { createHash } from 'node:crypto';
import { lookAt, readRegular } from '../files/read.ts';
import { PathError } from '../files/system-error.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import type { Search } from './handed-in.ts';
import { orHostFault } from './kernel.ts';
import { type FileFacts, type KernelRules, type Located, searchFolder, searchTree } from './kernel-search.ts';
import type { Tree } from './tree.ts';

export const onDisk: FileFacts = {
  sameContent: ({ path: a }, { path: b }) => sameContent(a, b),
  changed: ({ path }) => lookAt(path)?.mtimeMs ?? 0,
};

/** undefined: nothing matches. */
export function searchKernel(tree: Tree, rules: KernelRules): Located | undefined {
  const found = orHostFault('the kernel cannot be looked for', () => searchTree(tree, rules, onDisk));
  return found !== undefined && 'hostFault' in found ? { kernel: found, alsoMatched: [], folders: [''] } : found;
}

/** The same for the top alone. */
export function searchTop(tree: Tree, rules: KernelRules): Search | undefined {
  const found = orHostFault('the kernel cannot be looked for', () => searchFolder(tree, '', rules, onDisk));
  return found !== undefined && 'hostFault' in found ? { kernel: found, alsoMatched: [] } : found;
}

function sameContent(a: string, b: string): boolean {
  if (a === b) return true;
  const [left, right] = [lookAt(a), lookAt(b)];
  if (left?.size !== right?.size) return false;
  if (left?.ino === right?.ino && left?.dev === right?.dev) return true;
  return digest(a) === digest(b);
}

/** A file that is too large for a kernel is different from all others. */
function digest(path: string): string {
  try {
    return createHash('sha256')
      .update(readRegular(path, MOST_BYTES.kernel, 'refuse'))
      .digest('hex');
  } catch (error) {
    if (error instanceof PathError) return path;
    throw error;
  }
}
