/** What a command needs from the process: where it prints, and how, and who does the work. Tests bring their own. */
import { writeSync } from 'node:fs';
import { patience } from '../batch/deadlines.ts';
import { systemReason } from '../files/system-error.ts';
import type { Crew } from '../grading/crew.ts';
import { OUR_FAULT } from './exit-codes.ts';
import { TOOL } from './version.ts';

export interface CrewPlan {
  /** Worker processes, at most. */
  readonly jobs: number;
  /** How many of them will be needed soon, as far as is known. */
  readonly warm: number;
}

export interface Environment {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether standard output shows colors. */
  readonly colors: boolean;
  /** Columns of the terminal that standard output is; left out: it is none, and nothing is wrapped. */
  readonly width?: number | undefined;
  /** Whether standard error is a terminal, on which a line may be drawn over. */
  readonly progress: boolean;
  /** Columns of that terminal, as it is now; left out: 80. */
  readonly columns?: number | undefined;
  /** Whether nothing but mistakes is to be printed on standard error. */
  readonly quiet?: boolean;
  /** Has the work done, and leaves no process behind. */
  readonly withCrew: <Result>(plan: CrewPlan, work: (crew: Crew) => Promise<Result>) => Promise<Result>;
}

/** https://no-color.org: set and not empty means none; FORCE_COLOR asks for them if there is no terminal. */
function wantsColors(environment: NodeJS.ProcessEnv, terminal: boolean): boolean {
  if (environment['NO_COLOR']) return false;
  if (environment['FORCE_COLOR']) return environment['FORCE_COLOR'] !== '0';
  return terminal && environment['TERM'] !== 'dumb';
}

/**
 * Whoever reads our output may stop reading (`| head`): the work goes on, without a word. If it is lost for a different reason (a full
 * disk), the work ends: its answer may be in what was lost.
 */
function lost(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return;
  try {
    writeSync(2, `bootgrade: writing the output failed: ${systemReason(error)}\n`);
  } catch {
    // Standard error is what was lost.
  }
  process.exit(OUR_FAULT);
}

/** Node sets a stream up when it is first looked at, which takes as long as a small kernel runs; `run` does without. */
function lazily(stream: () => NodeJS.WriteStream): () => NodeJS.WriteStream {
  let ready: NodeJS.WriteStream | undefined;
  return () => {
    ready ??= stream().on('error', lost);
    return ready;
  };
}

/** For tests: what all lengths of time that a grading may take are divided by (batch/deadlines.ts). */
export function hurry(): number {
  return Number(process.env['BOOTGRADE_TEST_HURRY']) || 1;
}

export function processEnvironment(): Environment {
  const out = lazily(() => process.stdout);
  const err = lazily(() => process.stderr);
  return {
    out: (text) => void out().write(text),
    err: (text) => void err().write(text),
    get colors() {
      // Of a pipe it is undefined, whatever its type says; `picocolors` would then decide by variables of its own, CI among them.
      return wantsColors(process.env, Boolean(out().isTTY));
    },
    get width() {
      return out().isTTY ? out().columns : undefined;
    },
    get progress() {
      return Boolean(err().isTTY) && process.env['TERM'] !== 'dumb';
    },
    get columns() {
      return err().columns;
    },
    withCrew: async ({ jobs, warm }, work) => {
      const { ProcessCrew } = await import('../grading/processes/process-crew.ts');
      const crew = new ProcessCrew(TOOL, jobs, patience(hurry()));
      try {
        if (warm > 0) await crew.warm(warm);
        return await work(crew);
      } finally {
        await crew.stop();
      }
    },
  };
}
