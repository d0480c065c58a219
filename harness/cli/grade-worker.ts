/** Where a worker process begins: its watchdog first, then all that it takes to grade (worker-tasks.ts). */

import { patience } from '../batch/deadlines.ts';
import { Watchdog } from '../batch/watchdog.ts';
import { writeFileSync } from '../files/calls.ts';
import { hurry } from './environment.ts';
import { TOOL } from './version.ts';

const watchdog = new Watchdog(patience(hurry()), process.ppid);
// Where memory runs out, Linux is to take a worker and not the process that knows how to go on (proc(5), oom_score_adj).
try {
  writeFileSync('/proc/self/oom_score_adj', '1000');
} catch {
  // Another system, or one that does not allow it.
}
// A terminal sends Ctrl-C to all of its processes; what becomes of a worker is for the one that started it to say.
process.on('SIGINT', () => {});
const { takeTasks } = await import('../grading/processes/worker-tasks.ts');
takeTasks(TOOL, watchdog);
