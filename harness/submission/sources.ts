/**
 * The files of a hand-in among which a report looks for the kernel's sources. They explain a grade and never decide it: what cannot be listed or
 * read has no code in the report, whoever is at fault.
 */
import { readRegular } from '../files/read.ts';
import { HostError, PathError } from '../files/system-error.ts';
import { FolderTree } from './folder-tree.ts';
import type { BuiltPlace, Submission } from './handed-in.ts';
import { BUILD_FOLDER, LARGEST_SOURCE, listSources } from './source-list.ts';
import type { Tree } from './tree.ts';

export interface Sources {
  /** Paths of the regular files; empty where there are too many of them. */
  list(): readonly string[];
  /** null: it is too large, or cannot be read. */
  read(file: string): Uint8Array | null;
  /** What a build's compilers called the files; left out: what was handed in was not built here. */
  readonly built?: BuiltNames;
}

export interface BuiltNames {
  /** The top of the tree, as they knew it; empty: it had no name that lasts. */
  readonly top: string;
  /** Paths below it, with the files that `list` calls differently or not. */
  readonly files: ReadonlyMap<string, string>;
}

export function sourcesAt(place: Submission['sources']): Sources | null {
  if (place === null) return null;
  if ('taken' in place) return builtSources(place);
  if ('files' in place) return unpackedSources(new Map(Object.entries(place.files)));
  const tree = new FolderTree(place.folder);
  return { list: () => orElse([], () => listSources(tree)), read: (file) => orElse(null, () => readFile(tree, file)) };
}

/** Of an archive: what a build has put into it is passed over as in a folder. */
function unpackedSources(files: ReadonlyMap<string, string>): Sources {
  const built = [...files.keys()].flatMap((file) => (file.endsWith(`/${BUILD_FOLDER}`) ? [file.slice(0, -BUILD_FOLDER.length)] : []));
  const list = [...files.keys()].filter((file) => !built.some((folder) => file.startsWith(folder)));
  const read = (file: string) => orElse(null, () => (files.has(file) ? readRegular(files.get(file)!, LARGEST_SOURCE, 'refuse') : null));
  return { list: () => list, read };
}

/** Of a build: what else was handed in beside them has nothing to do with the kernel. */
function builtSources({ top, taken }: BuiltPlace): Sources {
  const files = Object.entries(taken);
  const opened = new Map(files.map(([, { handedIn, from }]) => [handedIn, from]));
  return {
    list: () => [...opened.keys()],
    read: (file) => orElse(null, () => (opened.has(file) ? readRegular(opened.get(file)!, LARGEST_SOURCE, 'refuse') : null)),
    built: { top, files: new Map(files.map(([path, { handedIn }]) => [path, handedIn])) },
  };
}

function orElse<Result>(otherwise: Result, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    if (error instanceof HostError || error instanceof PathError) return otherwise;
    throw error;
  }
}

/** Throws HostError, PathError. */
function readFile(tree: Tree, file: string): Uint8Array | null {
  const opened = tree.open(file);
  return 'path' in opened ? readRegular(opened.path, LARGEST_SOURCE, 'refuse') : null;
}
