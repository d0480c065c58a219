/**
 * From what was named on the command line to submissions (docs/submissions.md has the rule with a picture).
 *
 *   - A file that is not an archive is a submission.
 *   - A folder or an archive in which the rubric's patterns find a kernel on top is a submission.
 *   - Any other is a class: each of its entries is what one student handed in, or nobody's work.
 *
 * What could be either is an error. A symbolic link among others may stand for somebody else's work, so it is not followed; one that is named alone is.
 */
import { basename, join, relative, resolve, sep } from 'node:path';
import { lookAt, lookThrough, readBeginning, realPath } from '../files/read.ts';
import { HostError, PathError } from '../files/system-error.ts';
import type { SubmissionRules } from '../vocabulary/submission.ts';
import { Budget, CLASS_LIMITS } from './archive/budget.ts';
import { archiveKind, BEGINNING, withoutArchiveExtension } from './archive/kind.ts';
import { type Unpacked, unpack } from './archive/unpack.ts';
import { archiveEntries, type ClassEntry, folderEntries, readStudents, sortOut, studentName } from './class.ts';
import { FolderTree } from './folder-tree.ts';
import { isRepository } from './git/repository.ts';
import { NO_COMMIT, type WantedCommit } from './git/wanted.ts';
import type { HandIn } from './hand-in.ts';
import type { Found } from './handed-in.ts';
import { namedKernel, orHostFault } from './kernel.ts';
import { nameOfKernel } from './kernel-name.ts';
import { isExport, readExport } from './platforms/read-export.ts';
import { LINK, type Reading, readFileEntry, readTree, wantedOf, withoutFiles } from './read-entry.ts';
import { searchKernel, searchTop } from './search.ts';
import { withoutSections } from './sections.ts';
import { onlyFolder, type Tree } from './tree.ts';
import type { Workspace } from './workspace.ts';

export interface LeftOutPath {
  /** As the path was named, and below it. */
  readonly path: string;
  readonly reason: string;
}

export interface FoundSubmissions {
  readonly submissions: HandIn[];
  /** What is nobody's work. */
  readonly leftOut: LeftOutPath[];
  /** Those of the paths that are classes. */
  readonly classes: string[];
}

/** A path on the command line that cannot be graded: a mistake of the person who typed it. */
export class SubmissionPathError extends Error {
  override readonly name = 'SubmissionPathError';
}

interface Named extends Omit<FoundSubmissions, 'classes'> {
  readonly path: string;
  /** Named itself, not found inside a class. */
  readonly single: boolean;
}

/** What a path stands for, before it is known whether it is one submission. */
interface Opened {
  readonly path: string;
  /** Of a submission that is named itself. */
  readonly name: string;
  readonly tree: Tree;
  readonly entries: () => Promise<ClassEntry[]>;
  /** Why not all of an archive could be read; null: it could. */
  readonly problem: string | null;
}

export interface HowToFind {
  /** Every path is one submission; a folder without a kernel is one that failed. */
  readonly single?: boolean;
  /** A repository is one submission. */
  readonly repositories?: boolean;
  /** Names of submissions by the roster, which tell sections from students; left out: none. */
  readonly named?: ReadonlySet<string>;
  /** At which what git has packed is read; left out: its HEAD. */
  readonly commit?: WantedCommit;
  readonly workspace: Workspace;
}

/**
 * The submissions that the paths name, in the order of the paths; inside a class sorted by the bytes of the names. What it unpacks is in the
 * workspace. Throws HostError, SubmissionPathError.
 */
export async function findSubmissions(
  paths: readonly string[],
  rules: SubmissionRules,
  { single = false, repositories = false, named: wanted = new Set(), commit = NO_COMMIT, workspace }: HowToFind,
): Promise<FoundSubmissions> {
  const reading = { rules, workspace, commit };
  const opened: (Opened | Named)[] = [];
  for (const path of paths) opened.push(await asUser(path, () => open(path, reading, paths.length === 1)));
  // Where one of several is a submission, a shell has named the students of a class, and the others are students as well.
  const severalStudents = opened.length > 1 && opened.some((one) => 'tree' in one && onTop(one, rules) !== undefined);
  const named: Named[] = [];
  for (const one of opened) {
    const isOne = single || severalStudents || (repositories && 'tree' in one && isRepository(one.tree));
    const how = isOne ? 'single' : opened.length === 1 ? 'alone' : 'among others';
    named.push('tree' in one ? await asUser(one.path, () => read(one, reading, { as: how, named: wanted })) : one);
  }
  const classes = named.flatMap(({ path, single: isOne }) => (isOne ? [] : [path]));
  return { submissions: withOwnNames(named), leftOut: named.flatMap(({ leftOut }) => leftOut), classes };
}

async function asUser<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof PathError) throw new SubmissionPathError(`${path}: ${error.message}`);
    throw error;
  }
}

async function open(path: string, reading: Reading, alone: boolean): Promise<Opened | Named> {
  const stat = lookThrough(path);
  const name = (basename(resolve(path)) || 'submission').normalize('NFC');
  const one = (handIn: HandIn): Named => ({ path, single: true, submissions: [handIn], leftOut: [] });
  const only = (kernel: Found) => one(withoutFiles(name, kernel));
  if (!alone && lookAt(path)?.isSymbolicLink()) return only(LINK);
  if (stat === undefined) throw new SubmissionPathError(`${path}: no such file or folder`);
  const real = realPath(path) ?? path;
  if (stat.isDirectory()) {
    const entries = () => folderEntries(real, reading.workspace);
    return { path, name, tree: new FolderTree(real), entries, problem: null };
  }
  const archive = stat.isFile() ? archiveKind(orNothing(() => readBeginning(real, BEGINNING, 'refuse'))) : null;
  // A bundle is one student's repository.
  if (archive === 'bundle') return one((await readFileEntry(withoutArchiveExtension(name), { file: name, path: real }, reading)).handIn);
  if (archive !== null) return openArchive(path, real, name, reading, alone);
  const kernel = orHostFault(`${name} cannot be read`, () => namedKernel(path));
  if (!('path' in kernel)) return only(kernel);
  return one((await readFileEntry(nameOfKernel(path, reading.rules.kernel), kernel, reading)).handIn);
}

/** What cannot be read is said where it is read again. */
function orNothing(read: () => Buffer): Buffer {
  try {
    return read();
  } catch (error) {
    if (error instanceof HostError || error instanceof PathError) return Buffer.alloc(0);
    throw error;
  }
}

async function openArchive(path: string, real: string, file: string, { workspace }: Reading, alone: boolean): Promise<Opened | Named> {
  const unpacked: Unpacked | { problem: string } = await unpack(
    real,
    await workspace.folder(),
    new Budget(CLASS_LIMITS, lookAt(real)?.size ?? 0),
  );
  const name = withoutArchiveExtension(file);
  if ('problem' in unpacked) {
    if (alone) throw new SubmissionPathError(`${path}: ${unpacked.problem}`);
    return { path, single: true, submissions: [withoutFiles(name, { problem: `${file}: ${unpacked.problem}` })], leftOut: [] };
  }
  const { tree, problems } = unpacked;
  // An export of one student may hold nothing else than that student's folder.
  const top = isExport(tree, name) ? '' : onlyFolder(tree);
  const entries = async () => archiveEntries(tree, top, problems);
  const nobodys = problems.find(({ parts }) => parts.length < (top === '' ? 1 : 2));
  if (nobodys !== undefined && alone) throw new SubmissionPathError(`${path}: ${nobodys.problem}`);
  return { path, name, tree: tree.at(top), entries, problem: problems[0] === undefined ? null : `${file}: ${problems[0].problem}` };
}

/** What the rubric's patterns match on its top; undefined: nothing. */
function onTop({ tree }: Opened, rules: SubmissionRules): Found | undefined {
  const patterns = wantedOf(rules);
  return patterns.length === 0 ? undefined : searchTop(tree, { kernel: patterns, several: rules.several })?.kernel;
}

function isHostFault(found: Found): boolean {
  return 'hostFault' in found && found.undecided !== true;
}

interface ReadAs {
  readonly as: 'single' | 'alone' | 'among others';
  readonly named: ReadonlySet<string>;
}

async function read(opened: Opened, reading: Reading, { as: how, named }: ReadAs): Promise<Named> {
  const { path, name, tree, problem } = opened;
  const { rules } = reading;
  const one = async (): Promise<Named> => {
    const handIn = problem === null ? (await readTree(name, tree, reading)).handIn : withoutFiles(name, { problem });
    return { path, single: true, submissions: [handIn], leftOut: [] };
  };
  if (how === 'single') return one();
  if (isExport(tree, name)) return readClass(opened, reading, named);
  const found = onTop(opened, rules);
  if (found !== undefined) {
    // What this computer cannot list may be a class: to leave it out in silence is worse than to end.
    if ('hostFault' in found && isHostFault(found) && how === 'alone') throw new HostError(`${path}: ${found.hostFault}`);
    const others = kernelsBelow(tree, rules);
    if (others.length >= (how === 'alone' ? 1 : 2)) throw new SubmissionPathError(mixed(path, found, others));
    return one();
  }
  return readClass(opened, reading, named);
}

/** Folders on top that hold a kernel of their own. Throws HostError. */
function kernelsBelow(tree: Tree, rules: SubmissionRules): string[] {
  const patterns = { kernel: wantedOf(rules), several: rules.several };
  const folders = (tree.list('') ?? []).filter(
    ({ name, kind, unusable }) => kind === 'folder' && unusable === null && !name.startsWith('.'),
  );
  return folders.flatMap(({ name }) => {
    const found = searchKernel(tree.at(name), patterns)?.kernel;
    if (found !== undefined && 'hostFault' in found && isHostFault(found)) throw new HostError(found.hostFault);
    return found === undefined ? [] : [name];
  });
}

function mixed(path: string, kernel: Found, folders: readonly string[]): string {
  const file = 'path' in kernel ? kernel.file : 'the kernel on its top';
  const shown = folders.slice(0, 3).join(', ') + (folders.length > 3 ? ', …' : '');
  return (
    `${path}: is it one submission, with ${file}, or a class, with ${shown}? ` +
    `If it is one submission, say --single; if it is a class, move ${file} away, or name the students: ${join(path, '*/')}`
  );
}

async function readClass({ path, name, entries, problem }: Opened, reading: Reading, named: ReadonlySet<string>): Promise<Named> {
  const listed = await entries();
  const exported = await readExport(listed, name, reading);
  const rest = listed.filter((entry) => !exported.known.has(entry.name)).flatMap((entry) => withoutSections(entry, named));
  const sorted = sortOut(rest, reading.rules);
  const { students } = sorted;
  const leftOut = [...exported.extras, ...sorted.leftOut];
  if (students.length === 0 && exported.handIns.length === 0 && leftOut.length === 0) {
    throw new SubmissionPathError(`${path}: ${problem ?? 'the folder is empty: neither a submission nor a class'}`);
  }
  if (students.length === 0 && exported.handIns.length === 0) {
    const [first] = leftOut;
    throw new SubmissionPathError(`${path}: nothing in it is a student's work (${first!.entry}: ${first!.reason})`);
  }
  const twice = duplicate(students.map(studentName));
  if (twice !== undefined) {
    const both = students.filter((one) => studentName(one) === twice).map(({ name }) => name);
    throw new SubmissionPathError(`${path}: ${both.join(' and ')} would both be the submission ${twice}: move one of them away`);
  }
  const { handIns, sections } = await readStudents(students, reading);
  const withOne = handIns.filter(({ submission: { kernel } }) => 'path' in kernel).length;
  const [section] = sections;
  // One student with two kernels is that student's matter; where most entries are like that, they are sections and not students.
  if (section !== undefined && sections.length >= withOne) {
    const folders = section.folders.slice(0, 3).join(', ') + (section.folders.length > 3 ? ', …' : '');
    throw new SubmissionPathError(
      `${path}: ${section.name} holds kernels in several folders (${folders}): if these are students of a section, name the sections: ${join(path, '*/')}, or give the roster's column "submission" the paths (${section.name}/${section.folders[0]})`,
    );
  }
  const submissions = [...exported.handIns, ...handIns].sort((a, b) => bytewiseName(a, b));
  return { path, single: false, submissions, leftOut: leftOut.map(({ entry, reason }) => ({ path: join(path, entry), reason })) };
}

function bytewiseName(a: HandIn, b: HandIn): number {
  return Buffer.compare(Buffer.from(nameOf(a)), Buffer.from(nameOf(b)));
}

function commonFolder(paths: readonly string[]): string {
  const split = paths.map((path) => resolve(path).split(sep));
  const shared = split[0]!.slice(0, -1);
  while (!split.every((parts) => shared.every((part, index) => parts[index] === part))) shared.pop();
  return shared.join(sep) || sep;
}

function duplicate(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

function nameOf({ submission: { name } }: HandIn): string {
  return name;
}

/** If two would have the same name, all are called by their paths below the folder that the named ones share. Throws SubmissionPathError. */
function withOwnNames(named: readonly Named[]): HandIn[] {
  const plain = named.flatMap(({ submissions }) => submissions);
  if (duplicate(plain.map(nameOf)) === undefined) return plain;
  const shared = commonFolder(named.map(({ path }) => path));
  const renamed = named.flatMap(({ path, single, submissions }) => {
    const prefix = relative(shared, resolve(path)).split(sep).join('/').normalize('NFC');
    return submissions.map((one) => {
      const name = single ? prefix : `${prefix}/${nameOf(one)}`;
      return { ...one, submission: { ...one.submission, name } };
    });
  });
  const twice = duplicate(renamed.map(nameOf));
  if (twice !== undefined) throw new SubmissionPathError(`${twice}: named twice`);
  return renamed;
}
