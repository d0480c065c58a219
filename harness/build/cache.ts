/**
 * Results of builds, by all that goes into one: a class that is graded again is not built again. An entry is a folder with `build.json` and, where
 * there are any, the kernel, the file that has its lines, and images of drives. It is put in place whole, by renaming, and believed only if its
 * bytes have the SHA-256 that it names.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Saved } from '../evidence/fields.ts';
import { jsonText } from '../evidence/json-text.ts';
import { contentOf, copyRegular } from '../files/copy.ts';
import { moveIntoPlace } from '../files/move.ts';
import { lookAt, readIfThere } from '../files/read.ts';
import { removeFolder } from '../files/scratch.ts';
import { onHost, PathError } from '../files/system-error.ts';
import { makeFolder, replaceFile } from '../files/write.ts';
import { buildSchema } from '../result/build.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { noteUse, pendingName, removePending, shrink } from './cache-size.ts';

export const CACHE_SCHEMA = 'bootgrade/build/v2';

const fileSchema = z.object({ file: z.string(), sha256: z.string() });

const entrySchema = z.object({
  build: buildSchema,
  kernel: fileSchema.extend({ alsoMatched: z.array(z.string()), lines: z.string().nullable() }).nullable(),
  images: z.array(fileSchema.extend({ pattern: z.string() })),
});

/**
 * What a build came to. `file`: a path below the tree; `lines`: SHA-256 of the file that has the kernel's lines, where it is not the kernel.
 * `images`: by the rubric's names or globs; none where there is no kernel.
 */
export type Entry = Saved<typeof entrySchema>;

/** Where the files of an entry lie. */
export interface Files {
  /** null: there is no kernel. */
  readonly kernelPath: string | null;
  /** The file that has the kernel's lines; null: there is none but the kernel. */
  readonly linesPath: string | null;
  /** Of its images, in their order. */
  readonly imagePaths: readonly string[];
}

export interface CachedBuild extends Entry, Files {}

export const NO_FILES: Files = { kernelPath: null, linesPath: null, imagePaths: [] };

/** What was built, before it is kept. */
export interface Built {
  readonly entry: Entry;
  readonly files: Files;
}

const KERNEL = 'kernel';
const LINES = 'lines';
const ENTRY = 'build.json';

export class BuildCache {
  readonly #folder: string;
  readonly #most: number;

  private constructor(folder: string, most: number) {
    this.#folder = folder;
    this.#most = most;
  }

  /** Makes the folder, and removes what killed processes have left in it. `most`: bytes of the disk. Throws HostError, PathError. */
  static async open(folder: string, most: number): Promise<BuildCache> {
    makeFolder(folder);
    await removePending(folder);
    return new BuildCache(folder, most);
  }

  /** Makes room when all kernels have been graded. */
  async close(): Promise<void> {
    await shrink(this.#folder, this.#most, Date.now());
  }

  /** undefined: it was not built, or what is there is damaged. Throws HostError. */
  find(key: string): CachedBuild | undefined {
    const folder = join(this.#folder, key);
    const found = this.#read(key, folder);
    if (found !== undefined) noteUse(folder);
    return found;
  }

  #read(key: string, folder: string): CachedBuild | undefined {
    const entry = readEntry(join(folder, ENTRY), key);
    if (entry === undefined || entry.kernel === null) return entry === undefined ? undefined : { ...entry, ...NO_FILES };
    const { kernel, images } = entry;
    const files = filesIn(folder, entry);
    const isWhole =
      holds(files.kernelPath, kernel.sha256, MOST_BYTES.kernel) &&
      (kernel.lines === null || holds(files.linesPath, kernel.lines, MOST_BYTES.kernel)) &&
      images.every(({ sha256 }, index) => holds(files.imagePaths[index]!, sha256, MOST_BYTES.contents));
    return isWhole ? { ...entry, ...files, linesPath: kernel.lines === null ? null : files.linesPath } : undefined;
  }

  /** Keeps what was built; the files are where they lie now. Throws HostError. */
  async keep(key: string, { entry, files: { kernelPath, linesPath, imagePaths } }: Built): Promise<CachedBuild> {
    const folder = join(this.#folder, key);
    const pending = join(this.#folder, pendingName(key));
    await removeFolder(pending);
    makeFolder(pending);
    try {
      const to = filesIn(pending, entry);
      if (kernelPath !== null) keepFile(kernelPath, to.kernelPath, MOST_BYTES.kernel);
      if (linesPath !== null) keepFile(linesPath, to.linesPath, MOST_BYTES.kernel);
      for (const [index, from] of imagePaths.entries()) keepFile(from, to.imagePaths[index]!, MOST_BYTES.contents);
      replaceFile(join(pending, ENTRY), entryText(key, entry));
      // A damaged entry, or one that another process has just put there.
      if (lookAt(folder) !== undefined) await removeFolder(folder);
      moveIntoPlace(pending, folder);
    } finally {
      await removeFolder(pending);
    }
    const kept = this.find(key);
    if (kept === undefined) throw new Error(`the entry ${key} of the builds is not what was written`);
    return kept;
  }
}

/** Their names are ours, whatever a build calls them. */
function filesIn(folder: string, { images }: Entry): { kernelPath: string; linesPath: string; imagePaths: string[] } {
  const imagePaths = images.map((_, index) => join(folder, `image-${index}`));
  return { kernelPath: join(folder, KERNEL), linesPath: join(folder, LINES), imagePaths };
}

function keepFile(from: string, to: string, most: number): void {
  onHost('keeping what was built', () => copyRegular(from, to, { most, mode: 0o444, durable: true }));
}

function entryText(key: string, entry: Entry): string {
  const text = jsonText(entry);
  return `${jsonText({ schema: CACHE_SCHEMA, key, sha256: sha256(text) })}\n${text}\n`;
}

function readEntry(file: string, key: string): Entry | undefined {
  const text = readOurs(file);
  const [head = '', body = ''] = text?.split('\n') ?? [];
  if (head !== jsonText({ schema: CACHE_SCHEMA, key, sha256: sha256(body) })) return undefined;
  const parsed = entrySchema.safeParse(JSON.parse(body));
  return parsed.success ? parsed.data : undefined;
}

function readOurs(file: string): string | undefined {
  try {
    return readIfThere(file, MOST_BYTES.report)?.toString('utf8');
  } catch (error) {
    if (error instanceof PathError) return undefined;
    throw error;
  }
}

function holds(file: string, expected: string, most: number): boolean {
  try {
    return contentOf(file, most).sha256 === expected;
  } catch (error) {
    if (error instanceof PathError) return false;
    throw error;
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
