/** The course's rubric, with the files that it names. */
import { bytesOfBase64 } from '../bytes/binary.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { cpuProblem } from '../run/cpu.ts';
import { machineProblem } from '../run/machine-problem.ts';
import type { Course } from '../vocabulary/course.ts';
import { formatProblem } from '../vocabulary/problem.ts';

/** What mistakes call the rubric. */
const FILE = 'rubric.yaml';

/** Throws where the rubric has mistakes. */
export async function rubricOf({ rubric: text, files, scriptEngine: engine }: Course): Promise<Rubric> {
  const readFile = async (path: string) => (Object.hasOwn(files, path) ? unpacked(files[path]!) : { problem: 'the page does not have it' });
  const scriptEngine = engine === undefined ? {} : { scriptEngine: await unpacked(engine) };
  const loaded = await loadRubric(FILE, text, { readFile, cpuProblem, machineProblem, ...scriptEngine });
  if ('problems' in loaded) throw new Error(`the page's rubric has mistakes: ${loaded.problems.map(formatProblem).join('\n')}`);
  return loaded.rubric;
}

async function unpacked(base64: string): Promise<Uint8Array> {
  const packed = new Blob([Uint8Array.from(bytesOfBase64(base64))]);
  return new Uint8Array(await new Response(packed.stream().pipeThrough(new DecompressionStream('gzip'))).arrayBuffer());
}
