/** A guest clock that a test moves by hand, and an interrupt line that remembers its levels. */
import type { Alarm, Clock, InterruptLine } from '../ports.ts';

class ManualAlarm implements Alarm {
  readonly ring: () => void;
  readonly #clock: Pick<ManualClock, 'now' | 'set'>;
  #at: number | undefined;

  constructor(ring: () => void, clock: Pick<ManualClock, 'now' | 'set'>) {
    this.ring = ring;
    this.#clock = clock;
  }

  get at(): number | undefined {
    return this.#at;
  }

  set at(time: number | undefined) {
    this.#at = time === undefined ? undefined : Math.max(time, this.#clock.now());
    this.#clock.set(this);
  }
}

export class ManualClock implements Clock {
  #now = 0;
  /** The alarms that are set, ordered by time; among alarms for the same time, the one that was set first comes first. */
  #alarms: ManualAlarm[] = [];

  now(): number {
    return this.#now;
  }

  alarm(ring: () => void): Alarm {
    return new ManualAlarm(ring, this);
  }

  set(alarm: ManualAlarm): void {
    const others = this.#alarms.filter((other) => other !== alarm);
    const { at } = alarm;
    if (at !== undefined) others.splice(others.findLastIndex((other) => other.at! <= at) + 1, 0, alarm);
    this.#alarms = others;
  }

  /** Moves the clock on, and rings the alarms that are due on the way, each at its own time. */
  advance(nanoseconds: number): void {
    const end = this.#now + nanoseconds;
    for (let due = this.#alarms[0]; due !== undefined && due.at! <= end; due = this.#alarms[0]) {
      this.#now = Math.max(this.#now, due.at!);
      due.at = undefined;
      due.ring();
    }
    this.#now = end;
  }

  /** How many alarms are set. */
  scheduled(): number {
    return this.#alarms.length;
  }
}

export class RecordedLine implements InterruptLine {
  level = false;
  /** Every level that was set, repeats included. */
  readonly history: boolean[] = [];

  set(level: boolean): void {
    this.level = level;
    this.history.push(level);
  }
}
