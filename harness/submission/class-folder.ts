/** The submissions of a class's folder. Names and entries are students': none of them may end the grading of the class, or reach the work of somebody else. */
import { basename, join } from 'node:path';
import { onPath, PathError } from '../files/system-error.ts';
import { FolderTree } from './folder-tree.ts';
import type { HandIn } from './hand-in.ts';
import type { Found, HandInProblem } from './handed-in.ts';
import { orHostFault, regularFile, searchKernel } from './kernel.ts';
import type { Extra } from './platforms/exported.ts';
import { readExport } from './platforms/read-export.ts';
import { holdsReports } from './report-folder.ts';
import type { TreeEntry } from './tree.ts';

/** A link among submissions. */
export const LINK: HandInProblem = { problem: 'it is a symbolic link; what is handed in has to be a file or a folder of its own' };

export function noKernel(patterns: readonly string[]): HandInProblem {
  return { problem: `no kernel was found: nothing in it matches ${patterns.join(' or ')}` };
}

const DEEPEST_CLASS = 16;

const NOTHING_KNOWN: ReadonlySet<string> = new Set();

/** A hand-in that is a kernel's file, or nothing that can be read. */
export function withoutFiles(name: string, kernel: Found): HandIn {
  return { submission: { name, kernel, alsoMatched: [], sources: null }, files: null, origin: null };
}

export class ClassFolder {
  readonly #root: string;
  readonly #tree: FolderTree;
  readonly #patterns: readonly string[];
  readonly submissions: HandIn[] = [];
  /** Paths below the root of folders with reports. */
  readonly leftOut: string[] = [];
  /** What a platform has added to its export, by the paths below the root. */
  readonly extras: Extra[] = [];

  constructor(root: string, patterns: readonly string[]) {
    this.#root = root;
    this.#tree = new FolderTree(root);
    this.#patterns = patterns;
  }

  /** Adds the entries of the folder at `below`; whether a submission's folder with a kernel was among them. Throws HostError, PathError. */
  add(below: string, depth: number): boolean {
    const known = below === '' ? this.#addExport() : NOTHING_KNOWN;
    const entries = (this.#tree.list(below) ?? []).filter(({ name }) => !name.startsWith('.') && !known.has(name));
    let any = false;
    for (const entry of entries) {
      const name = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.unusable === null && entry.kind === 'folder') any = this.#addFolder(name, depth) || any;
      else this.submissions.push(withoutFiles(name, this.#notFolder(entry, join(this.#root, name))));
    }
    return any;
  }

  /** What a platform's export holds; the names of its entries. A folder in the class is a student's, who must not be able to speak for others. */
  #addExport(): ReadonlySet<string> {
    const { handIns, extras, known } = readExport(this.#tree, basename(this.#root), this.#patterns, noKernel(this.#patterns));
    this.submissions.push(...handIns);
    this.extras.push(...extras);
    return known;
  }

  #notFolder({ name, kind, unusable }: TreeEntry, path: string): Found {
    if (unusable !== null) return { problem: unusable };
    return kind === 'link' ? LINK : orHostFault(`${name} cannot be read`, () => regularFile(path, name));
  }

  #addFolder(name: string, depth: number): boolean {
    const files = this.#tree.at(name);
    const kernel = searchKernel(files, this.#patterns);
    if (kernel !== undefined) {
      this.submissions.push({ submission: { name, ...kernel, sources: files.place }, files, origin: null });
      return true;
    }
    const before = { submissions: this.submissions.length, leftOut: this.leftOut.length };
    const nested = orHostFault('a folder in it cannot be listed', () => this.#addNested(name, depth + 1));
    if (nested === 'class') return true;
    if (nested === 'reports') return false;
    this.submissions.length = before.submissions;
    this.leftOut.length = before.leftOut;
    const submission = { name, kernel: nested === 'neither' ? noKernel(this.#patterns) : nested, alsoMatched: [], sources: files.place };
    this.submissions.push({ submission, files, origin: null });
    return false;
  }

  /** Adds what a folder without a kernel holds. Throws HostError. */
  #addNested(name: string, depth: number): 'class' | 'reports' | 'neither' {
    const folder = join(this.#root, name);
    try {
      if (onPath(`listing ${folder}`, () => holdsReports(folder))) {
        this.leftOut.push(name);
        return 'reports';
      }
      return depth <= DEEPEST_CLASS && this.add(name, depth) ? 'class' : 'neither';
    } catch (error) {
      // It lies too deep for a path.
      if (error instanceof PathError) return 'neither';
      throw error;
    }
  }
}
