/**
 * From what was named on the command line to submissions.
 *
 *   - A file is a submission.
 *   - A folder in which one of the rubric's `submission.kernel` patterns finds a file is a submission.
 *   - Any other folder is a class, and each of its entries a submission. Inside a class, a folder without a kernel is a
 *     class in turn where a submission's folder lies below it, else a failed submission.
 *
 * A submission's name is its path below what was named (a thing that is named itself goes by its last name). Entries whose
 * names begin with a dot are nobody's submission. Left out: archives and builds from source.
 */
import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { bytewise } from './glob.ts';
import { containedPath, findKernel, type KernelFile, type Problem, regularFile, resolveKernel } from './kernel.ts';

export interface Submission {
  /** With `/` between folders; as the student wrote it, so not fit to print or to open a file by (see name.ts). */
  readonly name: string;
  readonly kernel: KernelFile | Problem;
}

/** A path on the command line that cannot be graded: a mistake of whoever typed it. */
export class SubmissionPathError extends Error {
  override readonly name = 'SubmissionPathError';
}

const DEEPEST_CLASS = 16;

/** Entries of a folder, bytewise; a name that is no UTF-8 is undefined beside its bytes in percent escapes. */
function listEntries(folder: string): { entry: Dirent; shown: string; usable: boolean }[] {
  const listed = readdirSync(folder, { withFileTypes: true, encoding: 'buffer' }) as unknown as (Omit<Dirent, 'name'> & { name: Buffer })[];
  return listed
    .map((raw) => {
      const text = raw.name.toString('utf8');
      const usable = Buffer.from(text, 'utf8').equals(raw.name);
      return {
        entry: raw as unknown as Dirent,
        shown: usable ? text : raw.name.toString('latin1').replace(/[^ -~]/g, percentByte),
        usable,
      };
    })
    .filter(({ shown }) => !shown.startsWith('.'))
    .sort((a, b) => bytewise(a.shown, b.shown));
}

function percentByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

function noKernel(patterns: readonly string[]): Problem {
  return { problem: `no kernel was found: nothing in it matches ${patterns.join(' or ')}` };
}

class ClassFolder {
  readonly #root: string;
  readonly #patterns: readonly string[];
  readonly submissions: Submission[] = [];

  constructor(root: string, patterns: readonly string[]) {
    this.#root = root;
    this.#patterns = patterns;
  }

  /** Adds the entries of the folder at `below`; whether a submission's folder with a kernel was among them. */
  add(below: string, depth: number): boolean {
    let any = false;
    for (const { entry, shown, usable } of listEntries(join(this.#root, below))) {
      const name = below === '' ? shown : `${below}/${shown}`;
      if (!usable) this.#take(name, { problem: 'its name is not UTF-8; rename it' });
      else if (entry.isDirectory()) any = this.#addFolder(name, depth) || any;
      else if (entry.isSymbolicLink()) this.#addLink(name);
      else this.#take(name, resolveKernel(dirname(join(this.#root, name)), basename(name)));
    }
    return any;
  }

  #take(name: string, kernel: KernelFile | Problem): void {
    this.submissions.push({ name, kernel });
  }

  #addFolder(name: string, depth: number): boolean {
    const kernel = this.#kernelIn(name);
    if (kernel !== undefined) {
      this.#take(name, kernel);
      return true;
    }
    const before = this.submissions.length;
    const nested = depth < DEEPEST_CLASS ? this.#addNested(name, depth + 1) : false;
    if (nested === true) return true;
    this.submissions.length = before;
    this.#take(name, nested === false ? noKernel(this.#patterns) : nested);
    return false;
  }

  #addNested(name: string, depth: number): boolean | Problem {
    try {
      return this.add(name, depth);
    } catch (error) {
      return { problem: `the folder cannot be listed (${(error as NodeJS.ErrnoException).code})` };
    }
  }

  #kernelIn(name: string): KernelFile | Problem | undefined {
    return findKernel(join(this.#root, name), this.#patterns);
  }

  /** A link may stand for a file or a submission's folder of the same class; as a class it is not descended into (it may lead back). */
  #addLink(name: string): void {
    const path = containedPath(this.#root, name);
    if (typeof path !== 'string') this.#take(name, path);
    else if (statSync(path).isDirectory()) this.#take(name, this.#kernelIn(name) ?? noKernel(this.#patterns));
    else this.#take(name, regularFile(path, basename(name)));
  }
}

interface Named {
  readonly path: string;
  readonly submissions: readonly Submission[];
  /** Named itself, not found inside a class. */
  readonly single: boolean;
}

function look(path: string, patterns: readonly string[], single: boolean): Named {
  let stat: ReturnType<typeof statSync>;
  try {
    stat = statSync(path);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new SubmissionPathError(`${path}: ${missing ? 'no such file or folder' : 'cannot be read'}`);
  }
  const name = basename(resolve(path)) || 'submission';
  if (!stat.isDirectory()) {
    return { path, single: true, submissions: [{ name, kernel: regularFile(realpathSync(path), name) }] };
  }
  const kernel = findKernel(path, patterns);
  if (kernel !== undefined || single) return { path, single: true, submissions: [{ name, kernel: kernel ?? noKernel(patterns) }] };
  const folder = new ClassFolder(path, patterns);
  try {
    folder.add('', 0);
  } catch {
    throw new SubmissionPathError(`${path}: the folder cannot be listed`);
  }
  if (folder.submissions.length === 0) throw new SubmissionPathError(`${path}: the folder is empty: neither a submission nor a class`);
  return { path, single: false, submissions: folder.submissions.sort((a, b) => bytewise(a.name, b.name)) };
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

/**
 * The submissions behind the paths, in the order of the paths and bytewise inside a class. Where two of them would go by one
 * name, all go by their paths below the folder that the named ones share. `single`: every path is one submission, a folder without a
 * kernel a failed one. Throws SubmissionPathError.
 */
export function findSubmissions(paths: readonly string[], patterns: readonly string[], single = false): Submission[] {
  const named = paths.map((path) => look(path, patterns, single));
  const plain = named.flatMap(({ submissions }) => submissions);
  if (duplicate(plain.map(({ name }) => name)) === undefined) return plain;
  const shared = commonFolder(paths);
  const renamed = named.flatMap(({ path, single, submissions }) => {
    const prefix = relative(shared, resolve(path)).split(sep).join('/');
    return submissions.map(({ name, kernel }) => ({ name: single ? prefix : `${prefix}/${name}`, kernel }));
  });
  const twice = duplicate(renamed.map(({ name }) => name));
  if (twice !== undefined) throw new SubmissionPathError(`${twice}: named twice`);
  return renamed;
}
