/** Who runs kernels, explains and grades: worker processes for several submissions, this process under a watchdog for one. */
import { fileURLToPath } from 'node:url';
import { MOST_BETWEEN, type Patience, type Stage } from '../batch/deadlines.ts';
import type { PoolEvents, PoolWork, WorkerPool } from '../batch/pool.ts';
import { Watchdog } from '../batch/watchdog.ts';
import { HostError } from '../files/system-error.ts';
import { machineHost } from '../grading/machine-host.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Host } from '../run/host.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import type { Task } from './grade-one.ts';
import { TOOL } from './version.ts';
import { type JobName, type Jobs, largestMachine } from './worker-jobs.ts';
import type { WorkerAnswer } from './worker-tasks.ts';

/** Tests bring one that does all of it in their own process, on machines that play scripts. */
export interface Crew {
  readonly host: Host;
  /** Does the work in this process. Throws GaveUp, with the reason, where that had to be ended. */
  alone<Result>(rubric: Rubric, work: (enter: (stage: Stage) => void) => Result): Result;
  /** Does a job with each task, in worker processes. Throws HostError, UsageError. */
  many<Name extends JobName>(job: Name, work: CrewWork<Name>, events: PoolEvents<Task, Jobs[Name]['answer']>): Promise<void>;
  /** Leaves nothing behind. */
  stop(): Promise<void>;
}

export type CrewWork<Name extends JobName> = Omit<PoolWork<Task>, 'setup'> & { readonly setup: Jobs[Name]['setup'] };

/** Beside the program, where the build puts it. */
const WORKER = fileURLToPath(new URL('./grade-worker.mjs', import.meta.url));

export class ProcessCrew implements Crew {
  readonly host: Host;
  readonly #jobs: number;
  readonly #patience: Patience;
  #pool: WorkerPool | undefined;
  #watchdog: Watchdog | undefined;

  /** `jobs`: worker processes, at most. */
  constructor(jobs: number, patience: Patience) {
    this.#jobs = jobs;
    this.#patience = patience;
    this.host = machineHost(TOOL, () => this.#watchdog?.beat());
  }

  /** Has so many worker processes loaded when there is work for them. */
  async warm(count: number): Promise<void> {
    (await this.#workers()).warm(count);
  }

  /** Loaded only when it is asked for: one submission alone needs none. */
  async #workers(): Promise<WorkerPool> {
    const { WorkerPool } = await import('../batch/pool.ts');
    const options = { script: WORKER, workers: this.#jobs, patience: this.#patience, mostMemory: MOST_BETWEEN * 2 ** 20 };
    this.#pool ??= new WorkerPool(options);
    return this.#pool;
  }

  alone<Result>(rubric: Rubric, work: (enter: (stage: Stage) => void) => Result): Result {
    this.#watchdog ??= new Watchdog(this.#patience);
    const { enter } = this.#watchdog;
    return this.#watchdog.watched(largestMachine(rubric), () => work(enter));
  }

  async many<Name extends JobName>(job: Name, work: CrewWork<Name>, events: PoolEvents<Task, Jobs[Name]['answer']>): Promise<void> {
    const answered = (task: Task, answer: WorkerAnswer<Name>) => events.answered(task, unwrapped(answer));
    const [pool, { WorkerStartError }] = [await this.#workers(), await import('../batch/pool.ts')];
    try {
      await pool.run<Task, WorkerAnswer<Name>>({ ...work, setup: { job, setup: work.setup } }, { ...events, answered });
    } catch (error) {
      throw error instanceof WorkerStartError ? new HostError(error.message) : error;
    }
  }

  async stop(): Promise<void> {
    await this.#pool?.stop();
    await this.#watchdog?.stop();
  }
}

function unwrapped<Name extends JobName>(answer: WorkerAnswer<Name>): Jobs[Name]['answer'] {
  if ('usageError' in answer) throw new UsageError(answer.usageError);
  if ('hostError' in answer) throw new HostError(answer.hostError);
  return answer.done;
}
