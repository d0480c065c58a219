/**
 * Stands in for parts.ts where the program is one file: a worker process is the same file, called with one word, and the thread's script
 * is a text in it (build/single-file.mjs).
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { WatchdogData } from './watchdog-thread.ts';
import { watchdogThread } from './watchdog-thread-text.ts';
import { HEAP_OPTION, type WorkerCommand } from './worker-command.ts';

/** The file; undefined in an executable, which has its script in itself. */
const SCRIPT: string | undefined = import.meta.url;

/** What tells a worker process from the program. It is for processes that the program starts, which have a channel to it. */
export const WORKER_WORD = 'grade-worker';

export function workerCommand(): WorkerCommand {
  const file = process.execPath;
  if (SCRIPT !== undefined) return { file, arguments: [HEAP_OPTION, fileURLToPath(SCRIPT), WORKER_WORD], environment: {} };
  // An executable hands its arguments to its script, all of them.
  return { file, arguments: [WORKER_WORD], environment: { NODE_OPTIONS: HEAP_OPTION } };
}

export const singleFile = (): string | undefined => (SCRIPT === undefined ? undefined : fileURLToPath(SCRIPT));

export const startWatchdogThread = (workerData: WatchdogData): Worker => new Worker(watchdogThread(), { eval: true, workerData });
