/** Reads a rubric from disk, with the files that it names, for the loader. */
import { dirname, resolve } from 'node:path';
import { readText } from '../files/named.ts';
import { lookThrough, readRegular } from '../files/read.ts';
import { PathError, systemReason } from '../files/system-error.ts';
import { loadRubric, type RubricPorts } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { cpuProblem } from '../run/cpu.ts';
import { machineProblem } from '../run/machine-problem.ts';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { RubricError } from '../vocabulary/usage-error.ts';

function readContents(path: string, most: number): Uint8Array | { problem: string } {
  try {
    return readRegular(path, most);
  } catch (error) {
    if (error instanceof PathError) return { problem: systemReason(error) };
    throw error;
  }
}

/** What is wrong with a folder, or with what may be an archive as well; null: nothing. Throws HostError. */
function pathProblem(path: string, wanted: 'folder' | 'tree'): string | null {
  try {
    const stat = lookThrough(path);
    if (stat === undefined) return 'no such file or folder';
    if (stat.isDirectory()) return null;
    return wanted === 'tree' && stat.isFile() ? null : 'it is not a folder';
  } catch (error) {
    if (error instanceof PathError) return systemReason(error);
    throw error;
  }
}

/** The rubric's text. Throws HostError, UsageError. */
export function readRubricText(file: string): string {
  return readText('rubric', file, MOST_BYTES.rubric);
}

/** Reads what the rubric names, and what it says of folders and CPUs. */
export function rubricPorts(file: string): RubricPorts {
  return {
    readFile: async (path, most) => readContents(resolve(dirname(file), path), most),
    cpuProblem,
    machineProblem,
    pathProblem: (path, wanted) => pathProblem(resolve(dirname(file), path), wanted),
  };
}

/** Throws HostError; UsageError if the file cannot be read, RubricError if it is read and wrong. */
export async function readRubric(file: string): Promise<Rubric> {
  return (await readWithText(file)).rubric;
}

/** The same, and its text with all that it includes. */
export async function readWithText(file: string): Promise<{ rubric: Rubric; selfContained: () => string }> {
  const loaded = await loadRubric(file, readRubricText(file), rubricPorts(file));
  if ('problems' in loaded) throw new RubricError(file, loaded.problems);
  return loaded;
}
