/** Reads what a platform's export holds: each attempt of a student as one hand-in, whatever entries it consists of. */
import { readRegular } from '../../files/read.ts';
import { HostError, PathError } from '../../files/system-error.ts';
import type { ClassEntry } from '../class.ts';
import { ClassTree } from '../class-tree.ts';
import { withCommit } from '../git/at-commit.ts';
import type { HandIn } from '../hand-in.ts';
import { JoinedTree } from '../joined-tree.ts';
import { type ReadEntry, type Reading, readFileEntry, readTree, wantedOf, withoutFiles } from '../read-entry.ts';
import type { Tree } from '../tree.ts';
import { withoutNumbers } from './canvas.ts';
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
  const entries = (tree.list('') ?? []).flatMap(({ name, kind, unusable }) => (unusable === null ? exportEntry(name, kind) : []));
  return recognised(tree, entries, name).attempts.length > 0;
}

function exportEntry(name: string, kind: ClassEntry['kind']): ExportEntry[] {
  return !name.startsWith('.') && (kind === 'file' || kind === 'folder') ? [{ name, kind }] : [];
}

function recognised(tree: Pick<Tree, 'list' | 'open'>, entries: readonly ExportEntry[], name: string): Recognised {
  return recogniseExport({
    name,
    entries,
    text: (entry: string, most: number) => textOf(tree, entry, most),
    holds: (folder: string, wanted: string) => (tree.list(folder) ?? []).some((entry) => entry.name === wanted),
  });
}

/** `classEntries`: of the folder or archive that may be an export, `name` its own name. Throws HostError. */
export async function readExport(classEntries: readonly ClassEntry[], name: string, reading: Reading): Promise<ReadExport> {
  const tree = new ClassTree(classEntries);
  const entries = classEntries.flatMap((entry) => exportEntry(entry.name, entry.kind));
  const { attempts, extras, rest } = recognised(tree, entries, name);
  const others = new Set(rest.map((entry) => entry.name));
  const known = new Set(entries.flatMap((entry) => (others.has(entry.name) ? [] : [entry.name])));
  const problems = new Map(classEntries.flatMap(({ name, problem }) => (problem === null ? [] : [[name, problem] as const])));
  const handIns: HandIn[] = [];
  for (const group of grouped(attempts, (attempt) => attempt.name)) {
    const inOrder = group.toSorted((a, b) => ((a.time ?? '') < (b.time ?? '') ? -1 : 1));
    for (const [index, attempt] of inOrder.entries()) {
      const number = group.length === 1 ? null : index + 1;
      const called = number === null ? attempt.name : attemptName(attempt.name, number);
      const { handIn } = await readAttempt(called, attempt, tree, problems, reading);
      const { people, time, markedLate, parts, attempt: counted } = attempt;
      const entries = parts.map(({ entry }) => entry);
      const origin = { entries, people, time, markedLate, commit: null, attempt: counted, number };
      const { commit, time: made } = handIn.origin ?? { commit: null };
      handIns.push({ ...handIn, origin: commit === null ? origin : withCommit(origin, { commit, time: made }) });
    }
  }
  return { handIns, extras, known };
}

function textOf(tree: Pick<Tree, 'open'>, entry: string, most: number): string | null {
  const opened = tree.open(entry);
  try {
    return 'path' in opened ? new TextDecoder('utf-8', { fatal: true }).decode(readRegular(opened.path, most, 'refuse')) : null;
  } catch (error) {
    // It is too long, or not UTF-8.
    if (error instanceof PathError || error instanceof TypeError) return null;
    throw error;
  }
}

/** What the attempts of a student are called. */
export function attemptName(name: string, number: number): string {
  return `${name}/attempt-${number}`;
}

/** `problems`: of entries that were refused, by their names: nobody knows what else is wrong with the attempt. */
async function readAttempt(
  name: string,
  { platform, parts: given }: Attempt,
  tree: ClassTree,
  problems: ReadonlyMap<string, string>,
  reading: Reading,
): Promise<ReadEntry> {
  const problem = given.map(({ entry }) => problems.get(entry)).find((one) => one !== undefined);
  if (problem !== undefined) return { handIn: withoutFiles(name, { problem }), folders: [] };
  const parts = platform === 'canvas' ? withoutNumbers(given, [...wantedOf(reading.rules), ...reading.rules.images.submitted]) : given;
  try {
    const [only, ...others] = parts;
    if (only === undefined || others.length > 0 || tree.list(only.entry) !== null) {
      return await readTree(name, new JoinedTree(tree, parts), reading);
    }
    // A file that stands alone is the kernel, the source or the archive, whatever it is called.
    const file = tree.open(only.entry);
    return 'path' in file
      ? await readFileEntry(name, { ...file, file: only.as }, reading)
      : { handIn: withoutFiles(name, file), folders: [] };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { handIn: withoutFiles(name, { hostFault: `what was handed in cannot be read: ${error.reason}` }), folders: [] };
  }
}
