/**
 * Watches over what this process does for a submission: a thread that ends it when it takes too long, is stuck, or needs too much memory.
 * It sees the time of the processor pass and the beats of the main thread, so that it needs nothing from a main thread that hangs.
 */
import { Script } from 'node:vm';
import type { Worker } from 'node:worker_threads';
import { HostError } from '../files/system-error.ts';
import { deadlineOf, MOST_BESIDE_GUEST, type Patience, type Stage, wordsOf } from './deadlines.ts';
import { startWatchdogThread } from './parts.ts';
import { WatchState } from './watch-state.ts';
import type { WatchdogData } from './watchdog-thread.ts';

/** The watchdog has ended the work; the message is the reason, a phrase. */
export class GaveUp extends Error {
  override readonly name = 'GaveUp';
}

/** Where the script finds what it is to do: only a script can be interrupted. */
const WORK = Symbol.for('bootgrade work');
const SCRIPT = new Script('globalThis[Symbol.for("bootgrade work")]()');

export class Watchdog {
  readonly #state = new WatchState();
  readonly #patience: Patience;
  readonly #thread: Worker;
  /** Why there is no thread: the system had no room for one. */
  #failure: Error | undefined;

  /** `parent`: this process is a worker of it, that ends with it. */
  constructor(patience: Patience, parent: number | null = null) {
    this.#patience = patience;
    const workerData: WatchdogData = { state: this.#state.buffer, patience, parent };
    this.#thread = startWatchdogThread(workerData);
    this.#thread.unref();
    // It comes when the main thread has nothing to do, so when the work is done. A worker dies of it, which its parent sees.
    if (parent === null) this.#thread.on('error', (error) => (this.#failure = error));
  }

  readonly beat = (): void => this.#state.beat();

  readonly enter = (stage: Stage): void => this.#state.enter(wordsOf(stage), deadlineOf(stage) / this.#patience.hurry);

  /** From here on the process is ended with words on standard error. `guest`: bytes of memory that the machine may touch. */
  begin(guest: number): void {
    this.enter({ phase: 'start' });
    this.#state.begin(Math.ceil(guest / 2 ** 20) + MOST_BESIDE_GUEST);
  }

  end(): void {
    this.#state.end();
  }

  /**
   * Does the work. The watchdog interrupts it as Ctrl-C interrupts a script, wherever the main thread is, so that this process can say so
   * itself: throws GaveUp. What the work had begun is left as it is, and is not to be used again. Throws HostError if there is no
   * thread to watch.
   */
  watched<Result>(guest: number, work: () => Result): Result {
    if (this.#failure !== undefined) throw new HostError(`starting a thread failed: ${this.#failure.message}`);
    this.begin(guest);
    try {
      return interruptible(() => {
        try {
          return work();
        } finally {
          // If the watchdog gives up at this very moment, its signal is still on its way, and must arrive here.
          while (!this.#state.end());
        }
      });
    } catch (error) {
      if (!isInterruption(error)) throw error;
      if (this.#state.isGivenUp) throw new GaveUp(this.#state.reason(this.#patience));
      // It was Ctrl-C: ends the process as it does everywhere else.
      process.kill(process.pid, 'SIGINT');
      throw error;
    } finally {
      this.#state.reset();
    }
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}

function interruptible<Result>(work: () => Result): Result {
  const global = globalThis as { [WORK]?: () => Result };
  global[WORK] = work;
  try {
    return SCRIPT.runInThisContext({ breakOnSigint: true }) as Result;
  } finally {
    delete global[WORK];
  }
}

function isInterruption(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_INTERRUPTED';
}
