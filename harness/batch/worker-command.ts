/** How a worker process is started; parts.ts says with what. */

/** A program and what it is called with. */
export interface WorkerCommand {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * V8 counts all of a machine's memory as used, and collects very thoroughly, which takes a third of a grading's time, whenever that is
 * half of what the heap may have: so it may have more than twice the largest machine's 3 GiB. What bounds a worker is its watchdog, which
 * looks at the memory that the process occupies.
 */
export const HEAP_OPTION = '--max-old-space-size=6400';
