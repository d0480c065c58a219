/** How drivers use their queues, and what becomes of the answers: one repeated run watches both. */
import type { DriverExplanation } from '../evidence/driver.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { panicOf } from '../evidence/panic.ts';
import { AnswerWatch } from './answer-watch.ts';
import type { KernelCode } from './code.ts';
import { QueueWatch } from './queue-watch.ts';
import type { Replay } from './replay.ts';

/** Accesses that are looked at before the watch is given up: a kernel may poll for ever. */
const MOST_ACCESSES = 200_000;

/** Whether there is a request to a disk that could be looked at. */
export function hasRequests({ requests }: Evidence): boolean {
  return requests.some(isOfDisk);
}

/** An entropy device has requests without a header. */
function isOfDisk({ queue, roles }: Evidence['requests'][number]): boolean {
  return queue === 0 && roles.some(({ role }) => role !== 'data');
}

/** Begins again from power-on; nothing else may be asked of the replay afterwards but what begins again as well. */
export function explainDrivers(replay: Replay, evidence: Evidence, code: KernelCode): DriverExplanation[] {
  replay.goBefore(0);
  const { machine } = replay;
  const watched = evidence.devices.flatMap(({ drive, queue: { place } }) => {
    const requests = evidence.requests.filter((one) => one.drive === drive && isOfDisk(one));
    if (place === null || requests.length === 0) return [];
    return [{ drive, queue: new QueueWatch(machine, place, requests), answers: new AnswerWatch(machine, requests, code) }];
  });
  let left = MOST_ACCESSES;
  const watch = () => {
    const ranges = left > 0 ? watched.flatMap(({ queue, answers }) => [...queue.ranges, ...answers.ranges]) : [];
    machine.debug.watch(ranges, (access) => {
      if (left-- === 0) return machine.debug.watch([], () => undefined);
      for (const { queue, answers } of watched) {
        queue.touched(access, machine.now());
        answers.touched(access, machine.now());
      }
    });
  };
  watch();
  for (const time of [...new Set(watched.flatMap(({ answers }) => answers.times))].sort((a, b) => a - b)) {
    if (!replay.runTo(time)) return [];
    if (watched.map(({ queue, answers }) => answers.look((index) => queue.filledBy(index))).includes(true)) watch();
  }
  if (!replay.runTo(evidence.time) || left <= 0) return [];
  const panicked = panicOf(evidence) !== null;
  return watched
    .map(({ drive, queue, answers }) => ({ drive, ...queue.answers(code), answers: answers.answers(code, { panicked }) }))
    .filter(
      ({ usedStore, entry, element, reused, answers }) =>
        answers.length > 0 || [usedStore, entry, element, reused].some((one) => one !== null),
    );
}
