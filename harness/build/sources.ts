/** Files of a build with what they hold: the course's are read once for all students. */
import { setImmediate } from 'node:timers/promises';
import { contentOf, copyRegular, isProgram, type Owner } from '../files/copy.ts';
import { HostError, PathError } from '../files/system-error.ts';
import { changeOwner, makeFolder } from '../files/write.ts';
import type { HandInProblem } from '../submission/handed-in.ts';
import { foldersOf, type SourceFile } from './overlay.ts';
import { SOURCE_TIME, STUDENT_TIME } from './sandbox/sandbox.ts';

/** A file of the tree that is built, with all that the build sees of it. */
export interface HashedFile extends SourceFile {
  readonly bytes: number;
  readonly sha256: string;
  readonly program: boolean;
  /** Seconds since 1970. */
  readonly time: number;
}

/** Files that are looked at before others get their turn. */
const TOGETHER = 256;

export class SourceReader {
  readonly #most: number;
  readonly #known = new Map<string, HashedFile>();

  /** `most`: bytes that all files of one build may have. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Remembers what files hold that are part of every build. Throws HostError; PathError where one cannot be read. */
  async remember(files: readonly SourceFile[]): Promise<void> {
    for (const file of files) this.#known.set(file.from, await this.#hash(file));
  }

  /** `taken`: those of them that come from the student. Throws HostError. */
  async read(files: readonly SourceFile[], taken: readonly SourceFile[]): Promise<readonly HashedFile[] | HandInProblem> {
    const own = new Set(taken.map(({ path }) => path));
    const hashed: HashedFile[] = [];
    let left = this.#most;
    for (const file of files) {
      try {
        const one = this.#known.get(file.from) ?? (await this.#hash(file));
        hashed.push({ ...one, path: file.path, time: own.has(file.path) ? STUDENT_TIME : SOURCE_TIME });
        left -= one.bytes;
      } catch (error) {
        if (!(error instanceof PathError)) throw error;
        return { problem: `${file.path} cannot be read: ${error.message}` };
      }
      if (left < 0) return { problem: `the sources have more than ${this.#most / 2 ** 20}M` };
      if (hashed.length % TOGETHER === 0) await setImmediate();
    }
    return hashed;
  }

  async #hash({ path, from }: SourceFile): Promise<HashedFile> {
    return { path, from, ...contentOf(from, this.#most), program: isProgram(from), time: SOURCE_TIME };
  }
}

/** Puts the files below a folder that is empty. Throws HostError, also where one of them has changed meanwhile. */
export async function layOut(files: readonly HashedFile[], tree: string, owner: Owner | undefined): Promise<void> {
  const made = new Set<string>();
  const folder = (path: string) => {
    if (made.has(path)) return;
    makeFolder(path);
    if (owner !== undefined) changeOwner(path, owner);
    made.add(path);
  };
  folder(tree);
  for (const [index, file] of files.entries()) {
    for (const below of foldersOf(file.path)) folder(`${tree}/${below}`);
    copy(file, `${tree}/${file.path}`, owner);
    if (index % TOGETHER === 0) await setImmediate();
  }
}

function copy({ path, from, bytes, sha256, program, time }: HashedFile, to: string, owner: Owner | undefined): void {
  const options = { most: bytes, mode: program ? 0o755 : 0o644, time, ...(owner === undefined ? {} : { owner }) };
  try {
    if (copyRegular(from, to, options).sha256 === sha256) return;
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
  }
  throw new HostError(`${path} was changed while it was read`);
}
