/** A worker process: its watchdog first, then all that it takes to grade (worker-tasks.ts). */

import { patience } from '../batch/deadlines.ts';
import { Watchdog } from '../batch/watchdog.ts';
import { writeFileSync } from '../files/calls.ts';
import { hurry } from './environment.ts';
import { TOOL } from './version.ts';

export async function work(): Promise<void> {
  const watchdog = new Watchdog(patience(hurry()), process.ppid);
  // If memory runs out, Linux should kill a worker, not the process that can go on without it (proc(5), oom_score_adj).
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Another system, or one that does not allow it.
  }
  // A terminal sends Ctrl-C to all of its processes; the process that started a worker decides when it ends.
  process.on('SIGINT', () => {});
  const { takeTasks } = await import('../grading/processes/worker-tasks.ts');
  takeTasks(TOOL, watchdog);
}
