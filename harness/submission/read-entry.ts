/** One student's hand-in: a folder, an archive or a file becomes the submission that is graded, and the tree of what was handed in. */
import { basename } from 'node:path';
import { lookAt, readBeginning } from '../files/read.ts';
import { HostError, PathError } from '../files/system-error.ts';
import type { SubmissionRules } from '../vocabulary/submission.ts';
import { Budget, SUBMISSION_LIMITS } from './archive/budget.ts';
import { archiveKind, BEGINNING, isArchiveName } from './archive/kind.ts';
import { unpack } from './archive/unpack.ts';
import { FileTree } from './file-tree.ts';
import type { HandIn } from './hand-in.ts';
import type { Found, HandInProblem, HostFault, KernelFile } from './handed-in.ts';
import { type Located, levels, searchKernel } from './search.ts';
import { join, type Tree } from './tree.ts';
import { whatItIs } from './what-it-is.ts';
import type { Workspace } from './workspace.ts';

/** What a reading of hand-ins goes by. */
export interface Reading {
  readonly rules: SubmissionRules;
  readonly workspace: Workspace;
}

export interface ReadEntry {
  readonly handIn: HandIn;
  /** Where a kernel was found, below the hand-in; more than one: they may be the folders of several students. */
  readonly folders: readonly string[];
}

/** Archives in an archive or in a folder. */
const DEEPEST_ARCHIVE = 3;
const MOST_ARCHIVES = 8;

export const LINK: HandInProblem = { problem: 'it is a symbolic link; what is handed in has to be a file or a folder of its own' };

/** A hand-in of which only this is known. */
export function withoutFiles(name: string, kernel: Found): HandIn {
  return { submission: { name, kernel, alsoMatched: [], sources: null }, files: null, origin: null };
}

/** A kernel, a file of sources, or an archive. Throws HostError only where the workspace fails. */
export async function readFileEntry(name: string, file: KernelFile, reading: Reading): Promise<ReadEntry> {
  const beginning = orFault(file.file, () => readBeginning(file.path, BEGINNING, 'refuse'));
  if ('fault' in beginning) return { handIn: withoutFiles(name, beginning.fault), folders: [] };
  if (archiveKind(beginning) === null && !isArchiveName(file.file)) return { handIn: alone(name, file, beginning, reading), folders: [] };
  const unpacked = await unpackEntry(file, new Budget(SUBMISSION_LIMITS, lookAt(file.path)?.size ?? 0), reading);
  if (!('list' in unpacked)) return { handIn: withoutFiles(name, unpacked), folders: [] };
  return readTree(name, unpacked, reading);
}

function alone(name: string, file: KernelFile, beginning: Buffer, { rules }: Reading): HandIn {
  if (rules.prebuilt && whatItIs(beginning) === null) return withoutFiles(name, file);
  const files = new FileTree(file);
  const kernel: Found = rules.build === null ? marked(file, rules) : NOT_BUILT;
  return { submission: { name, kernel, alsoMatched: [], sources: files.place }, files, origin: null };
}

/** Until it is built. */
const NOT_BUILT: HandInProblem = { problem: 'its kernel was not built' };

/** Whatever is found in it is the student's, however deep it lies. */
export async function readTree(name: string, tree: Tree, reading: Reading): Promise<ReadEntry> {
  const { rules } = reading;
  // What is built of sources is found by what the student has to hand in; nothing to find means all of it.
  const wanted = rules.build === null ? rules.kernel : rules.take;
  const search = await locate(tree, { kernel: wanted, several: rules.build === null ? rules.several : 'newest' }, reading, 0);
  if (rules.prebuilt && search.found === undefined) {
    const kernel = await locate(tree, rules, reading, 0);
    if (kernel.found !== undefined) return readyKernel(name, kernel, rules);
  }
  const files = search.tree.at(search.found?.folders.length === 1 ? search.found.folders[0]! : '');
  const folders = search.found?.folders ?? [];
  const found = search.found;
  if (rules.build !== null) {
    const kernel = found !== undefined && 'hostFault' in found.kernel && folders.length !== 1 ? found.kernel : NOT_BUILT;
    const handIn = {
      submission: { name, kernel, alsoMatched: [], sources: files.place },
      files: kernel === NOT_BUILT ? files : null,
      origin: null,
    };
    return { handIn, folders };
  }
  const kernel = found === undefined ? (search.refused ?? noKernel(rules)) : marked(found.kernel, rules);
  const alsoMatched = found?.alsoMatched ?? [];
  return { handIn: { submission: { name, kernel, alsoMatched, sources: search.tree.place }, files: search.tree, origin: null }, folders };
}

/** Nothing is built where there are no files to build. */
function readyKernel(name: string, { tree, found }: Hit, rules: SubmissionRules): ReadEntry {
  const { kernel, alsoMatched, folders } = found!;
  return {
    handIn: { submission: { name, kernel: marked(kernel, rules), alsoMatched, sources: tree.place }, files: null, origin: null },
    folders,
  };
}

export function noKernel({ kernel }: SubmissionRules): HandInProblem {
  return { problem: `no kernel was found: nothing in it matches ${kernel.join(' or ')}` };
}

export function marked(found: Found, { format }: SubmissionRules): Found {
  return 'path' in found && format === 'raw' ? { ...found, raw: true } : found;
}

interface Hit {
  /** In which it was found: the hand-in, or an archive in it. */
  readonly tree: Tree;
  readonly found: Located | undefined;
  /** Why an archive in it could not be read. */
  readonly refused?: HandInProblem | HostFault;
}

async function locate(tree: Tree, rules: Pick<SubmissionRules, 'kernel' | 'several'>, reading: Reading, depth: number): Promise<Hit> {
  const found = rules.kernel.length === 0 ? undefined : searchKernel(tree, rules);
  const archives = found === undefined && depth < DEEPEST_ARCHIVE ? archivesIn(tree) : [];
  const hits: { readonly archive: string; readonly hit: Hit }[] = [];
  let refused: HandInProblem | HostFault | undefined;
  for (const archive of archives) {
    const opened = tree.open(archive);
    if (!('path' in opened)) continue;
    const inside = await unpackEntry(opened, new Budget(SUBMISSION_LIMITS, lookAt(opened.path)?.size ?? 0), reading);
    if (!('list' in inside)) {
      refused ??= inside;
      continue;
    }
    const hit = await locate(inside, rules, reading, depth + 1);
    if (hit.found !== undefined || rules.kernel.length === 0) hits.push({ archive, hit: shownBelow(archive, hit) });
    refused ??= hit.refused;
  }
  if (hits.length === 1) return hits[0]!.hit;
  if (hits.length > 1 && rules.kernel.length > 0) {
    const hostFault = `kernels were found in several archives: ${hits.map(({ archive }) => archive).join(', ')}; only one of them can be graded`;
    return { tree, found: { kernel: { hostFault, undecided: true }, alsoMatched: [], folders: [''] } };
  }
  return refused === undefined ? { tree, found } : { tree, found, refused };
}

/** Paths of the nearest archives, which are told by their names. Those of a hand-in with very many are not what a student packed. */
function archivesIn(tree: Tree): string[] {
  try {
    for (const folders of levels(tree)) {
      const found = folders.flatMap((folder) =>
        (tree.list(folder) ?? []).flatMap(({ name, kind, unusable }) =>
          kind === 'file' && unusable === null && isArchiveName(name) && !name.startsWith('.') ? [join(folder, name)] : [],
        ),
      );
      if (found.length > 0) return found.length > MOST_ARCHIVES ? [] : found;
    }
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
  }
  return [];
}

/** `lab.zip/kernel.elf`. */
function shownBelow(archive: string, hit: Hit): Hit {
  const { found } = hit;
  if (found === undefined) return hit;
  const kernel = 'path' in found.kernel ? { ...found.kernel, file: join(archive, found.kernel.file) } : found.kernel;
  return { ...hit, found: { ...found, kernel, alsoMatched: found.alsoMatched.map((file) => join(archive, file)) } };
}

/** The archive's tree, or why there is none: any entry that cannot be taken makes all of it refused, since nobody knows what else is wrong. */
async function unpackEntry(file: KernelFile, budget: Budget, { workspace }: Reading): Promise<Tree | HandInProblem | HostFault> {
  const called = basename(file.file);
  try {
    const beginning = readBeginning(file.path, BEGINNING, 'refuse');
    if (archiveKind(beginning) === null)
      return { problem: `${called} is not an archive: it is ${whatItIs(beginning) ?? 'a RISC-V kernel'}` };
    const unpacked = await unpack(file.path, await workspace.folder(), budget);
    if ('problem' in unpacked) return { problem: `${called}: ${unpacked.problem}` };
    const [first] = unpacked.problems;
    return first === undefined ? unpacked.tree : { problem: `${called}: ${first.problem}` };
  } catch (error) {
    if (error instanceof PathError) return { problem: `${called}: ${error.message}` };
    throw error;
  }
}

function orFault(file: string, read: () => Buffer): Buffer | { readonly fault: Found } {
  try {
    return read();
  } catch (error) {
    if (error instanceof HostError) return { fault: { hostFault: `${file} cannot be read: ${error.reason}` } };
    if (error instanceof PathError) return { fault: { problem: `${file} cannot be read: ${error.message}` } };
    throw error;
  }
}
