/**
 * Which file of a hand-in is the kernel, by the rubric's patterns:
 *
 *   1. The patterns are tried in their order on the hand-in's top; the first that matches a file decides.
 *   2. Where several files match that pattern and their contents differ, nothing is guessed: it is an error that names them, unless the rubric
 *      says `several: newest`.
 *   3. Where nothing matches on top, the folders below are tried as tops, the nearest first. One that has a kernel decides for what lies below it;
 *      several beside each other, at whatever depth, are an error as well: they may be the folders of several students.
 *
 * Archives inside a hand-in are opened elsewhere (read-entry.ts).
 */
import { createHash } from 'node:crypto';
import { lookAt, readRegular } from '../files/read.ts';
import { PathError } from '../files/system-error.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { glob } from './glob.ts';
import type { HostFault, KernelFile, Search } from './handed-in.ts';
import { orHostFault } from './kernel.ts';
import { join, type Tree } from './tree.ts';

export interface KernelRules {
  readonly kernel: readonly string[];
  readonly several: 'error' | 'newest';
}

/** A search with where it ended. */
export interface Located extends Search {
  /** The folders in which a kernel was found, below the hand-in; more than one only where that cannot be decided. */
  readonly folders: readonly string[];
}

const DEEPEST = 6;
const MOST_FOLDERS = 2000;
const MOST_NAMED = 5;

/** undefined: nothing matches. */
export function searchKernel(tree: Tree, rules: KernelRules): Located | undefined {
  const found = orHostFault('the kernel cannot be looked for', () => searchDown(tree, rules));
  return found !== undefined && 'hostFault' in found ? { kernel: found, alsoMatched: [], folders: [''] } : found;
}

/** The same for the top alone. */
export function searchTop(tree: Tree, rules: KernelRules): Search | undefined {
  const found = orHostFault('the kernel cannot be looked for', () => searchFolder(tree, '', rules));
  return found !== undefined && 'hostFault' in found ? { kernel: found, alsoMatched: [] } : found;
}

/** Throws HostError. */
function searchDown(tree: Tree, rules: KernelRules): Located | undefined {
  const hits: { readonly folder: string; readonly search: Search }[] = [];
  for (const folders of levels(tree)) {
    for (const folder of folders) {
      if (hits.some((hit) => hit.folder === '' || folder.startsWith(`${hit.folder}/`))) continue;
      const search = searchFolder(tree, folder, rules);
      if (search !== undefined) hits.push({ folder, search });
    }
    if (hits[0]?.folder === '') break;
  }
  const [first, second] = hits;
  if (first === undefined) return undefined;
  if (second === undefined) return { ...first.search, folders: [first.folder] };
  const hostFault = `kernels were found in several folders: ${named(hits.map(({ folder }) => folder))}; only one of them can be graded`;
  return { kernel: { hostFault, undecided: true }, alsoMatched: [], folders: hits.map(({ folder }) => folder) };
}

/** The folders of a tree by their depth, beginning with its top. Throws HostError. */
export function* levels(tree: Tree): Generator<string[]> {
  let level = [''];
  let folders = 0;
  for (let depth = 0; level.length > 0 && depth <= DEEPEST; depth++) {
    yield level;
    const next: string[] = [];
    for (const folder of level) {
      if (++folders > MOST_FOLDERS) return;
      for (const { name, kind, unusable } of tree.list(folder) ?? []) {
        if (kind === 'folder' && unusable === null && !name.startsWith('.') && name !== '__MACOSX') next.push(join(folder, name));
      }
    }
    level = next;
  }
}

/** Throws HostError. */
function searchFolder(tree: Tree, folder: string, rules: KernelRules): Search | undefined {
  const top = tree.at(folder);
  const below = ({ file, path }: KernelFile): KernelFile => ({ file: join(folder, file), path });
  const matches = rules.kernel.map((pattern) => glob(top, pattern).map((file) => ({ file, opened: top.open(file) })));
  const files = matches.map((ones) => ones.flatMap(({ opened }) => ('path' in opened ? [below(opened)] : [])));
  const candidates = files.find((ones) => ones.length > 0);
  if (candidates === undefined) {
    const refused = matches.flat().find(({ opened }) => 'problem' in opened)?.opened;
    return refused === undefined ? undefined : { kernel: refused, alsoMatched: [] };
  }
  const kernel = decide(candidates, rules);
  const alsoMatched = 'path' in kernel ? [...new Set(files.flat().map(({ file }) => file))].filter((file) => file !== kernel.file) : [];
  return { kernel, alsoMatched };
}

/** Throws HostError. */
function decide(candidates: readonly KernelFile[], { several }: KernelRules): KernelFile | HostFault {
  const [first, ...others] = candidates;
  if (others.length === 0 || candidates.every(({ path }) => sameContent(path, first!.path))) return first!;
  const files = `several files could be the kernel: ${named(candidates.map(({ file }) => file))}`;
  if (several === 'error') return { hostFault: `${files}; hand in one, or let the rubric say "several: newest"`, undecided: true };
  const times = candidates.map(({ path }) => lookAt(path)?.mtimeMs ?? 0);
  const newest = Math.max(...times);
  if (times.filter((time) => time === newest).length > 1) return { hostFault: `${files}; none of them is the newest`, undecided: true };
  return candidates[times.indexOf(newest)]!;
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

function named(files: readonly string[]): string {
  const more = files.length - MOST_NAMED;
  return `${files.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
