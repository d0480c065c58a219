/**
 * Tasks on worker processes: each takes the next task when it has answered the one before. A worker that dies takes only its task with
 * it; the next task gets a new one.
 *
 * Processes are execa's. docs/batch.md, "Workers", says which pools of a registry were tried, and why they did not do.
 */
import { execaNode, type Options, type ResultPromise } from 'execa';

export interface PoolOptions {
  /** The worker's file: it answers its first message, the setup, with anything, and each later one, a task, with a Reply. */
  readonly script: string;
  readonly workers: number;
  /** A structured clone of it goes to each worker. */
  readonly setup: unknown;
  /** MiB of JavaScript heap that a worker may have. */
  readonly heap: number;
  /** Bytes of memory with which a worker that has answered is replaced by a fresh one. */
  readonly mostMemory: number;
  /** Kills the workers; the pool ends without a word. */
  readonly signal: AbortSignal;
}

export interface Reply<Answer> {
  readonly answer: Answer;
  /** Bytes that the worker occupies (resident set). */
  readonly memory: number;
}

/** Throwing ends the pool, which then rejects with what was thrown. */
export interface PoolEvents<Task, Answer> {
  started(task: Task): void;
  answered(task: Task, answer: Answer): void;
  /** `reason`: of what, as a phrase; `output`: what the worker said last. */
  died(task: Task, reason: string, output: string): void;
}

/** Workers that die one after the other before they are ready: something is wrong with all of them. */
const MOST_FAILED_STARTS = 3;

/** No worker gets ready. */
export class WorkerStartError extends Error {
  override readonly name = 'WorkerStartError';
}

const IPC = { ipc: true, serialization: 'advanced', reject: false } as const satisfies Options;

interface Death {
  readonly reason: string;
  readonly output: string;
}

class WorkerProcess {
  readonly #process: ResultPromise<typeof IPC>;

  constructor({ script, heap }: PoolOptions, signal: AbortSignal) {
    this.#process = execaNode(script, {
      ...IPC,
      nodeOptions: [`--max-old-space-size=${heap}`],
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'pipe',
      buffer: { stderr: true, ipc: false },
      cancelSignal: signal,
      killSignal: 'SIGKILL',
    }) as unknown as ResultPromise<typeof IPC>;
  }

  /** What the worker answers; its death where it cannot. */
  async ask(message: unknown): Promise<{ readonly reply: unknown } | Death> {
    try {
      const [reply] = await Promise.all([this.#process.getOneMessage(), this.#process.sendMessage(message as never)]);
      return { reply };
    } catch {
      return this.#death();
    }
  }

  async #death(): Promise<Death> {
    this.#process.kill();
    const { signal, exitCode, stderr } = await this.#process;
    const output = String(stderr ?? '');
    return { reason: deathReason(signal, exitCode, output), output };
  }

  async stop(): Promise<void> {
    this.#process.kill();
    await this.#process;
  }
}

/** V8's last words: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory". */
const OUT_OF_MEMORY = /heap out of memory|Array buffer allocation failed|Out of memory/i;

function deathReason(signal: string | undefined, exitCode: number | undefined, output: string): string {
  if (OUT_OF_MEMORY.test(output)) return 'out of memory: it needed more than a worker may have';
  if (signal !== undefined) return `killed by ${signal}${signal === 'SIGKILL' ? ', as a system does that runs out of memory' : ''}`;
  const error = /^\w*Error: .*$/m.exec(output)?.[0];
  return `exit code ${exitCode ?? 'unknown'}${error === undefined ? '' : ` (${error})`}`;
}

/** Resolves when every task has been answered, has died with its worker, or the signal has come. Throws WorkerStartError. */
export async function runOnWorkers<Task, Answer>(
  tasks: readonly Task[],
  options: PoolOptions,
  events: PoolEvents<Task, Answer>,
): Promise<void> {
  // Ends all lanes, by the caller's signal or because one of them threw.
  const all = new AbortController();
  const abort = () => all.abort();
  options.signal.addEventListener('abort', abort);
  if (options.signal.aborted) abort();
  const queue = tasks.values();
  const lanes = Array.from({ length: options.workers }, () => lane(queue, options, events, all.signal));
  try {
    await Promise.all(lanes);
  } finally {
    abort();
    await Promise.allSettled(lanes);
    options.signal.removeEventListener('abort', abort);
  }
}

async function lane<Task, Answer>(
  queue: Iterator<Task>,
  options: PoolOptions,
  events: PoolEvents<Task, Answer>,
  signal: AbortSignal,
): Promise<void> {
  let worker: WorkerProcess | undefined;
  try {
    while (!signal.aborted) {
      const { done, value: task } = queue.next();
      if (done) return;
      worker ??= await startWorker(options, signal);
      if (signal.aborted) return;
      events.started(task);
      const end = await worker.ask({ task });
      if (signal.aborted) return;
      if ('reply' in end) {
        const { answer, memory } = end.reply as Reply<Answer>;
        if (memory > options.mostMemory) {
          await worker.stop();
          worker = undefined;
        }
        events.answered(task, answer);
      } else {
        worker = undefined;
        events.died(task, end.reason, end.output);
      }
    }
  } finally {
    await worker?.stop();
  }
}

async function startWorker(options: PoolOptions, signal: AbortSignal): Promise<WorkerProcess> {
  for (let failed = 1; ; failed++) {
    const worker = new WorkerProcess(options, signal);
    const end = await worker.ask({ setup: options.setup });
    if ('reply' in end || signal.aborted) return worker;
    if (failed === MOST_FAILED_STARTS) throw new WorkerStartError(`worker processes do not start: ${end.reason}`);
  }
}
