/** All files of a tree, in order. Where the tree is a student's it may be of any size and depth: what is looked at is bounded. */
import type { HandInProblem } from '../submission/handed-in.ts';
import { join, type Tree } from '../submission/tree.ts';

/** Files and folders of one tree. */
const MOST_ENTRIES = 200_000;
const DEEPEST = 64;

export interface TreeFiles {
  /** Paths of files, and of links, which may stand for files. */
  readonly paths: readonly string[];
  /** Paths of what can be no source: devices, pipes, names that are not text. */
  readonly others: readonly string[];
}

/** Throws HostError. */
export function filesOf(tree: Tree): TreeFiles | HandInProblem {
  const paths: string[] = [];
  const others: string[] = [];
  const folders = [''];
  let entries = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const { name, kind, unusable } of tree.list(folder) ?? []) {
      const path = join(folder, name);
      if (++entries > MOST_ENTRIES) return { problem: `it holds more than ${MOST_ENTRIES} files and folders` };
      if (unusable !== null || kind === 'other') others.push(path);
      else if (kind !== 'folder') paths.push(path);
      else if (path.split('/').length > DEEPEST) return { problem: `its folders lie more than ${DEEPEST} deep in one another` };
      else folders.push(path);
    }
  }
  return { paths: paths.sort(), others };
}
