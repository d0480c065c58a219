/**
 * Which file of a hand-in is the kernel, by the rubric's patterns:
 *
 *   1. The patterns are tried in their order on the hand-in's top; the first that matches a file decides.
 *   2. Where several files match that pattern and their contents differ, nothing is guessed: it is an error that names them, unless the rubric
 *      says `several: newest`.
 *   3. Where nothing matches on top, the folders below are tried as tops, the nearest first. One that has a kernel decides for what lies below it;
 *      several beside each other, at whatever depth, are an error as well: they may be the folders of several students.
 *
 * Archives inside a hand-in are opened elsewhere (read-entry.ts). Nothing here opens a file, so that the page in a browser searches in the same way.
 */
import { glob } from './glob.ts';
import type { HostFault, KernelFile, Search } from './handed-in.ts';
import { join, type Tree } from './tree.ts';

/** What has to be known of files that could all be the kernel. */
export interface FileFacts {
  /** Throws HostError. */
  sameContent(a: KernelFile, b: KernelFile): boolean;
  /** When it was changed, in milliseconds from any origin. Throws HostError. */
  changed(file: KernelFile): number;
}

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

/** undefined: nothing matches. Throws HostError. */
export function searchTree(tree: Tree, rules: KernelRules, facts: FileFacts): Located | undefined {
  const hits: { readonly folder: string; readonly search: Search }[] = [];
  for (const folders of levels(tree)) {
    for (const folder of folders) {
      if (hits.some((hit) => hit.folder === '' || folder.startsWith(`${hit.folder}/`))) continue;
      const search = searchFolder(tree, folder, rules, facts);
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

/** The same for one folder alone. Throws HostError. */
export function searchFolder(tree: Tree, folder: string, rules: KernelRules, facts: FileFacts): Search | undefined {
  const top = tree.at(folder);
  const below = ({ file, path }: KernelFile): KernelFile => ({ file: join(folder, file), path });
  const matches = rules.kernel.map((pattern) => glob(top, pattern).map((file) => ({ file, opened: top.open(file) })));
  const files = matches.map((ones) => ones.flatMap(({ opened }) => ('path' in opened ? [below(opened)] : [])));
  const candidates = files.find((ones) => ones.length > 0);
  if (candidates === undefined) {
    const refused = matches.flat().find(({ opened }) => 'problem' in opened)?.opened;
    return refused === undefined ? undefined : { kernel: refused, alsoMatched: [] };
  }
  const kernel = decide(candidates, rules, facts);
  const alsoMatched = 'path' in kernel ? [...new Set(files.flat().map(({ file }) => file))].filter((file) => file !== kernel.file) : [];
  return { kernel, alsoMatched };
}

/** Throws HostError. */
function decide(candidates: readonly KernelFile[], { several }: KernelRules, facts: FileFacts): KernelFile | HostFault {
  const [first, ...others] = candidates;
  if (others.length === 0 || candidates.every((one) => facts.sameContent(one, first!))) return first!;
  const files = `several files could be the kernel: ${named(candidates.map(({ file }) => file))}`;
  if (several === 'error') return { hostFault: `${files}; hand in one, or let the rubric say "several: newest"`, undecided: true };
  const times = candidates.map((one) => facts.changed(one));
  const newest = Math.max(...times);
  if (times.filter((time) => time === newest).length > 1) return { hostFault: `${files}; none of them is the newest`, undecided: true };
  return candidates[times.indexOf(newest)]!;
}

function named(files: readonly string[]): string {
  const more = files.length - MOST_NAMED;
  return `${files.slice(0, MOST_NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
