/** One worker process: asked one thing after the other, and killed if it gives no sign of life. Processes are execa's. */
import { execa, type Options, type ResultPromise } from 'execa';
import { assureDescriptors } from '../files/descriptors.ts';
import type { Patience } from './deadlines.ts';
import type { WorkerCommand } from './worker-command.ts';

export interface WorkerOptions {
  /** The worker. Its watchdog writes a sign of life to standard output now and then; its last words are on standard error. */
  readonly command: WorkerCommand;
  readonly patience: Pick<Patience, 'hurry' | 'pulseMissing'>;
}

/** How a worker ended that cannot answer. */
export interface Death {
  /** The cause, as a phrase. */
  readonly reason: string;
  /** What it said last. */
  readonly output: string;
}

const IPC = { ipc: true, serialization: 'advanced', reject: false } as const satisfies Options;

/** What a process is started with: three pipes, and one that shows whether it has started. If there are too few file descriptors for them, execa ends this process. */
const DESCRIPTORS = 8;

export class WorkerProcess {
  readonly #child: ResultPromise<typeof IPC>;
  readonly #watch: NodeJS.Timeout;
  readonly #patience: WorkerOptions['patience'];
  /** Ticks since the last sign of life. Ticks, because none pass while this process is stopped as well. */
  #quiet = 0;
  #isStopped = false;

  /** Throws HostError. */
  constructor({ command, patience }: WorkerOptions) {
    assureDescriptors(DESCRIPTORS, 'starting a worker process');
    this.#patience = patience;
    this.#child = execa(command.file, command.arguments, {
      ...IPC,
      env: { ...command.environment },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      buffer: { stdout: false, stderr: true, ipc: false },
      killSignal: 'SIGKILL',
    }) as unknown as ResultPromise<typeof IPC>;
    this.#child.stdout!.on('data', () => {
      this.#quiet = 0;
    });
    this.#watch = setInterval(() => this.#tick(), 1000 / patience.hurry).unref();
  }

  #tick(): void {
    if (++this.#quiet / this.#patience.hurry <= this.#patience.pulseMissing) return;
    this.#isStopped = true;
    this.#child.kill();
  }

  /** What the worker answers, or how it ended. The signal kills it. */
  async ask(message: unknown, signal: AbortSignal): Promise<{ readonly reply: unknown } | Death> {
    const kill = () => void this.#child.kill();
    signal.addEventListener('abort', kill);
    if (signal.aborted) kill();
    try {
      const [reply] = await Promise.all([this.#child.getOneMessage(), this.#child.sendMessage(message as never)]);
      return { reply };
    } catch {
      return this.#death();
    } finally {
      signal.removeEventListener('abort', kill);
    }
  }

  async #death(): Promise<Death> {
    await this.stop();
    const { signal, exitCode, stderr } = await this.#child;
    const output = String(stderr ?? '');
    if (this.#isStopped) return { reason: `it gave no sign of life for ${this.#patience.pulseMissing} seconds`, output };
    return deathOf(signal, exitCode, output);
  }

  async stop(): Promise<void> {
    clearInterval(this.#watch);
    this.#child.kill();
    await this.#child;
  }
}

/** V8's last words: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory". */
const OUT_OF_MEMORY = /heap out of memory|Array buffer allocation failed|Out of memory/i;

/** Node's last words where a process may open no more files, whether for a module or for a thread. */
const TOO_MANY_FILES = /\bEMFILE\b|\bENFILE\b/;

/** Its watchdog's last words. */
const GIVEN_UP = /^bootgrade: (.*)$/m;

function deathOf(signal: string | undefined, exitCode: number | undefined, output: string): Death {
  const [words, givenUp] = GIVEN_UP.exec(output) ?? [];
  if (givenUp !== undefined) return { reason: givenUp, output: output.replace(words!, '').trim() };
  if (OUT_OF_MEMORY.test(output)) return { reason: 'out of memory: it needed more than a worker may have', output };
  if (TOO_MANY_FILES.test(output)) return { reason: 'it may not open as many files as it needs', output };
  if (signal !== undefined)
    return { reason: `killed by ${signal}${signal === 'SIGKILL' ? ', as a system that runs out of memory does' : ''}`, output };
  const error = /^\w*Error(?: \[\w+\])?: .*$/m.exec(output)?.[0];
  return { reason: `exit code ${exitCode ?? 'unknown'}${error === undefined ? '' : ` (${error})`}`, output };
}
