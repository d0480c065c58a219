/**
 * Whether worker processes pay. A process has to start, load the machine and compile it before it grades anything, which takes as long
 * as some small kernels run; so a small class is graded in this process, and what is left of a class goes to workers as soon as that is
 * worth it.
 */

/** Seconds that a submission is thought to take before one has been graded. */
const FIRST_GUESS = 0.05;

/**
 * Seconds that workers have to win. A worker begins with a machine that is cold: until it is compiled, and for explanations too,
 * it takes about 1.5 s of a core more than the process that runs already (docs/batch.md, "What pays").
 */
const START = 1.5;

/**
 * Worker processes for the submissions that are left; 0: they are better graded in this one.
 * `spent`: seconds that the `ended` ones have taken here.
 */
export function workersThatPay({ left, ended, spent }: { left: number; ended: number; spent: number }, jobs: number): number {
  const workers = Math.min(jobs, left);
  if (workers < 2) return 0;
  const alone = left * (ended === 0 ? FIRST_GUESS : spent / ended);
  return alone - alone / workers > START ? workers : 0;
}
