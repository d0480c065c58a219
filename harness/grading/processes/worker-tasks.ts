/** What a worker process does: gets a job, then one submission after the other, and answers each message (batch/pool.ts). */
import type { Reply } from '../../batch/pool.ts';
import type { Watchdog } from '../../batch/watchdog.ts';
import { HostError } from '../../files/system-error.ts';
import { systemFiles } from '../../submission/system-files.ts';
import { UsageError } from '../../vocabulary/usage-error.ts';
import type { Task } from '../run-submission.ts';
import { JOBS, type JobName, type Jobs, largestMachine } from '../worker-jobs.ts';
import { machineHost } from './machine-host.ts';
import { giveMemoryBack } from './memory.ts';

/** A mistake in the reports' folder or a fault of this computer ends the whole grading, in a worker as in this process. */
export type WorkerAnswer<Name extends JobName> =
  | { readonly done: Jobs[Name]['answer'] }
  | { readonly usageError: string }
  | { readonly hostError: string };

export interface WorkerSetup<Name extends JobName> {
  readonly job: Name;
  readonly setup: Jobs[Name]['setup'];
}

interface Work {
  readonly perform: (task: Task) => Jobs[JobName]['answer'];
  /** Bytes of memory of the largest machine. */
  readonly guest: number;
}

function workOf<Name extends JobName>({ job, setup }: WorkerSetup<Name>, tool: string, watchdog: Watchdog): Work {
  const ports = { host: machineHost(tool, watchdog.beat), files: systemFiles };
  return { perform: JOBS[job](setup, ports, watchdog.enter), guest: largestMachine(setup.rubric) };
}

function answer(task: Task, perform: Work['perform']): WorkerAnswer<JobName> {
  try {
    return { done: perform(task) };
  } catch (error) {
    if (error instanceof UsageError) return { usageError: error.message };
    if (error instanceof HostError) return { hostError: error.message };
    throw error;
  }
}

/** `tool`: e.g. "bootgrade 0.1.0". */
export function takeTasks(tool: string, watchdog: Watchdog): void {
  let work: Work | undefined;
  process.on('message', (message: { setup: WorkerSetup<JobName> } | { task: Task }) => {
    watchdog.begin(work?.guest ?? 0);
    if ('setup' in message) {
      work = workOf(message.setup, tool, watchdog);
      process.send!('ready');
    } else {
      const reply: Reply<WorkerAnswer<JobName>> = { answer: answer(message.task, work!.perform), memory: giveMemoryBack() };
      process.send!(reply);
    }
    watchdog.end();
  });
}
