/**
 * A device's requests in flight: they have been carried out, but not yet delivered. The guest's clock delivers them in the order in which
 * they are due. One of them can be held back until the next one has been delivered (faults.ts).
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

export interface Scheduled {
  readonly flight: Flight;
  /** Guest time of its delivery. */
  readonly due: number;
}

export class Flights {
  readonly #clock: Clock;
  readonly #deliver: (flight: Flight) => void;
  /** Rings when the first one is due. */
  readonly #alarm: Alarm;
  /** In the order of their delivery. */
  #scheduled: Scheduled[] = [];
  /** The one that the next request will overtake. */
  #waiting: Scheduled | undefined;
  /** How many bytes the answers hold. */
  #held = 0;

  constructor(clock: Clock, deliver: (flight: Flight) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
    this.#alarm = clock.alarm(() => this.#first());
  }

  /** @param afterNext it is delivered right after the one that is launched next */
  launch(flight: Flight, { delay, afterNext }: { delay: number; afterNext: boolean }): void {
    const launched = this.#schedule(flight, this.#clock.now() + delay);
    if (this.#waiting) this.#postpone(this.#waiting, launched.due);
    this.#waiting = afterNext ? launched : undefined;
    this.#held += flight.answer.bytes.length;
    if (this.#held > HELD_LIMIT || this.#scheduled.length > QUEUE_MAX) this.settle();
  }

  /** Delivers all of them, now. */
  settle(): void {
    while (this.#scheduled.length > 0) this.#first();
  }

  #schedule(flight: Flight, due: number): Scheduled {
    const scheduled = { flight, due };
    const before = this.#scheduled.findLastIndex((other) => other.due <= due);
    this.#scheduled.splice(before + 1, 0, scheduled);
    this.#alarm.at = this.#scheduled[0]!.due;
    return scheduled;
  }

  /** If it has not been delivered yet, delivers it after those that are due at `due`. */
  #postpone(waiting: Scheduled, due: number): void {
    const at = this.#scheduled.indexOf(waiting);
    if (at < 0) return;
    this.#scheduled.splice(at, 1);
    this.#schedule(waiting.flight, due);
  }

  #first(): void {
    const first = this.#scheduled.shift();
    this.#alarm.at = this.#scheduled[0]?.due;
    if (first === undefined) return;
    this.#held -= first.flight.answer.bytes.length;
    this.#deliver(first.flight);
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
