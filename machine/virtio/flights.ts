/**
 * A device's requests in flight: they have been carried out, but not yet delivered. The guest's clock delivers them in the order in which
 * they are due. One of them can wait for the next one, to be delivered right after it, or right before it (faults.ts).
 */
import type { Alarm, Clock } from '../ports.ts';
import type { Answer } from './device-type.ts';
import { type Chain, QUEUE_MAX } from './queue/virtqueue.ts';
import type { TracedRequest } from './record/trace.ts';

/**
 * Most bytes that answers in flight may hold. Above this, or above QUEUE_MAX answers, all are delivered at once; otherwise a driver could
 * exhaust host memory.
 */
const HELD_LIMIT = 64 << 20;

export interface Flight {
  /** Number of its queue. */
  readonly queue: number;
  readonly chain: Chain;
  readonly traced: TracedRequest;
  readonly answer: Answer;
}

/** Whether a flight waits for the one that is launched next, and is delivered right before it or right after it. */
export type Waits = 'before-next' | 'after-next' | undefined;

export interface Scheduled {
  readonly flight: Flight;
  /** Guest time of its delivery. */
  readonly due: number;
  readonly waits: Waits;
  /** The one that it has waited for is delivered at once after it. */
  readonly joined: boolean;
}

export class Flights {
  readonly #clock: Clock;
  readonly #deliver: (flight: Flight, joined: boolean) => void;
  /** Rings when the first one is due. */
  readonly #alarm: Alarm;
  /** In the order of their delivery. */
  #scheduled: Scheduled[] = [];
  /** The one that waits for the next request. */
  #waiting: Scheduled | undefined;
  /** How many bytes the answers hold. */
  #held = 0;

  /** `joined` says of a delivery that the next one follows at once and belongs to it. */
  constructor(clock: Clock, deliver: (flight: Flight, joined: boolean) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
    this.#alarm = clock.alarm(() => this.#first());
  }

  launch(flight: Flight, { delay, waits }: { delay: number; waits: Waits }): void {
    const due = this.#clock.now() + delay;
    const held = this.#takeWaiting();
    if (held?.waits === 'before-next') this.#schedule({ ...held, due, joined: true });
    const launched = this.#schedule({ flight, due, waits, joined: false });
    if (held?.waits === 'after-next') this.#schedule({ ...held, due });
    this.#waiting = waits === undefined ? undefined : launched;
    this.#held += flight.answer.bytes.length;
    if (this.#held > HELD_LIMIT || this.#scheduled.length > QUEUE_MAX) this.settle();
  }

  /** Delivers all of them, now. */
  settle(): void {
    while (this.#scheduled.length > 0) this.#first();
  }

  /** After those that are due at the same time. */
  #schedule(scheduled: Scheduled): Scheduled {
    const before = this.#scheduled.findLastIndex((other) => other.due <= scheduled.due);
    this.#scheduled.splice(before + 1, 0, scheduled);
    this.#alarm.at = this.#scheduled[0]!.due;
    return scheduled;
  }

  /** Takes out the one that waits, if it has not been delivered yet. */
  #takeWaiting(): Scheduled | undefined {
    const at = this.#waiting === undefined ? -1 : this.#scheduled.indexOf(this.#waiting);
    return at < 0 ? undefined : this.#scheduled.splice(at, 1)[0];
  }

  #first(): void {
    const first = this.#scheduled.shift();
    this.#alarm.at = this.#scheduled[0]?.due;
    if (first === undefined) return;
    this.#held -= first.flight.answer.bytes.length;
    this.#deliver(first.flight, first.joined);
  }

  /** The time when the first one is due is restored with the clock. */
  save() {
    return { scheduled: this.#scheduled, waiting: this.#waiting, held: this.#held };
  }

  restore({ scheduled, waiting, held }: ReturnType<Flights['save']>): void {
    this.#scheduled = scheduled;
    this.#waiting = waiting;
    this.#held = held;
  }
}
