/**
 * A worker process with bounds: it is watched from outside, and killed when the case that it is at takes too much. So a case that hangs
 * or takes all memory does not harm the others.
 *
 * Processor time and memory of a running process are read from /proc, where there is one; without it, a case that hangs is found by
 * its silence.
 */
import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { execa } from 'execa';
import type { Bound } from './kind.ts';
import type { Failure, Job, Report } from './work.ts';

export interface Outcome {
  /** Number of the first case that has not been tried. */
  readonly next: number;
  readonly failures: readonly Failure[];
}

/** Milliseconds between two looks. */
const INTERVAL = 100;
/** A case that is silent for so many times its processor time waits for something, or has no processor. */
const PATIENCE = 30;
/** In a second; Linux says so to all programs. */
const TICKS = 100;
const KEPT_OUTPUT = 4000;

/** Seconds of processor time and MiB of memory that a process occupies; undefined if there is no /proc, or no such process. */
function usageOf(pid: number): { seconds: number; mebibytes: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // proc(5): the name in parentheses may hold anything; the 12th and 13th field after it are utime and stime.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const kibibytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
    return { seconds: (Number(fields[11]) + Number(fields[12])) / TICKS, mebibytes: kibibytes / 1024 };
  } catch {
    return undefined;
  }
}

interface Running {
  readonly number: number;
  /** Seconds of processor time that the process had taken before. */
  readonly before: number;
  /** When it was started, in milliseconds. */
  readonly since: number;
  readonly bound: Bound;
}

/** What the running case takes too much of; undefined while it does not. */
function excess({ before, since, bound }: Running, pid: number): string | undefined {
  const usage = usageOf(pid);
  if (usage !== undefined && usage.seconds - before > bound.seconds) return `took more than ${bound.seconds} s of processor time`;
  if (usage !== undefined && usage.mebibytes > bound.mebibytes) return `took more than ${bound.mebibytes} MiB of memory`;
  const silence = bound.seconds * PATIENCE;
  return performance.now() - since > silence * 1000 ? `did not end within ${silence} s` : undefined;
}

/** Calls `take` with each whole line: what a process that is killed has begun is left out. */
function eachLine(input: Readable, take: (line: string) => void): void {
  let rest = '';
  input.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    lines.forEach(take);
  });
}

/**
 * Runs the job until it is done, a case ends the process, or the signal comes. `root`: the project's folder. Throws an Error where the
 * worker does not get to its first case: that is not the fault of any case.
 */
export async function supervise(script: string, job: Job, root: string, signal: AbortSignal): Promise<Outcome> {
  const child = execa(process.execPath, ['--enable-source-maps', script, JSON.stringify(job)], {
    cwd: root,
    buffer: false,
    reject: false,
    cancelSignal: signal,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stderr.on('data', (bytes: Buffer) => {
    output = (output + bytes.toString()).slice(-KEPT_OUTPUT);
  });
  const failures: Failure[] = [];
  let running: Running | undefined;
  const watch = setInterval(() => {
    const what = running && excess(running, child.pid!);
    if (what === undefined) return;
    failures.push({ number: running!.number, what, exceeded: true });
    clearInterval(watch);
    child.kill();
  }, INTERVAL);
  let done = false;
  eachLine(child.stdio[3] as Readable, (line) => {
    const report = JSON.parse(line) as Report;
    if (report.say === 'done') done = true;
    else if (report.say === 'failed') failures.push(report);
    else running = { number: report.number, before: report.cpu / 1e6, since: performance.now(), bound: report.bound };
  });
  const { exitCode, signal: killedBy } = await child;
  clearInterval(watch);
  if (done) return { next: job.to, failures };
  if (signal.aborted) return { next: running?.number ?? job.from, failures };
  if (running === undefined) throw new Error(`the worker process does not start: ${output}`);
  const { number } = running;
  if (!failures.some((failure) => failure.number === number)) {
    failures.push({ number, what: `ended the process (${killedBy ?? `exit code ${exitCode}`}) ${output}`.trim(), exceeded: false });
  }
  return { next: number + 1, failures };
}
