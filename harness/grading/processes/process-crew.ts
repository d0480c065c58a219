/** The crew of the program: worker processes for several submissions, this process under a watchdog for one. */
import { MOST_BETWEEN, type Patience, type Stage } from '../../batch/deadlines.ts';
import { workerCommand } from '../../batch/parts.ts';
import type { PoolEvents, WorkerPool } from '../../batch/pool.ts';
import { Watchdog } from '../../batch/watchdog.ts';
import { HostError } from '../../files/system-error.ts';
import type { Rubric } from '../../rubric/types.ts';
import type { Host } from '../../run/host.ts';
import { UsageError } from '../../vocabulary/usage-error.ts';
import type { Crew, CrewWork } from '../crew.ts';
import type { Task } from '../run-submission.ts';
import { type JobName, type Jobs, largestMachine } from '../worker-jobs.ts';
import { machineHost } from './machine-host.ts';
import type { WorkerAnswer } from './worker-tasks.ts';

export class ProcessCrew implements Crew {
  readonly host: Host;
  readonly #jobs: number;
  readonly #patience: Patience;
  #pool: WorkerPool | undefined;
  #watchdog: Watchdog | undefined;

  /** `tool`: e.g. "bootgrade 0.1.0". `jobs`: worker processes, at most. */
  constructor(tool: string, jobs: number, patience: Patience) {
    this.#jobs = jobs;
    this.#patience = patience;
    this.host = machineHost(tool, () => this.#watchdog?.beat());
  }

  /** Has so many worker processes loaded when there is work for them. */
  async warm(count: number): Promise<void> {
    (await this.#workers()).warm(count);
  }

  /** Loaded only when it is asked for: one submission alone needs none. */
  async #workers(): Promise<WorkerPool> {
    const { WorkerPool } = await import('../../batch/pool.ts');
    const options = { command: workerCommand(), workers: this.#jobs, patience: this.#patience, mostMemory: MOST_BETWEEN * 2 ** 20 };
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
    const [pool, { WorkerStartError }] = [await this.#workers(), await import('../../batch/pool.ts')];
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
