/**
 * From an archive's entries to a tree. Everything that no honest program packs is refused here, in words for the student: names that lead out
 * of the archive, names that two entries share, links that lead elsewhere, devices.
 */

import { decoderFor, type Western } from '../names-in-bytes.ts';
import { join } from '../tree.ts';
import type { FolderNode, Node } from './archive-tree.ts';
import type { RawEntry, RawName } from './raw-entry.ts';

/** An entry whose content, if it is a file's, lies at `path`. */
export interface StoredEntry extends Pick<RawEntry, 'name' | 'kind' | 'target' | 'unreadable'> {
  readonly path: string | null;
}

/** What is wrong with an entry. The problem is a whole sentence without its full stop. */
export interface EntryProblem {
  /** The parts of its path as far as they are known: for a class, the first says whose it is. */
  readonly parts: readonly string[];
  readonly problem: string;
}

export interface BuiltTree {
  readonly top: FolderNode;
  readonly problems: readonly EntryProblem[];
}

/** As systems bound a path and its parts, in bytes. */
const [LONGEST_PATH, LONGEST_PART, DEEPEST] = [4000, 255, 100];

export function buildTree(entries: readonly StoredEntry[], western: Western): BuiltTree {
  const unknown = entries.flatMap(({ name, target }) => [name, ...(target === null ? [] : [target])]).filter(({ utf8 }) => !utf8);
  const decode = decoderFor(
    unknown.map(({ bytes }) => bytes),
    western,
  );
  const builder = new Builder((name) => textOf(name, decode));
  for (const entry of entries) builder.add(entry);
  return builder;
}

function textOf({ bytes, utf8, dos }: RawName, decode: (bytes: Buffer) => string): string {
  const text = (utf8 ? bytes.toString('utf8') : decode(bytes)).normalize('NFC');
  return dos ? text.replaceAll('\\', '/') : text;
}

class Builder implements BuiltTree {
  readonly top: FolderNode = { kind: 'folder', children: new Map() };
  readonly problems: EntryProblem[] = [];
  /** Names of each folder without regard to case. */
  readonly #folded = new Map<FolderNode, Map<string, string>>();
  readonly #text: (name: RawName) => string;

  constructor(text: (name: RawName) => string) {
    this.#text = text;
  }

  add(entry: StoredEntry): void {
    const name = this.#text(entry.name);
    const parts = name.split('/').filter((part) => part !== '' && part !== '.');
    const problem = problemOfName(name, parts) ?? this.#put(entry, name, parts);
    if (problem !== null) this.problems.push({ parts: parts.filter((part) => part !== '..'), problem });
  }

  /** Why it cannot be a part of the tree; null: it is one now. */
  #put(entry: StoredEntry, name: string, parts: readonly string[]): string | null {
    const last = parts.at(-1);
    // The archive's own top, as `tar czf x.tgz .` has it.
    if (last === undefined) return entry.kind === 'folder' ? null : 'a file in it has no name';
    let folder = this.top;
    for (const part of parts.slice(0, -1)) {
      const next = this.#folder(folder, part, name);
      if (typeof next === 'string') return next;
      folder = next;
    }
    if (entry.kind === 'folder') {
      const made = this.#folder(folder, last, name);
      return typeof made === 'string' ? made : null;
    }
    if (folder.children.has(last)) return `it holds ${name} twice`;
    const node = this.#nodeOf(entry, name, parts);
    return typeof node === 'string' ? node : this.#add(folder, last, node, name);
  }

  #nodeOf({ kind, path, target, unreadable }: StoredEntry, name: string, parts: readonly string[]): Node | string {
    if (unreadable !== null) return `${name} ${unreadable}`;
    if (kind === 'file') return { kind: 'file', path: path! };
    if (kind === 'other')
      return `${name} is a device, a pipe or a file of a kind that is not read; only files and folders can be handed in`;
    const text = target === null ? '' : this.#text(target);
    if (kind === 'symlink')
      return leadsOut(parts, text) ? `${name} is a symbolic link that leads out of the archive` : { kind: 'link', target: text };
    const linked = this.#fileAt(text);
    return linked ?? `${name} is a hard link to ${text === '' ? 'nothing' : text}, which is not a file before it in the archive`;
  }

  #fileAt(path: string): Node | null {
    let node: Node | undefined = this.top;
    for (const part of path.split('/').filter((one) => one !== '' && one !== '.')) {
      node = node?.kind === 'folder' ? node.children.get(part) : undefined;
    }
    return node?.kind === 'file' ? node : null;
  }

  #folder(folder: FolderNode, part: string, name: string): FolderNode | string {
    const there = folder.children.get(part);
    if (there?.kind === 'folder') return there;
    if (there !== undefined) return `${name} lies in something that is not a folder`;
    const made: FolderNode = { kind: 'folder', children: new Map() };
    return this.#add(folder, part, made, name) ?? made;
  }

  #add(folder: FolderNode, part: string, node: Node, name: string): string | null {
    const folded = this.#folded.get(folder) ?? new Map<string, string>();
    this.#folded.set(folder, folded);
    // Upper case first: only so do ß and SS become one, as on systems without regard to case.
    const key = part.toUpperCase().toLowerCase();
    const other = folded.get(key);
    if (other !== undefined) return `${name} and ${other} differ only in upper and lower case`;
    folded.set(key, part);
    folder.children.set(part, node);
    return null;
  }
}

const HARM = 'as only archives have that were made to do harm, or by a broken program';

/** Why no honest program writes a path so; null if one may. */
export function problemOfPath(path: string): string | null {
  return problemOfName(path, path.split('/'));
}

/** null: nothing is wrong with it. */
function problemOfName(name: string, parts: readonly string[]): string | null {
  if (name.includes('\0')) return `a name in it holds a NUL, ${HARM}`;
  if (name.startsWith('/') || /^[A-Za-z]:\//.test(name)) return `${name} is an absolute path, ${HARM}`;
  if (parts.includes('..')) return `${name} leads out of the archive, ${HARM}`;
  if (parts.length > DEEPEST) return `it holds folders inside folders, more than ${DEEPEST} deep`;
  if (Buffer.byteLength(name) > LONGEST_PATH || parts.some((part) => Buffer.byteLength(part) > LONGEST_PART)) {
    return 'it holds a name that is too long for a file';
  }
  return null;
}

/** Judged by the names alone: links are followed later, inside the tree alone. */
function leadsOut(parts: readonly string[], target: string): boolean {
  if (target.startsWith('/')) return true;
  let depth = parts.length - 1;
  for (const part of target.split('/')) {
    if (part === '..') depth--;
    else if (part !== '' && part !== '.') depth++;
    if (depth < 0) return true;
  }
  return false;
}

/** For a message about an entry. */
export function pathOf({ parts }: EntryProblem): string {
  return parts.reduce(join, '');
}
