/**
 * The port through which everybody reads what was handed in: folders inside folders with files in them, be they on the disk (folder-tree.ts) or
 * in an archive. Paths have `/` between their parts; `''` is the top.
 *
 * Links are entries like others. A tree follows them itself, and only inside itself: nothing that is outside is even looked at.
 */
import type { HandInProblem, KernelFile, TreePlace } from './handed-in.ts';

export interface TreeEntry {
  /** As it is shown and matched. No other entry of its folder has the same. */
  readonly name: string;
  /** `other`: a device, a pipe, a socket. */
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Why nothing can be opened by this name; null if it can. */
  readonly unusable: string | null;
}

export interface Tree {
  readonly place: TreePlace;
  /** The entries of a folder, sorted by the bytes of their names; null if it is not a folder. Throws HostError. */
  list(folder: string): readonly TreeEntry[] | null;
  /** The regular file that `file` stands for, with a path by which any process can open it; a problem where it is anything else. Throws HostError. */
  open(file: string): KernelFile | HandInProblem;
  /** What lies in one of its folders, as a tree: links that lead out of that folder lead out of the tree. */
  at(folder: string): Tree;
}

/** The folder that everything lies in, as programs pack one; '' if there is none. Throws HostError. */
export function onlyFolder(tree: Tree): string {
  const visible = (tree.list('') ?? []).filter(({ name }) => !name.startsWith('.') && name !== '__MACOSX');
  const [only] = visible;
  return visible.length === 1 && only!.kind === 'folder' && only!.unusable === null ? only!.name : '';
}

/** The path of an entry of a folder, or of what lies deeper. */
export function join(folder: string, below: string): string {
  return folder === '' || below === '' ? folder + below : `${folder}/${below}`;
}
