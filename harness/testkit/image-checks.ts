/** For tests of checks that look into file systems: their verdicts on an image that is given byte by byte. */
import { evaluate } from '../checks/index.ts';
import type { Verdict } from '../checks/kind.ts';
import { imageOfFile } from '../vocabulary/image.ts';
import { linesOf, rubricOf } from './checks.ts';
import { evidence, image } from './evidence.ts';

/** The verdict of a check of the drive's image, which holds these bytes before the run; `changed`: sectors that it changes, in hex. */
export async function judgeImage(part: string, bytes: Uint8Array, changed: Record<string, string> = {}): Promise<Verdict> {
  const rubric = await rubricOf(` - { id: it, points: 10, image: ${part} }`);
  const check = rubric.checks[0]!;
  if (check.scenario === null) throw new Error(`${check.id} is about no run`);
  const images = new Map([['blk', imageOfFile(bytes)]]);
  return evaluate(check, { scenario: rubric.scenarios[0]!, evidence: evidence({ images: [image({ changed })] }), images });
}

/** What `sound: true` says about the bytes, the sentences one by one; none where they are sound. */
export async function soundnessOf(system: string, bytes: Uint8Array, ignore = '[]'): Promise<string[]> {
  const verdict = await judgeImage(`{ file-system: ${system}, sound: true, ignore: ${ignore} }`, bytes);
  if (verdict.outcome !== 'failed') return [];
  return verdict.details.length === 0 ? [verdict.reason] : linesOf(verdict.details);
}
