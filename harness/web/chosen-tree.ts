/** The files that a student has chosen, as a tree like those that the command reads (submission/tree.ts). Runs in a worker, which may read them at once. */
import { bytewise } from '../submission/bytewise.ts';
import type { HandInProblem, KernelFile, TreePlace } from '../submission/handed-in.ts';
import type { FileFacts } from '../submission/kernel-search.ts';
import { join, type Tree, type TreeEntry } from '../submission/tree.ts';
import type { ChosenFile } from './messages.ts';

/** Of the names that only workers have. */
declare const FileReaderSync: new () => { readAsArrayBuffer(blob: Blob): ArrayBuffer };

/** A file cannot be read any more: nobody's grade depends on it. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
}

export class ChosenFiles {
  readonly #files: ReadonlyMap<string, File>;
  /** Entries by folder, then by name. */
  readonly #folders = new Map<string, Map<string, TreeEntry>>([['', new Map()]]);

  constructor(files: readonly ChosenFile[]) {
    this.#files = new Map(files.map(({ path, file }) => [path, file]));
    for (const path of this.#files.keys()) this.#enter(path, 'file');
  }

  #enter(path: string, kind: TreeEntry['kind']): void {
    const slash = path.lastIndexOf('/');
    const [folder, name] = [path.slice(0, Math.max(0, slash)), path.slice(slash + 1)];
    if (!this.#folders.has(folder)) {
      this.#folders.set(folder, new Map());
      this.#enter(folder, 'folder');
    }
    this.#folders.get(folder)!.set(name, { name, kind, unusable: null });
  }

  list(folder: string): TreeEntry[] | null {
    const entries = this.#folders.get(folder);
    return entries === undefined ? null : [...entries.values()].sort((a, b) => bytewise(a.name, b.name));
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  size(path: string): number {
    return this.#files.get(path)!.size;
  }

  /** The file's bytes, or its first ones. Throws UnreadableFile. */
  read(path: string, most?: number): Uint8Array {
    const file = this.#files.get(path)!;
    try {
      return new Uint8Array(new FileReaderSync().readAsArrayBuffer(most === undefined ? file : file.slice(0, most)));
    } catch {
      throw new UnreadableFile(`${path} cannot be read: it was changed or taken away after you chose it. Choose it again.`);
    }
  }

  readonly facts: FileFacts = {
    sameContent: ({ path: a }, { path: b }) => this.size(a) === this.size(b) && sameBytes(this.read(a), this.read(b)),
    changed: ({ path }) => this.#files.get(path)!.lastModified,
  };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

export class ChosenTree implements Tree {
  /** Nobody else opens the files by their places. */
  readonly place: TreePlace = { files: {} };
  readonly #files: ChosenFiles;
  readonly #top: string;

  constructor(files: ChosenFiles, top = '') {
    this.#files = files;
    this.#top = top;
  }

  list(folder: string): readonly TreeEntry[] | null {
    return this.#files.list(join(this.#top, folder));
  }

  open(file: string): KernelFile | HandInProblem {
    const path = join(this.#top, file);
    if (this.#files.has(path)) return { file, path };
    return { problem: this.#files.list(path) === null ? `${file} is not there` : `${file} is a folder, not a file` };
  }

  at(folder: string): Tree {
    return new ChosenTree(this.#files, join(this.#top, folder));
  }
}
