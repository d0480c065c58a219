/**
 * The files of a commit, taken out of the objects one by one, so that no filter, no attribute and no checkout has a part in it. They lie
 * under numbers in a folder of ours, as those of an archive do. A submodule is an entry that nothing can be opened by.
 */
import { join as joinPath } from 'node:path';
import { storeFile } from '../../files/stream.ts';
import { ArchiveTree, type FolderNode, type Node } from '../archive/archive-tree.ts';
import { problemOfPath } from '../archive/build-tree.ts';
import type { HandInProblem } from '../handed-in.ts';
import { type GitFolders, runGit } from './run-git.ts';

const MOST_ENTRIES = 200_000;
/** Bytes of all files together, and of what is asked for at a time. */
const MOST_BYTES = 2 ** 30;
const CHUNK = 64 * 2 ** 20;
const MOST_LINK = 4096;

interface Entry {
  readonly mode: string;
  readonly hash: string;
  readonly size: number;
  readonly path: string;
}

export interface CommitFacts {
  readonly commit: string;
  /** When it was made, by the computer that made it (ISO 8601); null: it does not say. */
  readonly time: string | null;
}

/** The files of a commit, which is known by the tree. */
export class CommitTree extends ArchiveTree {
  readonly facts: CommitFacts;

  constructor(top: FolderNode, facts: CommitFacts) {
    super(top);
    this.facts = facts;
  }
}

/** `folder`: empty, for the contents. Throws HostError. */
export async function commitTree(git: GitFolders, commit: string, folder: string): Promise<FolderNode | HandInProblem> {
  const listed = await runGit(git, ['ls-tree', '-r', '-z', '-l', '--full-tree', commit]);
  if (listed === null) return { problem: 'its git repository is damaged: the files of the commit cannot be listed' };
  const entries = entriesOf(listed);
  const refused = entries.map(({ path }) => problemOfPath(path)).find((problem) => problem !== null);
  if (refused !== undefined) return { problem: `in its git repository, ${refused}` };
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (entries.length > MOST_ENTRIES || bytes > MOST_BYTES) {
    return { problem: `its commit is too large: ${entries.length} files with ${bytes} bytes` };
  }
  const top: FolderNode = { kind: 'folder', children: new Map() };
  let number = 0;
  for (const chunk of chunksOf(entries)) {
    const contents = await contentsOf(git, chunk);
    if (contents === null) return { problem: 'its git repository is damaged: a file of the commit cannot be read' };
    for (const [index, content] of contents.entries()) {
      const { mode, path } = chunk[index]!;
      if (mode === '120000') put(top, path, { kind: 'link', target: new TextDecoder().decode(content.subarray(0, MOST_LINK)) });
      else {
        const file = joinPath(folder, String(number++));
        await storeFile(file, pieces(content), { mode: mode === '100755' ? 0o700 : 0o600, modified: null });
        put(top, path, { kind: 'file', path: file });
      }
    }
  }
  for (const { mode, path } of entries) if (mode === '160000') put(top, path, { kind: 'other' });
  return top;
}

async function* pieces(content: Uint8Array): AsyncIterable<Uint8Array> {
  yield content;
}

/** `<mode> <type> <hash> <size>\t<path>`, each ended by a zero byte; names that are not UTF-8 are left out. */
function entriesOf(listed: Uint8Array): Entry[] {
  const text = new TextDecoder().decode(listed);
  return text.split('\0').flatMap((line): Entry[] => {
    const tab = line.indexOf('\t');
    const [mode = '', , hash = '', size = ''] = line.slice(0, Math.max(tab, 0)).split(/ +/);
    const path = line.slice(tab + 1);
    return tab < 0 || path.includes('\uFFFD') ? [] : [{ mode, hash, size: Number(size) || 0, path: path.normalize('NFC') }];
  });
}

function chunksOf(entries: readonly Entry[]): Entry[][] {
  const chunks: Entry[][] = [[]];
  let bytes = 0;
  for (const entry of entries.filter(({ mode }) => mode !== '160000')) {
    if (bytes > 0 && (bytes + entry.size > CHUNK || chunks.at(-1)!.length >= 5000)) {
      chunks.push([]);
      bytes = 0;
    }
    chunks.at(-1)!.push(entry);
    bytes += entry.size + 1;
  }
  return chunks.filter(({ length }) => length > 0);
}

/** In the order of the entries; null if one is missing. Each is `<hash> blob <size>\n`, the bytes, and a line end. */
async function contentsOf(git: GitFolders, entries: readonly Entry[]): Promise<Uint8Array[] | null> {
  const printed = await runGit(git, ['cat-file', '--batch'], entries.map(({ hash }) => `${hash}\n`).join(''));
  if (printed === null) return null;
  const contents: Uint8Array[] = [];
  let at = 0;
  for (const { hash } of entries) {
    const end = printed.indexOf(0x0a, at);
    const [name, kind, size] = new TextDecoder().decode(printed.subarray(at, end)).split(' ');
    if (end < 0 || name !== hash || kind !== 'blob') return null;
    const length = Number(size);
    contents.push(printed.subarray(end + 1, end + 1 + length));
    at = end + 1 + length + 1;
  }
  return contents;
}

function put(top: FolderNode, path: string, node: Node): void {
  const parts = path.split('/');
  const name = parts.pop()!;
  let folder = top;
  for (const part of parts) {
    const there = folder.children.get(part);
    const next: FolderNode = there?.kind === 'folder' ? there : { kind: 'folder', children: new Map() };
    folder.children.set(part, next);
    folder = next;
  }
  folder.children.set(name, node);
}
