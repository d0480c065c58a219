/** How drivers use their queues, and what becomes of the answers: the repeated run watches both. */
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

interface Driver {
  readonly drive: string;
  readonly queue: QueueWatch;
  readonly answers: AnswerWatch;
}

export class DriverWatch {
  readonly #replay: Replay;
  readonly #evidence: Evidence;
  readonly #drivers: readonly Driver[];
  #left = MOST_ACCESSES;

  /** To be made at power-on. */
  constructor(replay: Replay, evidence: Evidence, code: KernelCode) {
    const { machine } = replay;
    this.#replay = replay;
    this.#evidence = evidence;
    this.#drivers = evidence.devices.flatMap(({ drive, queue: { place } }) => {
      const requests = evidence.requests.filter((one) => one.drive === drive && isOfDisk(one));
      if (place === null || requests.length === 0) return [];
      return [{ drive, queue: new QueueWatch(machine, place, requests), answers: new AnswerWatch(replay, requests, code) }];
    });
    this.#watch();
  }

  /** Guest times at which `look` is to be called. */
  get times(): number[] {
    return [...new Set(this.#drivers.flatMap(({ answers }) => answers.times))];
  }

  look(): void {
    if (this.#drivers.map(({ queue, answers }) => answers.look((index) => queue.filledBy(index))).includes(true)) this.#watch();
  }

  #watch(): void {
    const { machine } = this.#replay;
    const ranges = this.#left > 0 ? this.#drivers.flatMap(({ queue, answers }) => [...queue.ranges, ...answers.ranges]) : [];
    this.#replay.watch(this, ranges, (access) => {
      if (this.#left-- === 0) return this.#replay.watch(this, [], () => undefined);
      for (const { queue, answers } of this.#drivers) {
        queue.touched(access, machine.now());
        answers.touched(access, machine.now());
      }
    });
  }

  /** Nothing is known where the watch was given up. To be called after the end of the run. */
  answers(code: KernelCode): DriverExplanation[] {
    if (this.#left <= 0) return [];
    const panicked = panicOf(this.#evidence) !== null;
    return this.#drivers
      .map(({ drive, queue, answers }) => ({ drive, ...queue.answers(code), answers: answers.answers(code, { panicked }) }))
      .filter(
        ({ usedStore, entry, element, reused, answers }) =>
          answers.length > 0 || [usedStore, entry, element, reused].some((one) => one !== null),
      );
  }
}
