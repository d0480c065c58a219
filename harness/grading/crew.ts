/** Who runs kernels, explains and grades: worker processes for several submissions, this process for one (processes/process-crew.ts). */
import type { Stage } from '../batch/deadlines.ts';
import type { PoolEvents, PoolWork } from '../batch/pool.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Host } from '../run/host.ts';
import type { Task } from './run-submission.ts';
import type { JobName, Jobs } from './worker-jobs.ts';

/** Tests bring one that does all of it in their own process, on machines that play scripts. */
export interface Crew {
  readonly host: Host;
  /** Does the work in this process. Throws GaveUp, with the reason, where that had to be ended. */
  alone<Result>(rubric: Rubric, work: (enter: (stage: Stage) => void) => Result): Result;
  /** Does a job with each task, in worker processes. Throws HostError, UsageError. */
  many<Name extends JobName>(job: Name, work: CrewWork<Name>, events: PoolEvents<Task, Jobs[Name]['answer']>): Promise<void>;
  /** Ends the worker processes. */
  stop(): Promise<void>;
}

export type CrewWork<Name extends JobName> = Omit<PoolWork<Task>, 'setup'> & { readonly setup: Jobs[Name]['setup'] };
