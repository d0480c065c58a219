/** Reads what a platform's export holds: each attempt of a student as one hand-in, whatever entries it consists of. */
import { readRegular } from '../../files/read.ts';
import { PathError } from '../../files/system-error.ts';
import type { HandIn } from '../hand-in.ts';
import type { Found, Search } from '../handed-in.ts';
import { JoinedTree } from '../joined-tree.ts';
import { orHostFault } from '../kernel.ts';
import { type KernelRules, searchKernel } from '../search.ts';
import type { Tree } from '../tree.ts';
import { withoutNumber } from './canvas.ts';
import { type Attempt, type ExportEntry, type Extra, grouped } from './exported.ts';
import { type Recognised, recogniseExport } from './index.ts';

export interface ReadExport {
  readonly handIns: readonly HandIn[];
  /** Entries that the platform has added. */
  readonly extras: readonly Extra[];
  /** Names of all entries that are dealt with. */
  readonly known: ReadonlySet<string>;
}

/** Whether a platform made it, so that it is a class even where a pattern matches a file in it. Throws HostError. */
export function isExport(tree: Tree, name: string): boolean {
  return recognised(tree, name).attempts.length > 0;
}

function recognised(tree: Tree, name: string): Recognised & { readonly entries: readonly ExportEntry[] } {
  const entries = (tree.list('') ?? []).flatMap(({ name, kind, unusable }) =>
    unusable === null && !name.startsWith('.') && (kind === 'file' || kind === 'folder') ? [{ name, kind }] : [],
  );
  const folder = {
    name,
    entries,
    text: (entry: string, most: number) => textOf(tree, entry, most),
    holds: (folder: string, wanted: string) => (tree.list(folder) ?? []).some((entry) => entry.name === wanted),
  };
  return { ...recogniseExport(folder), entries };
}

/** `tree`: the folder or archive that may be an export, `name` its own name. `otherwise`: what is said where no kernel is found. Throws HostError. */
export function readExport(tree: Tree, name: string, rules: KernelRules, otherwise: Found): ReadExport {
  const { attempts, extras, rest, entries } = recognised(tree, name);
  const others = new Set(rest.map((entry) => entry.name));
  const known = new Set(entries.flatMap((entry) => (others.has(entry.name) ? [] : [entry.name])));
  const handIns = grouped(attempts, (attempt) => attempt.name).flatMap((group) => {
    const inOrder = group.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1));
    return inOrder.map((attempt, index) => handIn(tree, attempt, group.length === 1 ? null : index + 1, rules, otherwise));
  });
  return { handIns, extras, known };
}

function textOf(tree: Tree, entry: string, most: number): string | null {
  const opened = tree.open(entry);
  try {
    return 'path' in opened ? new TextDecoder('utf-8', { fatal: true }).decode(readRegular(opened.path, most, 'refuse')) : null;
  } catch (error) {
    // It is too long, or not UTF-8.
    if (error instanceof PathError || error instanceof TypeError) return null;
    throw error;
  }
}

function handIn(tree: Tree, attempt: Attempt, number: number | null, rules: KernelRules, otherwise: Found): HandIn {
  const { name, people, time, markedLate, parts } = attempt;
  const [files, search] = searched(tree, attempt, rules, otherwise);
  const origin = { entries: parts.map(({ entry }) => entry), people, time, markedLate, commit: null, number };
  return { submission: { name: number === null ? name : attemptName(name, number), ...search, sources: files.place }, files, origin };
}

/** What the attempts of a student are called. */
export function attemptName(name: string, number: number): string {
  return `${name}/attempt-${number}`;
}

function searched(tree: Tree, { platform, parts }: Attempt, rules: KernelRules, otherwise: Found): [JoinedTree, Search] {
  const files = new JoinedTree(tree, parts);
  const search = searchKernel(files, rules);
  if (search !== undefined) return [files, { kernel: search.kernel, alsoMatched: search.alsoMatched }];
  // The numbers are Canvas's, but a student may have chosen such a name: so these come second.
  const renamed = new JoinedTree(
    tree,
    parts.map(({ entry, as }) => ({ entry, as: platform === 'canvas' ? withoutNumber(as) : as })),
  );
  const again = searchKernel(renamed, rules);
  if (again !== undefined) return [renamed, { kernel: again.kernel, alsoMatched: again.alsoMatched }];
  const [only, ...more] = parts;
  const alone = only !== undefined && more.length === 0 && tree.list(only.entry) === null;
  // A file that stands alone is the kernel, whatever it is called.
  const kernel = alone ? orHostFault(`${only.as} cannot be read`, () => files.open(only.as)) : otherwise;
  return [files, { kernel, alsoMatched: [] }];
}
