/** Entries of a class that are one student's, as one tree: folders laid over each other, and files under the names that the student gave them. */
import { bytewise } from './bytewise.ts';
import type { HandInProblem, KernelFile, TreePlace } from './handed-in.ts';
import type { Part } from './platforms/exported.ts';
import { join, type Tree, type TreeEntry } from './tree.ts';

/** Files that are listed for other processes, which look for sources among them. */
const MOST_LISTED = 20_000;

/** What is left of the path below the folder; undefined if it does not lie there. */
function below(folder: string, path: string): string | undefined {
  if (folder === '' || path === folder) return folder === '' ? path : '';
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}

/** What the parts are entries of. */
type PartsOf = Pick<Tree, 'list' | 'open' | 'at'>;

export class JoinedTree implements Tree {
  readonly #tree: PartsOf;
  readonly #parts: readonly Part[];

  /** `tree`: the class. Of parts that have the same path, the first counts. */
  constructor(tree: PartsOf, parts: readonly Part[]) {
    this.#tree = tree;
    this.#parts = parts;
  }

  list(folder: string): TreeEntry[] | null {
    const found = new Map<string, TreeEntry>();
    let isFolder = folder === '';
    for (const { entry, as } of this.#parts) {
      const inside = below(as, folder);
      const listed = inside === undefined ? null : this.#tree.list(join(entry, inside));
      if (listed !== null) isFolder = true;
      for (const one of listed ?? []) if (!found.has(one.name)) found.set(one.name, one);
      const [name = '', ...rest] = as === folder ? [] : (below(folder, as) ?? '').split('/');
      if (name === '') continue;
      isFolder = true;
      const kind = rest.length > 0 || this.#tree.list(entry) !== null ? 'folder' : 'file';
      if (!found.has(name)) found.set(name, { name, kind, unusable: null });
    }
    return isFolder ? [...found.values()].sort((a, b) => bytewise(a.name, b.name)) : null;
  }

  open(file: string): KernelFile | HandInProblem {
    let refused: HandInProblem | undefined;
    for (const { entry, as } of this.#parts) {
      const inside = below(as, file);
      if (inside === undefined || (inside !== '' && !this.#has(entry, inside))) continue;
      const opened = inside === '' ? this.#tree.open(entry) : this.#tree.at(entry).open(inside);
      if ('path' in opened) return { ...opened, file };
      refused ??= opened;
    }
    return refused ?? { problem: `${file} is not there` };
  }

  /** A part that is a folder may lack what another one has. */
  #has(entry: string, file: string): boolean {
    const slash = file.lastIndexOf('/');
    const listed = this.#tree.list(join(entry, file.slice(0, Math.max(slash, 0)))) ?? [];
    return listed.some(({ name }) => name === file.slice(slash + 1));
  }

  at(folder: string): JoinedTree {
    const parts = this.#parts.flatMap(({ entry, as }): Part[] => {
      const inside = below(as, folder);
      if (inside !== undefined) return [{ entry: join(entry, inside), as: '' }];
      const outside = below(folder, as);
      return outside === undefined ? [] : [{ entry, as: outside }];
    });
    return new JoinedTree(this.#tree, parts);
  }

  get place(): TreePlace {
    const [only, ...others] = this.#parts;
    if (only !== undefined && others.length === 0 && only.as === '') return this.#tree.at(only.entry).place;
    const files: Record<string, string> = {};
    const folders = [''];
    for (const folder of folders) {
      for (const { name, kind } of this.list(folder) ?? []) {
        const path = join(folder, name);
        if (kind === 'folder' && !name.startsWith('.')) folders.push(path);
        const opened = kind === 'file' ? this.open(path) : null;
        if (opened !== null && 'path' in opened) files[path] = opened.path;
        if (folders.length + Object.keys(files).length > MOST_LISTED) return { files: {} };
      }
    }
    return { files };
  }
}
