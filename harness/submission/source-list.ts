/**
 * Which files of a hand-in may be sources. Nothing here opens a file, so that the page in a browser lists the same ones.
 *
 * Left out: links, folders whose names begin with a dot, and those that a build fills (Cargo and others put CACHEDIR.TAG into them,
 * https://bford.info/cachedir/).
 */
import { join, type Tree } from './tree.ts';

/** Files and folders that are looked at, and folders among them. */
const MOST_ENTRIES = 20_000;
const MOST_FOLDERS = 5_000;
/** Bytes of one file. */
export const LARGEST_SOURCE = 1024 * 1024;

export const BUILD_FOLDER = 'CACHEDIR.TAG';

/** Paths of the regular files; empty where there are too many of them. Throws HostError. */
export function listSources(tree: Tree): string[] {
  const files: string[] = [];
  const folders = [''];
  let entries = 0;
  for (const folder of folders) {
    const listed = tree.list(folder) ?? [];
    entries += listed.length;
    if (entries > MOST_ENTRIES || folders.length > MOST_FOLDERS) return [];
    if (listed.some(({ name }) => name === BUILD_FOLDER)) continue;
    for (const { name, kind, unusable } of listed) {
      if (unusable !== null) continue;
      if (kind === 'file') files.push(join(folder, name));
      else if (kind === 'folder' && !name.startsWith('.')) folders.push(join(folder, name));
    }
  }
  return files;
}
