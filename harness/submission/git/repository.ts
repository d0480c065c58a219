/**
 * Where the repository of a hand-in is: in its `.git`, in the hand-in itself where that is bare, or, where `.git` is a file (a worktree, or a clone
 * with `--separate-git-dir`), in the folder that this file names. Such a folder may be anybody's: it is followed where it lies inside the hand-in, or
 * where a person named the hand-in itself, as a symbolic link is. Where a hand-in is nothing but one folder, as programs pack a clone, it is looked
 * for in there. Reference: gitrepository-layout(5), "gitdir" and "commondir".
 */
import { isAbsolute, join as joinPath, relative, resolve, sep } from 'node:path';
import { lookAt, readRegular, realPath } from '../../files/read.ts';
import { PathError } from '../../files/system-error.ts';
import { FolderTree } from '../folder-tree.ts';
import type { HandInProblem } from '../handed-in.ts';
import { onlyFolder, type Tree } from '../tree.ts';
import type { Repository } from './shadow.ts';

/** Whether it is a repository, bare or not. Throws HostError. */
export function isRepository(files: Tree): boolean {
  return gitIn(files) !== null;
}

const ELSEWHERE =
  "its .git names a repository that lies elsewhere, which may be anybody's: hand in a whole clone, or name the folder alone on the command line";

/** null: it is none. `trusted`: it may lie elsewhere. Throws HostError. */
export function repositoryOf(files: Tree, trusted: boolean): Repository | HandInProblem | null {
  const git = gitIn(files);
  if (git === null) {
    const inside = onlyFolder(files);
    return inside === '' ? null : repositoryOf(files.at(inside), trusted);
  }
  if (git.kind === 'folder') return whole(files.at(git.path));
  if (git.kind !== 'file') return { problem: 'its .git is a link; hand in a whole clone' };
  const { place } = files;
  const named = 'folder' in place ? pathIn(joinPath(place.folder, '.git'), place.folder, 'gitdir: ') : undefined;
  if (!('folder' in place) || named === undefined) return { problem: ELSEWHERE };
  const own = followed(named, place.folder, trusted);
  if (own === null) return { problem: ELSEWHERE };
  const shared = pathIn(joinPath(own, 'commondir'), own, '');
  const common = shared === undefined ? own : followed(shared, place.folder, trusted);
  return common === null ? { problem: ELSEWHERE } : { own: new FolderTree(own), common: new FolderTree(common) };
}

function whole(tree: Tree): Repository {
  return { own: tree, common: tree };
}

/** Its `.git`, or '' for a bare repository; null: there is none. */
function gitIn(files: Tree): { readonly kind: string; readonly path: string } | null {
  const top = files.list('') ?? [];
  const git = top.find(({ name }) => name === '.git');
  if (git !== undefined) return { kind: git.kind, path: '.git' };
  const isFolder = (wanted: string) => top.some(({ name, kind }) => name === wanted && kind === 'folder');
  const isBare = isFolder('objects') && isFolder('refs') && top.some(({ name }) => name === 'HEAD');
  return isBare ? { kind: 'folder', path: '' } : null;
}

const LONGEST = 4096;

/** The path that a small file names after the words, seen from the folder; undefined: none. Throws HostError. */
function pathIn(file: string, folder: string, words: string): string | undefined {
  if (lookAt(file)?.isFile() !== true) return undefined;
  try {
    const text = readRegular(file, LONGEST, 'refuse').toString('utf8');
    const named = text.slice(words.length).trim();
    return !text.startsWith(words) || named === '' || named.includes('\0') ? undefined : resolve(folder, named);
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

/** The folder without links, where it may be looked at; null: it may not, or is not there. Throws HostError. */
function followed(folder: string, root: string, trusted: boolean): string | null {
  if (!trusted && !isInside(folder, root)) return null;
  const real = realPath(folder);
  return real !== undefined && (trusted || isInside(real, root)) && lookAt(real)?.isDirectory() === true ? real : null;
}

function isInside(path: string, root: string): boolean {
  const below = relative(root, path);
  return below !== '..' && !below.startsWith(`..${sep}`) && !isAbsolute(below);
}
