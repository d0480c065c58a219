/** A file that was handed in alone, as a tree with nothing else in it. */
import { bytewise } from './bytewise.ts';
import type { HandInProblem, KernelFile, TreePlace } from './handed-in.ts';
import type { Tree, TreeEntry } from './tree.ts';

export class FileTree implements Tree {
  readonly #files: ReadonlyMap<string, KernelFile>;

  constructor(...files: readonly KernelFile[]) {
    this.#files = new Map(files.map((one) => [one.file, one]));
  }

  get place(): TreePlace {
    return { files: Object.fromEntries(Array.from(this.#files.values(), ({ file, path }) => [file, path])) };
  }

  list(folder: string): TreeEntry[] | null {
    if (folder !== '') return null;
    return [...this.#files.keys()].sort(bytewise).map((name) => ({ name, kind: 'file', unusable: null }));
  }

  open(file: string): KernelFile | HandInProblem {
    return this.#files.get(file) ?? { problem: `${file} is not there` };
  }

  at(folder: string): FileTree {
    return folder === '' ? this : new FileTree();
  }
}
