/**
 * How long each stage of a grading process may take. Processor time counts, so that the load of the computer does not matter. Only where no
 * processor time passes (a stopped process, a file system that does not answer) are there limits in seconds of the clock, which are high.
 */

/** What a process is doing. `guard`: processor seconds after which a run of the scenario gives up by itself (run/host-guard.ts, guardOf). */
export type Stage =
  | { readonly phase: 'start' | 'grading' | 'writing' }
  | { readonly phase: 'run' | 'explanation'; readonly scenario: string; readonly guard: number };

/** Processor seconds of a stage. */
export function deadlineOf(stage: Stage): number {
  switch (stage.phase) {
    case 'start':
      // To load and compile the program takes less than half a second.
      return 30;
    case 'run':
      // The run's own guard comes first, since it can say more. This is for a run that never comes to its guard.
      return stage.guard + 30;
    case 'explanation':
      // It may run the scenario once more to look for races, with the same guard. What else it runs again is counted and bounded
      // (explain/replay.ts, MOST_REPEATED), and debug information is read within seconds.
      return stage.guard + 120;
    case 'grading':
      // Checks look at some megabytes of evidence: a tenth of a second.
      return 60;
    case 'writing':
      // Some megabytes of evidence, and reports in a dozen formats: less than a second.
      return 60;
  }
}

/** When it was, in words. */
export function wordsOf(stage: Stage): string {
  switch (stage.phase) {
    case 'start':
      return 'before its first run';
    case 'run':
      return `in the run of ${stage.scenario}`;
    case 'explanation':
      return `in the explanation of ${stage.scenario}`;
    case 'grading':
      return 'in grading';
    case 'writing':
      return 'in writing its reports';
  }
}

/** How long a watchdog or a parent process waits for a sign of life, in seconds. */
export interface Patience {
  /** Every length of time here and above is divided by this; 1 but for tests. */
  readonly hurry: number;
  /** Processor time without a beat of the main thread, which beats a hundred times in a second of guest time. */
  readonly silence: number;
  /** Time without a beat while the process may be asleep: a file server that restarts is back by then. */
  readonly sleep: number;
  /** Time between two signs of life that a worker's watchdog sends to the parent. */
  readonly pulse: number;
  /** Time without a sign of life after which the parent considers a worker stopped. Even on a loaded computer its watchdog's thread runs far sooner. */
  readonly pulseMissing: number;
  /** Time that a process has to say itself that it gives up. */
  readonly grace: number;
  /** Time between two looks of the watchdog: memory can grow by some 100 MiB meanwhile. */
  readonly look: number;
}

export function patience(hurry = 1): Patience {
  const seconds = { silence: 60, sleep: 600, pulse: 1, pulseMissing: 30, grace: 5 };
  const hurried = Object.fromEntries(Object.entries(seconds).map(([name, value]) => [name, value / hurry])) as typeof seconds;
  // Tests shorten the times, but not so much that a loaded computer fails them.
  return { hurry, ...hurried, pulseMissing: Math.max(5, hurried.pulseMissing), look: 0.1 };
}

/**
 * MiB that a process may occupy besides the memory of the machine that it runs: about 100 for Node and the program, as much for translated
 * code, and the rest for evidence, which is bounded, with what is not collected yet: a run of 66,000 requests with explanations took about 220 MiB in all.
 */
export const MOST_BESIDE_GUEST = 768;

/** A worker that occupies so many MiB after it has answered is replaced: the machine's memory has been freed by then. */
export const MOST_BETWEEN = 384;
