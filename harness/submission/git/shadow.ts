/**
 * An empty repository of our own with the student's references. They are read here, as text: HEAD, packed-refs, refs/ and shallow, as
 * gitrepository-layout(5) has them. Of a repository in a folder git reads the objects where they are; of one in an archive, whose files lie
 * under numbers, those that are called as objects are put where git looks for them. Left out: reftables, alternates (objects of other repositories,
 * which may be another student's), and links, for the same reason.
 */
import { join as joinPath } from 'node:path';
import { readRegular } from '../../files/read.ts';
import { PathError } from '../../files/system-error.ts';
import { linkFile, makeFolder, replaceFile } from '../../files/write.ts';
import type { HandInProblem } from '../handed-in.ts';
import { join, type Tree } from '../tree.ts';
import type { GitFolders } from './run-git.ts';

const HASH = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const REFERENCE = /^refs\/[A-Za-z0-9._/+@=,-]{1,200}$/;
const SYMBOLIC = /^ref: (refs\/\S+)\s*$/;

const MOST_REFERENCES = 20_000;
const MOST_FILES = 400_000;
/** Bytes of packed-refs. */
const MOST_PACKED = 4 * 2 ** 20;

export interface Repository {
  /** With HEAD: a worktree has its own. */
  readonly own: Tree;
  /** With objects and references. */
  readonly common: Tree;
}

/** `shadow`: an empty folder. Throws HostError. */
export function makeShadow({ own, common: tree }: Repository, shadow: string): GitFolders | HandInProblem {
  if (linksIn(tree, 'objects')) return { problem: 'there are links among the objects of its git repository; hand in a whole clone' };
  const info = (tree.list('objects/info') ?? []).map(({ name }) => name);
  if (info.some((name) => name.includes('alternates'))) {
    return { problem: 'its git repository has objects elsewhere (objects/info/alternates); hand in a whole clone' };
  }
  const references = referencesOf(tree);
  const head = text(own, 'HEAD')?.trim() ?? '';
  const target = SYMBOLIC.exec(head)?.[1];
  if (!HASH.test(head) && (target === undefined || !REFERENCE.test(target))) return { problem: 'its git repository has no HEAD' };
  emptyRepository(shadow, { references, head });
  const shallow = (text(tree, 'shallow') ?? '').split('\n').filter((line) => HASH.test(line));
  if (shallow.length > 0) replaceFile(joinPath(shadow, 'shallow'), `${shallow.join('\n')}\n`);
  const { place } = tree;
  if ('folder' in place) return { shadow, objects: joinPath(place.folder, 'objects') };
  linkObjects(tree, joinPath(shadow, 'objects'));
  return { shadow, objects: null };
}

interface References {
  readonly references: ReadonlyMap<string, string>;
  /** A commit, or `ref: refs/…`. */
  readonly head: string;
}

/** A repository that has these references, and nothing else. Throws HostError. */
export function emptyRepository(folder: string, { references, head }: References): void {
  const long = HASH.test(head) ? head.length === 64 : [...references.values()].some((hash) => hash.length === 64);
  for (const name of ['', 'objects', 'refs']) makeFolder(joinPath(folder, name));
  const format = long ? 'repositoryformatversion = 1\n[extensions]\n\tobjectformat = sha256\n' : 'repositoryformatversion = 0\n';
  replaceFile(joinPath(folder, 'config'), `[core]\n\tbare = true\n\t${format}`);
  replaceFile(joinPath(folder, 'HEAD'), `${head}\n`);
  const lines = [...references].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, hash]) => `${hash} ${name}\n`);
  replaceFile(joinPath(folder, 'packed-refs'), `# pack-refs with: sorted \n${lines.join('')}`);
}

export function isReference(name: string, hash: string): boolean {
  return REFERENCE.test(name) && !name.includes('..') && HASH.test(hash);
}

/** The names that git gives to objects: no name that a student chose becomes a path. */
const LOOSE = /^[0-9a-f]{2}$/;
const LOOSE_FILE = /^(?:[0-9a-f]{38}|[0-9a-f]{62})$/;
const PACK_FILE = /^pack-(?:[0-9a-f]{40}|[0-9a-f]{64})\.(?:pack|idx)$/;

function linkObjects(tree: Tree, to: string): void {
  for (const { name: folder } of tree.list('objects') ?? []) {
    const wanted = LOOSE.test(folder) ? LOOSE_FILE : folder === 'pack' ? PACK_FILE : null;
    const files = wanted === null ? [] : (tree.list(join('objects', folder)) ?? []).filter(({ name }) => wanted.test(name));
    if (files.length > 0) makeFolder(joinPath(to, folder));
    for (const { name } of files) {
      const opened = tree.open(join(join('objects', folder), name));
      if ('path' in opened) linkFile(opened.path, joinPath(joinPath(to, folder), name));
    }
  }
}

function text(tree: Tree, file: string): string | undefined {
  if (!exists(tree, file)) return undefined;
  const opened = tree.open(file);
  try {
    return 'path' in opened ? readRegular(opened.path, MOST_PACKED, 'refuse').toString('utf8') : undefined;
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

function exists(tree: Tree, file: string): boolean {
  const slash = file.lastIndexOf('/');
  return (tree.list(file.slice(0, Math.max(slash, 0))) ?? []).some(({ name, kind }) => name === file.slice(slash + 1) && kind === 'file');
}

/** Loose ones count before packed ones. */
function referencesOf(tree: Tree): Map<string, string> {
  const found = new Map<string, string>();
  const add = (name: string, hash: string) => {
    if (isReference(name, hash) && found.size < MOST_REFERENCES) found.set(name, hash);
  };
  for (const line of (text(tree, 'packed-refs') ?? '').split('\n')) {
    const [hash = '', name = ''] = line.split(' ');
    add(name, hash);
  }
  const folders = ['refs'];
  for (const folder of folders) {
    for (const { name, kind } of tree.list(folder) ?? []) {
      const path = join(folder, name);
      if (kind === 'folder' && folders.length < MOST_REFERENCES) folders.push(path);
      else if (kind === 'file') add(path, (text(tree, path) ?? '').trim());
    }
  }
  return found;
}

/** Whether a link is among the objects, or more files than can be looked at. */
function linksIn(tree: Tree, objects: string): boolean {
  if ((tree.list('') ?? []).some(({ name, kind }) => name === objects && kind !== 'folder')) return true;
  const folders = [objects];
  let files = 0;
  for (const folder of folders) {
    for (const { name, kind } of tree.list(folder) ?? []) {
      if (kind === 'link' || kind === 'other' || ++files > MOST_FILES) return true;
      if (kind === 'folder') folders.push(join(folder, name));
    }
  }
  return false;
}
