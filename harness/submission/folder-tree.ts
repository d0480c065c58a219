/** A folder of this computer's, as a tree. */
import { join as joinPath } from 'node:path';
import { type Entry, listFolder } from '../files/read.ts';
import { PathError } from '../files/system-error.ts';
import { bytewise } from './bytewise.ts';
import type { HandInProblem, KernelFile, TreePlace } from './handed-in.ts';
import { regularFile } from './kernel.ts';
import { pathInside } from './links.ts';
import type { Tree, TreeEntry } from './tree.ts';

/** The beginning of the shown name of an entry whose real name is not UTF-8. The bytes follow in percent escapes. */
const NO_UTF8 = '(not UTF-8) ';

export class FolderTree implements Tree {
  /** Without links. */
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  list(folder: string): TreeEntry[] | null {
    try {
      return listFolder(joinPath(this.root, folder))
        .map(treeEntry)
        .sort((a, b) => bytewise(a.name, b.name));
    } catch (error) {
      // It is not a folder, or lies too deep for a path.
      if (error instanceof PathError) return null;
      throw error;
    }
  }

  get place(): TreePlace {
    return { folder: this.root };
  }

  open(file: string): KernelFile | HandInProblem {
    const path = pathInside(this.root, file);
    return typeof path === 'string' ? regularFile(path, file) : path;
  }

  at(folder: string): FolderTree {
    return folder === '' ? this : new FolderTree(joinPath(this.root, folder));
  }
}

/** Every entry has a name that no other can have: one that begins like those of unusable names is unusable itself. */
function treeEntry({ name, bytes, kind }: Entry): TreeEntry {
  if (name !== null && !name.startsWith(NO_UTF8)) return { name, kind, unusable: null };
  return {
    name: NO_UTF8 + bytes.toString('latin1').replace(/[^ -$&-~]/g, percentByte),
    kind,
    unusable: 'its name is not UTF-8; rename it',
  };
}

function percentByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}
