/** Reads a rubric from disk, with the files that it names, for the loader. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { loadRubric, MOST_RUBRIC_BYTES } from '../rubric/loader.ts';
import { formatProblem, type Problem } from '../rubric/problem.ts';
import type { Rubric } from '../rubric/types.ts';
import { cpuProblem } from '../run/cpu.ts';
import { systemReason } from './files.ts';
import { UsageError } from './usage-error.ts';

/** A rubric with mistakes in it; the message has each with its place, and how many there are. */
export class RubricError extends UsageError {
  readonly problems: readonly Problem[];

  constructor(file: string, problems: readonly Problem[]) {
    const mistakes = problems.length === 1 ? 'one mistake' : `${problems.length} mistakes`;
    super(`${mistakes} in ${file}\n${problems.map(formatProblem).join('\n')}`);
    this.problems = problems;
  }
}

/** All of a regular file with at most `mostBytes`; otherwise throws an Error that says what it is instead. */
async function readBounded(path: string, mostBytes: number): Promise<Uint8Array> {
  // O_NONBLOCK: opening a pipe must not wait for its writer.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw new Error(systemReason(error));
  });
  try {
    const stat = await file.stat();
    if (stat.isDirectory()) throw new Error('it is a folder');
    if (!stat.isFile()) throw new Error('it is no regular file');
    if (stat.size > mostBytes) throw new Error(`it has ${stat.size} bytes, the most is ${mostBytes}`);
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** The rubric's text. Throws UsageError. */
export async function readRubricText(file: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readBounded(file, MOST_RUBRIC_BYTES);
  } catch (error) {
    throw new UsageError(`cannot read the rubric ${file}: ${(error as Error).message}`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`cannot read the rubric ${file}: it is not UTF-8 text`);
  }
}

/** Throws UsageError where the file cannot be read, RubricError where it is read and wrong. */
export async function readRubric(file: string): Promise<Rubric> {
  const loaded = await loadRubric(file, await readRubricText(file), {
    readFile: (path, mostBytes) => readBounded(resolve(dirname(file), path), mostBytes),
    cpuProblem,
  });
  if ('problems' in loaded) throw new RubricError(file, loaded.problems);
  return loaded.rubric;
}
