/**
 * Tasks on worker processes: each takes the next task when it has answered the one before. A worker that dies, or that is killed because
 * it is stuck, takes only its task with it; the next task gets a new one. The task itself is tried once more, alone, when all others are
 * done: perhaps it died because the others needed too much memory.
 *
 * docs/batch.md, "Workers", says which published pools were tried, and why none is used.
 */
import { type Death, type WorkerOptions, WorkerProcess } from './worker-process.ts';

export interface PoolOptions extends WorkerOptions {
  readonly workers: number;
  /** Bytes of memory with which a worker that has answered is replaced by a fresh one. */
  readonly mostMemory: number;
}

/** Workers answer their first message, the setup, with anything, and each later one, a task, with a Reply. */
export interface Reply<Answer> {
  readonly answer: Answer;
  /** Bytes that the worker occupies (resident set). */
  readonly memory: number;
}

export interface PoolWork<Task> {
  /** A structured clone of it goes to each worker. */
  readonly setup: unknown;
  readonly tasks: readonly Task[];
  /** These are done one by one, when the others are done. */
  readonly alone: readonly Task[];
  /** Kills the workers; the pool ends without an error. */
  readonly signal: AbortSignal;
}

/** Throwing ends the work, which then rejects with what was thrown. */
export interface PoolEvents<Task, Answer> {
  started(task: Task): void;
  answered(task: Task, answer: Answer): void;
  /** It will be tried once more. */
  postponed(task: Task, death: Death): void;
  /** At the second try. */
  died(task: Task, death: Death): void;
}

/** So many workers died one after the other before they were ready: something must be wrong with all of them. */
const MOST_FAILED_STARTS = 3;

/** No worker becomes ready. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError';
}

/** Does something with each task of a list, and handles the answers. */
interface Job<Task, Answer> extends Pick<PoolEvents<Task, Answer>, 'started' | 'answered'> {
  readonly setup: unknown;
  readonly died: (task: Task, death: Death) => void;
}

export class WorkerPool {
  readonly #options: PoolOptions;
  /** Started, but without a task yet. */
  readonly #waiting: WorkerProcess[] = [];

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Starts so many workers, or as many as there may be, so that they are loaded when there is work. */
  warm(count: number): void {
    while (this.#waiting.length < Math.min(count, this.#options.workers)) this.#waiting.push(new WorkerProcess(this.#options));
  }

  /** Resolves when every task has been answered, has died twice, or the signal has come. Throws WorkerStartError. */
  async run<Task, Answer>({ setup, tasks, alone, signal }: PoolWork<Task>, events: PoolEvents<Task, Answer>): Promise<void> {
    const again: Task[] = [];
    const { started, answered, postponed, died } = events;
    const first: Job<Task, Answer> = {
      setup,
      started,
      answered,
      died: (task, death) => {
        again.push(task);
        postponed(task, death);
      },
    };
    const workers = Math.min(this.#options.workers, tasks.length);
    await stopAll(this.#waiting.splice(workers));
    await this.#share(tasks, workers, first, signal);
    await this.#share(alone, 1, first, signal);
    await this.#share(again, 1, { ...first, died }, signal);
  }

  /** Ends the workers that turned out not to be needed. */
  async stop(): Promise<void> {
    await stopAll(this.#waiting.splice(0));
  }

  async #share<Task, Answer>(tasks: readonly Task[], workers: number, job: Job<Task, Answer>, signal: AbortSignal): Promise<void> {
    // Ends all lanes, by the caller's signal or because one of them threw.
    const all = new AbortController();
    const abort = () => all.abort();
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    const queue = tasks.values();
    const lanes = Array.from({ length: workers }, () => this.#lane(queue, job, all.signal));
    try {
      await Promise.all(lanes);
    } finally {
      abort();
      await Promise.allSettled(lanes);
      signal.removeEventListener('abort', abort);
    }
  }

  async #lane<Task, Answer>(queue: Iterator<Task>, { setup, ...job }: Job<Task, Answer>, signal: AbortSignal): Promise<void> {
    let worker: WorkerProcess | undefined;
    try {
      while (!signal.aborted) {
        const { done, value: task } = queue.next();
        if (done) return;
        worker ??= await this.#ready(setup, signal);
        if (signal.aborted) return;
        job.started(task);
        const end = await worker.ask({ task }, signal);
        if (signal.aborted) return;
        if ('reply' in end) {
          const { answer, memory } = end.reply as Reply<Answer>;
          if (memory > this.#options.mostMemory) {
            await worker.stop();
            worker = undefined;
          }
          job.answered(task, answer);
        } else {
          worker = undefined;
          job.died(task, end);
        }
      }
    } finally {
      await worker?.stop();
    }
  }

  async #ready(setup: unknown, signal: AbortSignal): Promise<WorkerProcess> {
    for (let failed = 1; ; failed++) {
      const worker = this.#waiting.shift() ?? new WorkerProcess(this.#options);
      const end = await worker.ask({ setup }, signal);
      if ('reply' in end || signal.aborted) return worker;
      if (failed === MOST_FAILED_STARTS) throw new WorkerStartError(`worker processes do not start: ${end.reason}`);
    }
  }
}

async function stopAll(workers: readonly WorkerProcess[]): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop()));
}
