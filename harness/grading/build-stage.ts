/**
 * Kernels are built before the first one is graded, and not beside the grading: a compiler takes all of a core and much memory, which the machines
 * then have for themselves, and a toolchain that is missing shows before an hour of grading and not after it.
 */
import type { Submission } from '../submission/handed-in.ts';
import type { BuildCount } from '../vocabulary/submission.ts';
import { Interruption, type Ports } from './ports.ts';

/** The submissions with their kernels. Throws HostError, Interruption. */
export async function withKernels(submissions: readonly Submission[], ports: Ports): Promise<readonly Submission[]> {
  const { building, progress, interruptible } = ports;
  if (building === undefined) return submissions;
  let last: BuildCount = { done: 0, total: submissions.length, anew: 0, cached: 0 };
  const tell = (count: BuildCount) => {
    last = count;
    progress.building(count);
  };
  tell(last);
  return interruptible(async (signal) => {
    try {
      return await building.build(submissions, tell, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      progress.finished();
      const done = `stopped after building ${last.done} of ${last.total} submissions`;
      throw new Interruption(`${done}; the same command goes on from there`, signal);
    }
  });
}
