/**
 * The sources that were handed in beside a kernel: which file a compiler's path means, and the lines around one.
 *
 * A kernel was compiled in a folder of its own (`/build/lab/kernel/blk.c`), so paths are compared from their ends: the file that
 * shares the most names with the compiler's path is meant, if no other shares as many. The file's name alone is enough only where the
 * compiler ran in the file's own folder: every project has a `main.c` somewhere. What cannot be told apart, or is not text, or is shorter
 * than the line's number, has been changed or belongs to something else, and is not shown. Where bootgrade has built the kernel itself,
 * nothing has to be compared: each path of the tree that was built is known.
 */
import type { SourceExcerpt } from '../evidence/explanation.ts';

/** Files that were handed in, as far as they may be sources. A port: the same hand-in always answers the same. */
export interface SourceFiles {
  /** Paths of the regular files, with `/`; empty where there are more than can be looked at. */
  list(): readonly string[];
  /** The file's bytes; null where it is too large, or cannot be read. */
  read(path: string): Uint8Array | null;
  /**
   * Of a build of our own: the top of its tree as compilers knew it (empty: it had no name that lasts), and which of the files had which path
   * below it. Left out: where the kernel was compiled is not known.
   */
  readonly built?: { readonly top: string; readonly files: ReadonlyMap<string, string> };
}

/** Lines before and after one. */
const AROUND = 3;
/** Characters of a line. */
const LONGEST_LINE = 240;
const MOST_FILES = 64;
/** Bytes of all files that are read. */
const MOST_BYTES = 8 * 1024 * 1024;

export class SourceLines {
  readonly #files: SourceFiles;
  /** Paths by their last name; made when it is first asked for. */
  #byName: Map<string, string[]> | undefined;
  readonly #known = new Map<string, string | null>();
  readonly #texts = new Map<string, readonly string[] | null>();
  #bytesLeft = MOST_BYTES;

  constructor(files: SourceFiles) {
    this.#files = files;
  }

  /** What was handed in as the file that a compiler that ran in `folder` calls `path`, which has no `.` in it; null: nothing, or it cannot be told. */
  find(path: string, folder: string): string | null {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const found = this.#search(path, folder);
    this.#known.set(path, found);
    return found;
  }

  #search(path: string, folder: string): string | null {
    const { built } = this.#files;
    // Whatever else lies there is the course's, even if a file of the student's has the same name.
    if (built !== undefined && built.top !== '' && path.startsWith(`${built.top}/`)) {
      return built.files.get(path.slice(built.top.length + 1)) ?? null;
    }
    const found = this.#bestMatch(path, folder);
    return found === null ? null : (built?.files.get(found) ?? found);
  }

  #bestMatch(path: string, folder: string): string | null {
    this.#byName ??= byName(this.#files.built === undefined ? this.#files.list() : [...this.#files.built.files.keys()]);
    const names = path.split('/');
    const shared = (this.#byName.get(names.at(-1)!) ?? []).map((file) => ({ file, count: sharedNames(file.split('/'), names) }));
    const most = Math.max(0, ...shared.map(({ count }) => count));
    const best = shared.filter(({ count }) => count === most);
    const isNameEnough = names.length === 1 || names.slice(0, -1).join('/') === folder;
    return best.length === 1 && (most > 1 || isNameEnough) ? best[0]!.file : null;
  }

  /** The line of a file that `find` has found with those around it; null if the file has no such line. */
  excerpt(path: string, line: number): SourceExcerpt | null {
    const lines = this.#lines(path);
    if (lines === null || line > lines.length) return null;
    const first = Math.max(1, line - AROUND);
    return { path, line, code: { first, lines: lines.slice(first - 1, line + AROUND).map(cut) } };
  }

  #lines(file: string): readonly string[] | null {
    const known = this.#texts.get(file);
    if (known !== undefined) return known;
    const bytes = this.#texts.size < MOST_FILES && this.#bytesLeft > 0 ? this.#files.read(file) : null;
    this.#bytesLeft -= bytes?.length ?? 0;
    const lines = bytes === null ? null : linesOf(bytes);
    this.#texts.set(file, lines);
    return lines;
  }
}

function byName(files: readonly string[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const file of files) {
    const name = file.slice(file.lastIndexOf('/') + 1);
    const same = names.get(name);
    if (same === undefined) names.set(name, [file]);
    else same.push(file);
  }
  return names;
}

/** How many names both paths end with. */
function sharedNames(a: readonly string[], b: readonly string[]): number {
  let count = 0;
  while (count < a.length && count < b.length && a.at(-1 - count) === b.at(-1 - count)) count++;
  return count;
}

/** null: it is not text. */
function linesOf(bytes: Uint8Array): string[] | null {
  if (bytes.includes(0)) return null;
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function cut(line: string): string {
  return line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE - 1)}…`;
}
