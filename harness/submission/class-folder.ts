/** The submissions of a class's folder. Names and entries are students': none of them may end the grading of the class, or reach the work of somebody else. */
import { join } from 'node:path';
import { type Entry, listFolder } from '../files/read.ts';
import { onPath, PathError } from '../files/system-error.ts';
import { bytewise } from './glob.ts';
import type { Found, HandInProblem, Submission } from './handed-in.ts';
import { findKernel, orHostFault, regularFile } from './kernel.ts';
import { holdsReports } from './report-folder.ts';

/** A link among submissions. */
export const LINK: HandInProblem = { problem: 'it is a symbolic link; what is handed in has to be a file or a folder of its own' };

export function noKernel(patterns: readonly string[]): HandInProblem {
  return { problem: `no kernel was found: nothing in it matches ${patterns.join(' or ')}` };
}

const DEEPEST_CLASS = 16;

/** The beginning of the shown name of an entry whose real name is not UTF-8. The bytes follow in percent escapes. */
const NO_UTF8 = '(not UTF-8) ';

interface ClassEntry {
  readonly shown: string;
  readonly kind: Entry['kind'];
  /** No path can be made of what is shown. */
  readonly unusable: boolean;
}

/** Every entry has a name that no other can have: one that begins like those of unusable names is unusable itself. */
function classEntry({ name, bytes, kind }: Entry): ClassEntry {
  if (name !== null && !name.startsWith(NO_UTF8)) return { shown: name, kind, unusable: false };
  return { shown: NO_UTF8 + bytes.toString('latin1').replace(/[^ -$&-~]/g, percentByte), kind, unusable: true };
}

function percentByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

export class ClassFolder {
  readonly #root: string;
  readonly #patterns: readonly string[];
  readonly submissions: Submission[] = [];
  /** Paths of folders with reports. */
  readonly leftOut: string[] = [];

  constructor(root: string, patterns: readonly string[]) {
    this.#root = root;
    this.#patterns = patterns;
  }

  /** Adds the entries of the folder at `below`; whether a submission's folder with a kernel was among them. Throws HostError, PathError. */
  add(below: string, depth: number): boolean {
    const entries = listFolder(join(this.#root, below))
      .map(classEntry)
      .filter(({ shown }) => !shown.startsWith('.'))
      .sort((a, b) => bytewise(a.shown, b.shown));
    let any = false;
    for (const entry of entries) {
      const name = below === '' ? entry.shown : `${below}/${entry.shown}`;
      if (!entry.unusable && entry.kind === 'folder') any = this.#addFolder(name, depth) || any;
      else this.submissions.push({ name, kernel: this.#notFolder(entry, join(this.#root, name)) });
    }
    return any;
  }

  #notFolder({ shown, kind, unusable }: ClassEntry, path: string): Found {
    if (unusable) return { problem: 'its name is not UTF-8; rename it' };
    return kind === 'link' ? LINK : orHostFault(`${shown} cannot be read`, () => regularFile(path, shown));
  }

  #addFolder(name: string, depth: number): boolean {
    const kernel = findKernel(join(this.#root, name), this.#patterns);
    if (kernel !== undefined) {
      this.submissions.push({ name, kernel });
      return true;
    }
    const before = { submissions: this.submissions.length, leftOut: this.leftOut.length };
    const nested = orHostFault('a folder in it cannot be listed', () => this.#addNested(name, depth + 1));
    if (nested === 'class') return true;
    if (nested === 'reports') return false;
    this.submissions.length = before.submissions;
    this.leftOut.length = before.leftOut;
    this.submissions.push({ name, kernel: nested === 'neither' ? noKernel(this.#patterns) : nested });
    return false;
  }

  /** Adds what a folder without a kernel holds. Throws HostError. */
  #addNested(name: string, depth: number): 'class' | 'reports' | 'neither' {
    const folder = join(this.#root, name);
    try {
      if (onPath(`listing ${folder}`, () => holdsReports(folder))) {
        this.leftOut.push(folder);
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
