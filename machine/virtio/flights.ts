/**
 * The requests in flight of a device: carried out, and not yet delivered. They are delivered by the guest's clock, in the order in which
 * they are due; one can be held back until the next has been delivered (faults.ts).
 */
import type { Alarm, Clock } from '../ports.ts';
import type { Answer } from './device-type.ts';
import { type Chain, QUEUE_MAX } from './queue/virtqueue.ts';
import type { TracedRequest } from './record/trace.ts';

/** Bytes that answers in flight may hold: beyond, and beyond QUEUE_MAX answers, they are delivered early, or a driver could fill the host's memory. */
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
  /** Rings for the first. */
  readonly #alarm: Alarm;
  /** In the order of their delivery. */
  #scheduled: Scheduled[] = [];
  /** The one that the next request overtakes. */
  #waiting: Scheduled | undefined;
  /** Bytes of answers. */
  #held = 0;

  constructor(clock: Clock, deliver: (flight: Flight) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
    this.#alarm = clock.alarm(() => this.#first());
  }

  /** @param afterNext it is delivered right after the one that is launched next */
  launch(flight: Flight, delay: number, afterNext: boolean): void {
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

  /** Lets one that has not been delivered come after what is due at `due`. */
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

  /** When the first is due, the clock knows. */
  save() {
    return { scheduled: this.#scheduled, waiting: this.#waiting, held: this.#held };
  }

  restore({ scheduled, waiting, held }: ReturnType<Flights['save']>): void {
    this.#scheduled = scheduled;
    this.#waiting = waiting;
    this.#held = held;
  }
}
