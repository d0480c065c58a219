/** The entries of a class as a tree: an entry is opened by what it is called here, whatever the bytes of its name on the disk are. */
import type { ClassEntry } from './class.ts';
import { FileTree } from './file-tree.ts';
import type { HandInProblem, KernelFile } from './handed-in.ts';
import type { Tree, TreeEntry } from './tree.ts';

export class ClassTree {
  readonly #entries: ReadonlyMap<string, ClassEntry>;

  /** In bytewise order. */
  constructor(entries: readonly ClassEntry[]) {
    this.#entries = new Map(entries.map((entry) => [entry.name, entry]));
  }

  /** Throws HostError. */
  list(folder: string): readonly TreeEntry[] | null {
    if (folder !== '') return this.#tree(folder)?.list(below(folder)) ?? null;
    return Array.from(this.#entries.values(), ({ name, kind, problem }) => ({ name, kind, unusable: problem }));
  }

  /** Throws HostError. */
  open(file: string): KernelFile | HandInProblem {
    const entry = this.#entries.get(top(file));
    if (entry !== undefined && entry.problem !== null) return { problem: entry.problem };
    if (entry?.kind === 'file' && top(file) === file) return entry.file();
    return this.#tree(file)?.open(below(file)) ?? { problem: `${file} is not there` };
  }

  at(folder: string): Tree {
    return this.#tree(folder)?.at(below(folder)) ?? new FileTree();
  }

  /** Of the entry that the path begins with. */
  #tree(path: string): Tree | undefined {
    const entry = this.#entries.get(top(path));
    return entry?.kind === 'folder' && entry.problem === null ? entry.tree() : undefined;
  }
}

function top(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? path : path.slice(0, slash);
}

function below(path: string): string {
  return path.slice(top(path).length + 1);
}
