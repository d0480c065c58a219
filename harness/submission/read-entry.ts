/** One student's hand-in: a folder, an archive or a file becomes the submission that is graded, and the tree of what was handed in. */
import { basename } from 'node:path';
import { lookAt, readBeginning } from '../files/read.ts';
import { HostError, PathError } from '../files/system-error.ts';
import type { SubmissionRules } from '../vocabulary/submission.ts';
import { Budget, SUBMISSION_LIMITS } from './archive/budget.ts';
import { archiveKind, BEGINNING, isArchiveName } from './archive/kind.ts';
import { unpack } from './archive/unpack.ts';
import { FileTree } from './file-tree.ts';
import { withCommit } from './git/at-commit.ts';
import { bundleTree } from './git/bundle.ts';
import { CommitTree } from './git/commit-tree.ts';
import { isRepository } from './git/repository.ts';
import type { WantedCommit } from './git/wanted.ts';
import type { HandIn } from './hand-in.ts';
import type { Found, HandInProblem, HostFault, KernelFile } from './handed-in.ts';
import { submittedImage } from './image-search.ts';
import { orHostFault } from './kernel.ts';
import { type KernelRules, type Located, levels } from './kernel-search.ts';
import { whyLeftOut } from './left-out.ts';
import { isPointer, keptElsewhere, POINTER_BYTES } from './lfs-pointer.ts';
import { noKernel } from './no-kernel.ts';
import { searchKernel } from './search.ts';
import { textsIn } from './texts.ts';
import { join, type Tree } from './tree.ts';
import { whatItIs } from './what-it-is.ts';
import type { Workspace } from './workspace.ts';

/** What a reading of hand-ins goes by. */
export interface Reading {
  readonly rules: SubmissionRules;
  readonly workspace: Workspace;
  /** Of what git has packed: a folder is read at it later (git/at-commit.ts). */
  readonly commit: WantedCommit;
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
  const texts = rules.build === null ? {} : textsIn(files, kernel, rules);
  return { submission: { name, kernel, alsoMatched: [], sources: files.place, ...texts }, files, origin: null };
}

/** Patterns by which a hand-in is known: what is built is known by what the student has to hand in. Empty: all of it is wanted. */
export function wantedOf({ build, kernel, take, prebuilt }: SubmissionRules): readonly string[] {
  if (build === null) return kernel;
  return prebuilt ? [...take, ...kernel] : take;
}

/** Until it is built. */
const NOT_BUILT: HandInProblem = { problem: 'its kernel was not built' };

/** Whatever is found in it is the student's, however deep it lies. */
export async function readTree(name: string, tree: Tree, reading: Reading): Promise<ReadEntry> {
  const search = await locateFirst(tree, searchesFor(reading.rules), reading);
  const read = withTexts(withImages(await readHit(name, tree, search, reading), search.tree, reading.rules), search, reading);
  if (!(search.tree instanceof CommitTree)) return read;
  const { handIn } = read;
  const kernel = withoutPointer(handIn.submission.kernel);
  return {
    ...read,
    handIn: { ...handIn, submission: { ...handIn.submission, kernel }, origin: withCommit(handIn.origin, search.tree.facts) },
  };
}

/** The files that checks look at lie beside what was found. */
function withTexts({ handIn, folders }: ReadEntry, { tree, found }: Hit, { rules }: Reading): ReadEntry {
  const submission = { ...handIn.submission, ...textsIn(tree, found?.kernel ?? handIn.submission.kernel, rules) };
  return { handIn: { ...handIn, submission }, folders };
}

function withoutPointer(kernel: Found): Found {
  if (!('path' in kernel) || !isPointer(readBeginning(kernel.path, POINTER_BYTES, 'refuse'))) return kernel;
  return keptElsewhere(kernel.file);
}

/** With the images of drives that lie in the tree, which is the one that the kernel or its sources were found in. */
function withImages(read: ReadEntry, tree: Tree, { images }: SubmissionRules): ReadEntry {
  if (images.submitted.length === 0) return read;
  const found = images.submitted.map(
    (pattern) => [pattern, orHostFault(`${pattern} cannot be looked for`, () => submittedImage(tree, pattern))] as const,
  );
  const { handIn } = read;
  return { ...read, handIn: { ...handIn, submission: { ...handIn.submission, submittedImages: Object.fromEntries(found) } } };
}

async function readHit(name: string, tree: Tree, search: Hit, reading: Reading): Promise<ReadEntry> {
  const { rules } = reading;
  const { found } = search;
  const folders = found?.folders ?? [];
  if (rules.build === null) {
    const kernel = found === undefined ? (search.refused ?? noKernel(search.tree, rules.kernel)) : marked(found.kernel, rules);
    const alsoMatched = found?.alsoMatched ?? [];
    return { handIn: { submission: { name, kernel, alsoMatched, sources: search.tree.place }, files: search.tree, origin: null }, folders };
  }
  if (rules.prebuilt && found === undefined) {
    const ready = await locateFirst(tree, [rules], reading);
    if (ready.found !== undefined) return readyKernel(name, ready, rules);
  }
  const undecided = found !== undefined && 'hostFault' in found.kernel && folders.length !== 1 ? found.kernel : undefined;
  const kernel = undecided ?? (found === undefined ? search.refused : undefined);
  if (kernel !== undefined) return { handIn: withoutFiles(name, kernel), folders };
  // A repository is read at its top, whatever commit it is read at.
  const files = folders.length === 1 && !isRepository(search.tree) ? search.tree.at(folders[0]!) : search.tree;
  return { handIn: { submission: { name, kernel: NOT_BUILT, alsoMatched: [], sources: files.place }, files, origin: null }, folders };
}

/**
 * Patterns by which a hand-in is searched, the surest first. Sources are looked for where they belong, then by their names alone, and where a
 * single file is wanted, by its kind: what lies there is put into its place when it is built (build/overlay.ts).
 */
function searchesFor({ build, kernel, take, several }: SubmissionRules): KernelRules[] {
  if (build === null) return [{ kernel, several }];
  const names = take.map((pattern) => pattern.slice(pattern.lastIndexOf('/') + 1)).filter((name) => !/[*?]/.test(name));
  const endings = take.length === 1 ? names.flatMap((name) => /\.[^.]+$/.exec(name)?.map((ending) => `*${ending}`) ?? []) : [];
  const lists = [take, names, endings].filter((patterns, index) => index === 0 || patterns.length > 0);
  return lists.map((patterns) => ({ kernel: patterns, several: 'newest' }));
}

async function locateFirst(tree: Tree, searches: readonly KernelRules[], reading: Reading): Promise<Hit> {
  const opened: Opened = new Map();
  let last: Hit = { tree, found: undefined };
  for (const [index, rules] of searches.entries()) {
    const hit = await locate(tree, rules, { reading, opened }, 0);
    // What was found by its name alone may lie anywhere in the tree.
    if (hit.found !== undefined) {
      const { folders } = hit.found;
      return index === 0 || folders.length === 0 ? hit : { ...hit, found: { ...hit.found, folders: [''] } };
    }
    last = hit;
  }
  return last;
}

/** Nothing is built where there are no files to build. */
function readyKernel(name: string, { tree, found }: Hit, rules: SubmissionRules): ReadEntry {
  const { kernel, alsoMatched, folders } = found!;
  return {
    handIn: { submission: { name, kernel: marked(kernel, rules), alsoMatched, sources: tree.place }, files: null, origin: null },
    folders,
  };
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

/** Archives that were unpacked already, by their paths. */
type Opened = Map<string, Tree | HandInProblem | HostFault>;

interface Locating {
  readonly reading: Reading;
  readonly opened: Opened;
}

async function locate(tree: Tree, rules: KernelRules, locating: Locating, depth: number): Promise<Hit> {
  const isAnything = rules.kernel.length === 0;
  const found = isAnything ? undefined : searchKernel(tree, rules);
  const looks = depth < DEEPEST_ARCHIVE && (isAnything ? holdsNoWork(tree) : found === undefined);
  const hits: { readonly archive: string; readonly hit: Hit }[] = [];
  let refused: HandInProblem | HostFault | undefined;
  for (const archive of looks ? archivesIn(tree) : []) {
    const inside = await inArchive(tree, archive, locating);
    if (!('list' in inside)) {
      refused ??= inside;
      continue;
    }
    const hit = await locate(inside, rules, locating, depth + 1);
    if (hit.found !== undefined || isAnything) hits.push({ archive, hit: shownBelow(archive, hit) });
    refused ??= hit.refused;
  }
  if (hits.length === 1) return hits[0]!.hit;
  if (hits.length > 1) {
    const what = isAnything ? 'there are several archives' : 'kernels or sources were found in several archives';
    const hostFault = `${what}: ${hits.map(({ archive }) => archive).join(', ')}; only one of them can be graded`;
    return { tree, found: { kernel: { hostFault, undecided: true }, alsoMatched: [], folders: [] } };
  }
  return refused === undefined ? { tree, found } : { tree, found, refused };
}

async function inArchive(tree: Tree, archive: string, { reading, opened }: Locating): Promise<Tree | HandInProblem | HostFault> {
  const file = tree.open(archive);
  if (!('path' in file)) return file;
  const known = opened.get(file.path);
  if (known !== undefined) return known;
  const inside = await unpackEntry(file, new Budget(SUBMISSION_LIMITS, lookAt(file.path)?.size ?? 0), reading);
  opened.set(file.path, inside);
  return inside;
}

/** Whether there is nothing but archives, and documents beside them. */
function holdsNoWork(tree: Tree): boolean {
  for (const folders of levels(tree)) {
    for (const folder of folders) {
      const files = (tree.list(folder) ?? []).filter(({ kind }) => kind === 'file');
      if (files.some(({ name }) => !isArchiveName(name) && whyLeftOut(name, 'file', null) === null)) return false;
    }
  }
  return true;
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
async function unpackEntry(file: KernelFile, budget: Budget, { workspace, commit }: Reading): Promise<Tree | HandInProblem | HostFault> {
  const called = basename(file.file);
  try {
    const beginning = readBeginning(file.path, BEGINNING, 'refuse');
    const kind = archiveKind(beginning);
    if (kind === 'bundle') {
      const bundle = await bundleTree(file.path, commit, () => workspace.folder());
      return 'problem' in bundle ? { problem: `${called}: ${bundle.problem}` } : bundle;
    }
    if (kind === null) return { problem: `${called} is not an archive: it is ${whatItIs(beginning) ?? 'a RISC-V kernel'}` };
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
