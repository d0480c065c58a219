/**
 * The parts of the program that run beside it: a worker process, and the watchdog's thread. Each starts from a file, which the build puts
 * beside the program. Where the program is one file, parts-of-one-file.ts stands in this one's place (build/single-file.mjs).
 */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { WatchdogData } from './watchdog-thread.ts';
import { HEAP_OPTION, type WorkerCommand } from './worker-command.ts';

export const workerCommand = (): WorkerCommand => ({
  file: process.execPath,
  arguments: [HEAP_OPTION, fileURLToPath(new URL('./grade-worker.mjs', import.meta.url))],
  environment: {},
});

/** The program's file, where all of it is one file. */
export const singleFile = (): string | undefined => undefined;

export const startWatchdogThread = (workerData: WatchdogData): Worker =>
  new Worker(new URL('./watchdog-thread.cjs', import.meta.url), { workerData });
