/**
 * A worker process's part: takes a block of cases, one after the other, and says on file descriptor 3 what it is at. It cannot say that
 * it hangs; the parent sees that (supervise.ts).
 */
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { type Bound, type Kind, type Kinds, USUAL_BOUND, Violation } from './kind.ts';
import { caseAt, type Plan, randomOf } from './plan.ts';

/** What a worker gets, as JSON in its only argument. */
export interface Job {
  readonly plan: Plan;
  /** Numbers of cases. */
  readonly from: number;
  /** The number after the last one. */
  readonly to: number;
  /** A folder for the cases' files. */
  readonly scratch: string;
  /** Where the input is written before it is tried. */
  readonly keep?: string;
}

export interface Failure {
  readonly number: number;
  readonly what: string;
  /** The case took too much, but perhaps because of what ran before it or at the same time. */
  readonly exceeded: boolean;
}

/** One line of JSON each. */
export type Report =
  /** `cpu`: the processor time in microseconds that this process has taken so far. */
  | { readonly say: 'started'; readonly number: number; readonly cpu: number; readonly bound: Bound }
  | ({ readonly say: 'failed' } & Failure)
  | { readonly say: 'done' };

const REPORTS = 3;

function say(report: Report): void {
  const line = `${JSON.stringify(report)}\n`;
  for (;;) {
    try {
      writeSync(REPORTS, line);
      return;
    } catch (error) {
      // The parent has not read yet. With any other error the parent is gone, and there is no reason to go on.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}

function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Bytes of resident memory at most so far. */
function peakMemory(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** What went wrong, in words; a bug's with the place where it was thrown. */
function wordsOf(error: unknown): string {
  if (error instanceof Violation) return error.message;
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : `threw ${String(error)}`;
}

/** Tries the cases of the job; the rest is left where one has taken too much memory. */
export async function work(kinds: Kinds, job: Job): Promise<void> {
  for (let number = job.from; number < job.to; number++) {
    const kind = kinds[caseAt(job.plan, number).kind]!;
    const bound = { ...USUAL_BOUND, ...kind.bound };
    const before = processorTime();
    say({ say: 'started', number, cpu: before, bound });
    try {
      await attempt(kind, number, job);
    } catch (error) {
      say({ say: 'failed', number, what: wordsOf(error), exceeded: false });
    }
    if (processorTime() - before > bound.seconds * 1e6) {
      say({ say: 'failed', number, what: `took more than ${bound.seconds} s of processor time`, exceeded: true });
    }
    if (peakMemory() > bound.mebibytes * 2 ** 20) {
      say({ say: 'failed', number, what: `took more than ${bound.mebibytes} MiB of memory`, exceeded: true });
      // The peak of a process does not go down: the next case needs a new process.
      return;
    }
  }
  say({ say: 'done' });
}

async function attempt(kind: Kind, number: number, { plan, scratch, keep }: Job): Promise<void> {
  const one = caseAt(plan, number);
  const input = 'file' in one ? new Uint8Array(readFileSync(one.file)) : await kind.make(randomOf(plan.seed, one));
  if (keep !== undefined) writeFileSync(keep, input);
  await kind.check(input, scratch);
}
