/**
 * A class: each entry of its folder or archive is what one student handed in, or nobody's work (left-out.ts). Names and entries are students':
 * none of them may end the grading of the class, or reach the work of somebody else.
 */
import { join as joinPath } from 'node:path';
import { beginningOfOurs } from '../files/ours.ts';
import { aliasOf, type Entry, listFolder, readBeginning } from '../files/read.ts';
import { HostError, PathError } from '../files/system-error.ts';
import type { SubmissionRules } from '../vocabulary/submission.ts';
import type { ArchiveTree } from './archive/archive-tree.ts';
import type { EntryProblem } from './archive/build-tree.ts';
import { BEGINNING, isArchiveName, withoutArchiveExtension } from './archive/kind.ts';
import { bytewise } from './bytewise.ts';
import { FolderTree } from './folder-tree.ts';
import type { HandIn } from './hand-in.ts';
import type { HandInProblem, KernelFile } from './handed-in.ts';
import { regularFile } from './kernel.ts';
import { type LeftOut, whyLeftOut } from './left-out.ts';
import { decoderFor } from './names-in-bytes.ts';
import { LINK, type ReadEntry, type Reading, readFileEntry, readTree, withoutFiles } from './read-entry.ts';
import { searchTop } from './search.ts';
import { join, type Tree } from './tree.ts';
import type { Workspace } from './workspace.ts';

/** An entry of a class, whatever it lies in. */
export interface ClassEntry {
  /** As it is shown: NFC, without a part that is not text; of a section's student with the section before it. */
  readonly name: string;
  readonly kind: Entry['kind'];
  /** Why it cannot be read; null if it can. */
  readonly problem: string | null;
  /** Of a folder. */
  readonly tree: () => Tree;
  /** Of a file. Throws HostError. */
  readonly file: () => KernelFile | HandInProblem;
}

export interface ReadClass {
  readonly handIns: HandIn[];
  readonly leftOut: LeftOut[];
  /** Names of students with the folders in which kernels of theirs were found, where these are several. */
  readonly sections: readonly { readonly name: string; readonly folders: readonly string[] }[];
}

/** The entries of a folder on the disk. Names that are not UTF-8 are made usable through the workspace. Throws HostError, PathError. */
export async function folderEntries(root: string, workspace: Workspace): Promise<ClassEntry[]> {
  const listed = listFolder(root);
  const decode = decoderFor(
    listed.map(({ bytes }) => bytes),
    'latin1',
  );
  const entries: ClassEntry[] = [];
  const taken = new Set<string>();
  for (const { name: real, bytes, kind } of [...listed].sort((a, b) => Buffer.compare(a.bytes, b.bytes))) {
    const shown = decode(bytes).normalize('NFC');
    const isTaken = taken.has(shown);
    const name = isTaken ? `${shown} (${bytes.toString('hex')})` : shown;
    taken.add(name);
    const path = real === null ? await aliasPath(root, bytes, kind, workspace) : joinPath(root, real);
    entries.push({
      name,
      kind,
      problem: isTaken ? 'another entry has the same name, written in other bytes; rename one of them' : null,
      tree: () => new FolderTree(path),
      file: () => regularFile(path, name),
    });
  }
  return entries.sort((a, b) => bytewise(a.name, b.name));
}

/** A path of text that leads to an entry whose name is none. */
async function aliasPath(root: string, name: Buffer, kind: Entry['kind'], workspace: Workspace): Promise<string> {
  const path = await workspace.place();
  if (kind === 'folder' || kind === 'file') aliasOf(root, name, kind, path);
  return path;
}

/** The same for a folder of an archive. */
export function archiveEntries(tree: ArchiveTree, folder: string, problems: readonly EntryProblem[]): ClassEntry[] {
  const at = folder === '' ? [] : folder.split('/');
  const own = new Map<string, { problem: string; kind: ClassEntry['kind'] }>();
  for (const { parts, problem } of problems) {
    const entry = parts[at.length];
    const kind = parts.length > at.length + 1 ? 'folder' : 'file';
    if (entry !== undefined && at.every((part, index) => parts[index] === part) && !own.has(entry)) own.set(entry, { problem, kind });
  }
  const listed = tree.list(folder) ?? [];
  const missing = [...own].flatMap(([name, { kind }]) => (listed.some((one) => one.name === name) ? [] : [{ name, kind }]));
  const entries = [...listed, ...missing].map(({ name, kind }): ClassEntry => {
    const path = join(folder, name);
    return {
      name,
      kind,
      problem: own.get(name)?.problem ?? null,
      tree: () => tree.at(path),
      file: () => {
        const opened = tree.open(path);
        return 'path' in opened ? { ...opened, file: name } : opened;
      },
    };
  });
  return entries.sort((a, b) => bytewise(a.name, b.name));
}

/** The entries that are somebody's work, and those that are not. */
export function sortOut(entries: readonly ClassEntry[], rules: SubmissionRules): { students: ClassEntry[]; leftOut: LeftOut[] } {
  const students: ClassEntry[] = [];
  const leftOut: LeftOut[] = [];
  for (const entry of entries) {
    const reason =
      whyLeftOut(entry.name.slice(entry.name.lastIndexOf('/') + 1), entry.kind, beginningOf(entry)) ??
      (holdsReports(entry, rules) ? 'it is a folder of reports' : null);
    if (reason === null) students.push(entry);
    else leftOut.push({ entry: entry.name, reason });
  }
  return { students, leftOut };
}

function beginningOf({ kind, file }: ClassEntry): Uint8Array | null {
  if (kind !== 'file') return null;
  try {
    const opened = file();
    return 'path' in opened ? readBeginning(opened.path, BEGINNING, 'refuse') : null;
  } catch (error) {
    if (error instanceof HostError || error instanceof PathError) return null;
    throw error;
  }
}

/** Reports, lists of files, journals and blobs all say at their beginning whose they are. */
const MAY_BE_OURS = /\.(json|jsonl|blob)$/;

/** Files that are looked at: a student may hand in any number of them. */
const MOST_LOOKED_AT = 200;

/** A folder with a kernel is somebody's work, whatever else is in it. */
function holdsReports({ kind, tree }: ClassEntry, { kernel, several }: SubmissionRules): boolean {
  if (kind !== 'folder') return false;
  try {
    const folder = tree();
    const files = (folder.list('') ?? []).filter((one) => one.kind === 'file' && one.unusable === null && MAY_BE_OURS.test(one.name));
    const isOurs = files.slice(0, MOST_LOOKED_AT).some(({ name }) => {
      const opened = folder.open(name);
      return 'path' in opened && beginningOfOurs(opened.path) !== undefined;
    });
    return isOurs && searchTop(folder, { kernel, several }) === undefined;
  } catch (error) {
    if (error instanceof HostError) return false;
    throw error;
  }
}

/** Reads what each student handed in. */
export async function readStudents(students: readonly ClassEntry[], reading: Reading): Promise<Pick<ReadClass, 'handIns' | 'sections'>> {
  const handIns: HandIn[] = [];
  const sections: { name: string; folders: readonly string[] }[] = [];
  for (const student of students) {
    const { handIn, folders } = await readStudent(student, reading);
    handIns.push(handIn);
    if (folders.length > 1) sections.push({ name: handIn.submission.name, folders });
  }
  return { handIns, sections };
}

/** What a student's submission is called: an archive stands for what was packed. */
export function studentName({ name, kind }: ClassEntry): string {
  return kind === 'file' && isArchiveName(name) ? withoutArchiveExtension(name) : name;
}

async function readStudent(entry: ClassEntry, reading: Reading): Promise<ReadEntry> {
  const name = studentName(entry);
  const only = (found: Parameters<typeof withoutFiles>[1]): ReadEntry => ({ handIn: withoutFiles(name, found), folders: [] });
  if (entry.problem !== null) return only({ problem: entry.problem });
  if (entry.kind === 'link') return only(LINK);
  if (entry.kind === 'other') return only({ problem: `${entry.name} is a device, a pipe or a socket, not a file` });
  try {
    if (entry.kind === 'folder') return await readTree(name, entry.tree(), reading);
    const file = entry.file();
    return 'path' in file ? await readFileEntry(name, file, reading) : only(file);
  } catch (error) {
    if (error instanceof HostError) return only({ hostFault: `${entry.name} cannot be read: ${error.reason}` });
    throw error;
  }
}
