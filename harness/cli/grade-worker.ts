/** A worker process of `bootgrade grade`: gets what all submissions share, then one submission after the other (batch/pool.ts). */
import { writeFileSync } from 'node:fs';
import type { Reply } from '../batch/pool.ts';
import { HostError } from '../files/system-error.ts';
import type { SubmissionResult } from '../grade/result.ts';
import { machineHost } from '../run/host.ts';
import { type Grading, type GradingSetup, gradeOne, gradingOf, type Task } from './grade-one.ts';
import { UsageError } from './usage-error.ts';
import { TOOL } from './version.ts';

/** What is wrong with the reports' folder or with this computer ends the whole grading, there as it would here. */
export type WorkerAnswer = { readonly result: SubmissionResult } | { readonly usageError: string } | { readonly hostError: string };

let grading: Grading | undefined;

function answer(task: Task): WorkerAnswer {
  try {
    return { result: gradeOne(task, grading!, () => {}) };
  } catch (error) {
    if (error instanceof UsageError) return { usageError: error.message };
    if (error instanceof HostError) return { hostError: error.message };
    throw error;
  }
}

process.on('message', (message: { setup: GradingSetup } | { task: Task }) => {
  if ('setup' in message) {
    grading = gradingOf(message.setup, machineHost(TOOL));
    process.send!('ready');
    return;
  }
  const reply: Reply<WorkerAnswer> = { answer: answer(message.task), memory: process.memoryUsage.rss() };
  process.send!(reply);
});
// Where memory runs out, Linux is to take a worker and not the process that knows how to go on (proc(5), oom_score_adj).
try {
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Another system, or one that does not allow it.
}
// A terminal sends Ctrl-C to all of its processes; what becomes of a worker is for the one that started it to say.
process.on('SIGINT', () => {});
