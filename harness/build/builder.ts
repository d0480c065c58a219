/** Builds a class: each hand-in laid over the course's sources, several at a time, and none twice. */

import { type Scratch, scratchFolder } from '../files/scratch.ts';
import { HostError, PathError } from '../files/system-error.ts';
import type { BuildResult } from '../result/build.ts';
import type { HandIn } from '../submission/hand-in.ts';
import type { HandInProblem, HostFault, Submission } from '../submission/handed-in.ts';
import { orHostFault } from '../submission/kernel.ts';
import type { Tree } from '../submission/tree.ts';
import { matchesPath } from '../vocabulary/path-pattern.ts';
import type { BuildCount, SubmissionRules } from '../vocabulary/submission.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { BuildCache, CachedBuild } from './cache.ts';
import { sha256 as hashOf, NO_FILES } from './cache.ts';
import { type BuildSetup, buildOnce } from './one-build.ts';
import { type Overlay, overlay, type SourceFile } from './overlay.ts';
import { withOwnLines } from './own-lines.ts';
import { type HashedFile, SourceReader } from './sources.ts';
import { filesOf } from './tree-files.ts';
import { withLines } from './with-lines.ts';

export interface BuilderOptions {
  readonly setup: BuildSetup;
  /** The same, with compilers that are asked for line tables. */
  readonly lined: (files: readonly SourceFile[]) => BuildSetup;
  /** The course's own tree; null: there is none. */
  readonly base: Tree | null;
  readonly cache: BuildCache;
  /** All that decides what a build makes, besides its sources. */
  readonly surroundings: readonly string[];
  /** Builds at a time. */
  readonly jobs: number;
}

/** What a build needs of a hand-in. */
type Sourced = Pick<HandIn, 'submission' | 'files'>;

interface Finished {
  readonly submission: Submission;
  /** `nothing`: there was nothing to build. */
  readonly from: 'build' | 'cache' | 'nothing';
}

type Outcome = { readonly built: CachedBuild; readonly anew: boolean } | HandInProblem | HostFault;

const MOST_TAKEN = 200;
const MOST_IGNORED = 20;

export class Builder {
  readonly #options: BuilderOptions;
  readonly #reader: SourceReader;
  readonly #base: readonly SourceFile[] | null;
  /** Builds that are under way, by key. */
  readonly #running = new Map<string, Promise<CachedBuild | HostFault>>();

  private constructor(options: BuilderOptions, reader: SourceReader, base: readonly SourceFile[] | null) {
    this.#options = options;
    this.#reader = reader;
    this.#base = base;
  }

  /** Reads the course's sources. Throws HostError; UsageError where they cannot be used. */
  static async open(options: BuilderOptions): Promise<Builder> {
    const { setup, base } = options;
    const reader = new SourceReader(setup.recipe.disk);
    if (base === null) return new Builder(options, reader, null);
    const files = baseFiles(base, setup.rules.kernel);
    try {
      await reader.remember(files);
    } catch (error) {
      if (error instanceof PathError) throw new UsageError(`submission.base: a file of it cannot be read: ${error.message}`);
      throw error;
    }
    return new Builder(options, reader, files);
  }

  /** The submissions with the kernels that were built, in their order. Throws HostError, UsageError; what the signal was aborted with. */
  async build(handIns: readonly Sourced[], tell: (count: BuildCount) => void, signal: AbortSignal): Promise<Submission[]> {
    const built: Submission[] = [];
    let [done, anew, cached] = [0, 0, 0];
    const waiting = handIns.entries();
    const work = async () => {
      for (const [index, handIn] of waiting) {
        const one = await this.#one(handIn, signal);
        built[index] = one.submission;
        done++;
        if (one.from === 'build') anew++;
        if (one.from === 'cache') cached++;
        tell({ done, total: handIns.length, anew, cached });
      }
    };
    const failed = new AbortController();
    const workers = Array.from({ length: Math.min(this.#options.jobs, handIns.length) }, () =>
      work().catch((error: unknown) => {
        failed.abort(error);
        throw error;
      }),
    );
    await Promise.allSettled(workers);
    signal.throwIfAborted();
    failed.signal.throwIfAborted();
    return built;
  }

  async #one({ submission, files }: Sourced, signal: AbortSignal): Promise<Finished> {
    if (files === null) return { submission, from: 'nothing' };
    const laid = orHostFault('it cannot be read', () => overlay(files, this.#options.setup.rules, this.#base));
    if ('problem' in laid || 'hostFault' in laid) return { submission: { ...submission, kernel: laid, alsoMatched: [] }, from: 'nothing' };
    const outcome = await this.#outcome(laid, signal).catch(asHostFault);
    if (!('built' in outcome)) return { submission: { ...submission, kernel: outcome, alsoMatched: [] }, from: 'nothing' };
    const { rules } = this.#options.setup;
    const own = withOwnLines(finished(submission, outcome.built, laid, rules), laid, rules.given);
    return { submission: own, from: outcome.anew ? 'build' : 'cache' };
  }

  async #outcome(laid: Overlay, signal: AbortSignal): Promise<Outcome> {
    const hashed = await this.#reader.read(laid.files, laid.taken);
    if ('problem' in hashed) return hashed;
    const key = this.#key(hashed);
    const running = this.#running.get(key);
    const cached = running === undefined ? this.#options.cache.find(key) : undefined;
    if (cached !== undefined) return { built: cached, anew: false };
    const build = running ?? this.#buildAnew(key, hashed, signal);
    this.#running.set(key, build);
    const built = await build;
    return 'hostFault' in built ? built : { built, anew: running === undefined };
  }

  async #buildAnew(key: string, files: readonly HashedFile[], signal: AbortSignal): Promise<CachedBuild | HostFault> {
    const { setup, lined, cache } = this.#options;
    const folders: Scratch[] = [];
    const scratch = async () => {
      const folder = await scratchFolder();
      folders.push(folder);
      return folder;
    };
    try {
      const one = await buildOnce(files, setup, await scratch(), signal);
      if ('hostFault' in one) return one;
      if (!one.isLasting) return { ...one.entry, ...NO_FILES };
      return await cache.keep(key, await withLines(one, { files, lined: lined(files), scratch }, signal));
    } finally {
      for (const folder of folders) await folder.remove();
    }
  }

  #key(files: readonly HashedFile[]): string {
    const { setup, surroundings } = this.#options;
    const { steps, folder, seconds, output, memory, disk } = setup.recipe;
    const sources = files.map(({ path, program, time, sha256 }) => [path, program, time, sha256]);
    const command = [setup.rules.kernel, setup.rules.images.built, steps, folder, seconds, output, memory, disk, setup.environment];
    return hashOf(JSON.stringify([surroundings, command, sources]));
  }
}

/** What this computer cannot do for one of them leaves that one without a grade. */
function asHostFault(error: unknown): HostFault {
  if (error instanceof HostError) return { hostFault: `it cannot be built: ${error.reason}` };
  throw error;
}

/** A kernel that the course has left in its tree must not be taken for a student's. */
function baseFiles(base: Tree, kernel: readonly string[]): SourceFile[] {
  const found = filesOf(base);
  if ('problem' in found) throw new UsageError(`submission.base: ${found.problem}`);
  const [other] = found.others;
  if (other !== undefined) throw new UsageError(`submission.base: ${other} is neither a file nor a folder; take it away`);
  const sources = found.paths.filter((path) => !kernel.some((pattern) => matchesPath(pattern, path)));
  return sources.map((path) => {
    const opened = base.open(path);
    if ('path' in opened) return { path, from: opened.path };
    throw new UsageError(`submission.base: ${opened.problem}`);
  });
}

function finished(
  submission: Submission,
  { build, kernel, kernelPath, linesPath, images, imagePaths }: CachedBuild,
  { taken, missing, ignored }: Overlay,
  { format }: SubmissionRules,
): Submission {
  const full: BuildResult = {
    ...build,
    taken: taken.slice(0, MOST_TAKEN).map(({ path }) => path),
    takenCount: taken.length,
    missing: [...missing],
    ignored: ignored.slice(0, MOST_IGNORED),
    ignoredCount: ignored.length,
  };
  if (kernel === null || kernelPath === null) {
    return { ...submission, kernel: { problem: build.reason ?? 'the build made no kernel' }, alsoMatched: [], build: full };
  }
  const { file, sha256, alsoMatched, lines } = kernel;
  const linesFile = linesPath === null || lines === null ? {} : { lines: { path: linesPath, sha256: lines } };
  const built = { file, path: kernelPath, sha256, ...linesFile };
  const drives = images.map(({ pattern, ...image }, index) => [pattern, { ...image, path: imagePaths[index]! }] as const);
  return {
    ...submission,
    kernel: format === 'raw' ? { ...built, raw: true } : built,
    images: Object.fromEntries(drives),
    alsoMatched,
    build: full,
  };
}
