/**
 * Which files a build consists of: all of the course's (`base`), but for those that the student changes (`take`). Without a base, all that was
 * handed in.
 *
 * A student's tree may lie in a folder of the hand-in, as archives have it: its top is where the rubric's patterns match. One file that was
 * handed in alone stands for the one file that the rubric takes, whatever it is called.
 */
import type { HandInProblem } from '../submission/handed-in.ts';
import type { Tree } from '../submission/tree.ts';
import { matchesName, matchesPath } from '../vocabulary/path-pattern.ts';
import type { SubmissionRules } from '../vocabulary/submission.ts';
import { filesOf } from './tree-files.ts';

/** A file of the tree that is built. */
export interface SourceFile {
  /** Below the top, with `/`. */
  readonly path: string;
  /** By which it is opened. */
  readonly from: string;
}

/** A file of it that comes from the student. */
export interface TakenFile extends SourceFile {
  /** Its path in what was handed in. */
  readonly handedIn: string;
}

export interface Overlay {
  /** Sorted by path. */
  readonly files: readonly SourceFile[];
  /** Those of them that come from the student. */
  readonly taken: readonly TakenFile[];
  /** Patterns of `take` that match nothing of what was handed in. */
  readonly missing: readonly string[];
  /** Paths in the hand-in that nothing was made of. */
  readonly ignored: readonly string[];
}

/** Throws HostError. */
export function overlay(tree: Tree, rules: SubmissionRules, base: readonly SourceFile[] | null): Overlay | HandInProblem {
  if (base === null) return wholeTree(tree, rules);
  const chosen = takenFrom(tree, rules.take);
  if ('problem' in chosen) return chosen;
  const conflict = conflictOf(chosen.taken, base);
  if (conflict !== undefined) return conflict;
  const own = new Set(chosen.taken.map(({ path }) => path));
  const files = [...base.filter(({ path }) => !own.has(path)), ...chosen.taken];
  return { ...chosen, files: files.sort(byPath) };
}

function byPath(a: SourceFile, b: SourceFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

/** Folders that hold no sources, but may hold a great number of files. */
const NO_SOURCES = /(^|\/)(\.git|__MACOSX)\//;

/** What was built before it was handed in must not be taken for what is built now. */
function wholeTree(tree: Tree, { kernel }: SubmissionRules): Overlay | HandInProblem {
  const found = filesOf(tree);
  if ('problem' in found) return found;
  const taken: TakenFile[] = [];
  const ignored = [...found.others];
  for (const path of found.paths) {
    const isIgnored = NO_SOURCES.test(path) || kernel.some((pattern) => matchesPath(pattern, path));
    const opened = isIgnored ? null : tree.open(path);
    if (opened !== null && 'path' in opened) taken.push({ path, from: opened.path, handedIn: path });
    else ignored.push(path);
  }
  if (taken.length === 0) return { problem: 'it holds no sources' };
  return { files: taken, taken, missing: [], ignored: ignored.sort() };
}

type Chosen = Omit<Overlay, 'files'>;

function isPlain(pattern: string): boolean {
  return !/[*?]/.test(pattern);
}

function extensionOf(path: string): string {
  return /\.[^./]*$/.exec(path)?.[0] ?? '';
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function takenFrom(tree: Tree, take: readonly string[]): Chosen | HandInProblem {
  const found = filesOf(tree);
  if ('problem' in found) return found;
  const { paths } = found;
  const top = topOf(paths, take);
  if (typeof top !== 'string') return top;
  const taken: TakenFile[] = [];
  const used = new Set<string>();
  const add = (path: string, file: string): HandInProblem | undefined => {
    const opened = tree.open(file);
    if (!('path' in opened)) return opened;
    used.add(file);
    taken.push({ path, from: opened.path, handedIn: file });
    return undefined;
  };
  for (const file of paths) {
    const path = file.startsWith(top) ? file.slice(top.length) : null;
    const problem = path !== null && take.some((pattern) => matchesPath(pattern, path)) ? add(path, file) : undefined;
    if (problem !== undefined) return problem;
  }
  const missing: string[] = [];
  for (const pattern of take.filter((one) => !taken.some(({ path }) => matchesPath(one, path)))) {
    const elsewhere = isPlain(pattern) ? paths.filter((file) => nameOf(file) === nameOf(pattern) && !used.has(file)) : [];
    if (elsewhere.length > 1) return { problem: `${nameOf(pattern)} is there more than once: ${listed(elsewhere)}` };
    const problem = elsewhere.length === 1 ? add(pattern, elsewhere[0]!) : undefined;
    if (problem !== undefined) return problem;
    if (elsewhere.length === 0) missing.push(pattern);
  }
  if (taken.length === 0) return soleFile(tree, paths, take);
  const ignored = [...paths.filter((path) => !used.has(path)), ...found.others];
  return { taken: taken.sort(byPath), missing, ignored: ignored.sort() };
}

/** A file that was handed in alone stands for the only one that is taken, whatever it is called. */
function soleFile(tree: Tree, paths: readonly string[], take: readonly string[]): Chosen | HandInProblem {
  const [only] = paths;
  const [meant] = take;
  if (only === undefined || meant === undefined || paths.length > 1 || take.length > 1 || !isPlain(meant)) {
    return { problem: `nothing in it matches ${take.join(' or ')}` };
  }
  if (extensionOf(meant) !== extensionOf(only)) return { problem: `${nameOf(only)} is not ${nameOf(meant)}, the file that the lab takes` };
  const opened = tree.open(only);
  return 'path' in opened ? { taken: [{ path: meant, from: opened.path, handedIn: only }], missing: [], ignored: [] } : opened;
}

const MOST_LISTED = 5;

function listed(paths: readonly string[]): string {
  const more = paths.length - MOST_LISTED;
  return `${paths.slice(0, MOST_LISTED).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/**
 * The folder below which the patterns are meant, with a `/` at its end; empty: the hand-in itself. It is the one below which most patterns match
 * something; where several are as good, the hand-in itself, else nobody can tell.
 */
function topOf(paths: readonly string[], take: readonly string[]): string | HandInProblem {
  const matched = new Map<string, Set<string>>();
  for (const path of paths) {
    const fitting = take.filter((pattern) => fitsName(pattern, path));
    for (let at = fitting.length === 0 ? -1 : 0; at !== -1; at = nextPart(path, at)) {
      const below = path.slice(at);
      for (const pattern of fitting) {
        if (!matchesPath(pattern, below)) continue;
        const top = path.slice(0, at);
        const patterns = matched.get(top) ?? new Set();
        matched.set(top, patterns.add(pattern));
      }
    }
  }
  const most = Math.max(0, ...[...matched.values()].map(({ size }) => size));
  const best = [...matched].filter(([, { size }]) => size === most).map(([top]) => top);
  if (best.length <= 1) return best[0] ?? '';
  if (best.includes('')) return '';
  return { problem: `the files of the lab are there more than once: below ${listed(best)}; only one version can be handed in` };
}

/** Whether the last parts match, which is quickly seen. */
function fitsName(pattern: string, path: string): boolean {
  const last = nameOf(pattern);
  return last === '**' || matchesName(last, nameOf(path));
}

function nextPart(path: string, at: number): number {
  const slash = path.indexOf('/', at);
  return slash === -1 ? -1 : slash + 1;
}

/** One path cannot be a file for the student and a folder for the course. */
function conflictOf(taken: readonly SourceFile[], base: readonly SourceFile[]): HandInProblem | undefined {
  const files = new Set(base.map(({ path }) => path));
  const folders = new Set(base.flatMap(({ path }) => foldersOf(path)));
  for (const { path } of taken) {
    if (folders.has(path)) return { problem: `${path} is a file, where the lab has a folder` };
    const file = foldersOf(path).find((folder) => files.has(folder));
    if (file !== undefined) return { problem: `${file} is a folder, where the lab has a file` };
  }
  return undefined;
}

/** Paths of all folders that a path leads through. */
export function foldersOf(path: string): string[] {
  const folders: string[] = [];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) folders.push(path.slice(0, slash));
  return folders;
}
