/**
 * The guest's clock as devices and registers see it: nanoseconds, of which each instruction takes `perInstruction`. The engine's own clock
 * (guest-clock.ts) counts instructions, so that what runs code, counts its budget and proves loops knows nothing of this. An alarm rings before
 * the first instruction that begins at its time or later.
 */
import type { Alarm, Clock } from '../ports.ts';

export class NanosecondClock implements Clock {
  readonly #steps: Clock;
  readonly #perInstruction: number;

  constructor(steps: Clock, perInstruction: number) {
    this.#steps = steps;
    this.#perInstruction = perInstruction;
  }

  now(): number {
    return this.#steps.now() * this.#perInstruction;
  }

  alarm(ring: () => void): Alarm {
    return new ScaledAlarm(this.#steps.alarm(ring), this.#perInstruction);
  }
}

class ScaledAlarm implements Alarm {
  readonly #inner: Alarm;
  readonly #factor: number;

  constructor(inner: Alarm, factor: number) {
    this.#inner = inner;
    this.#factor = factor;
  }

  get at(): number | undefined {
    const { at } = this.#inner;
    return at === undefined ? undefined : at * this.#factor;
  }

  set at(time: number | undefined) {
    this.#inner.at = time === undefined ? undefined : Math.ceil(time / this.#factor);
  }
}
