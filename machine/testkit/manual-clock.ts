/** A guest clock that a test moves by hand, and an interrupt line that remembers what was put on it. */
import type { Clock, InterruptLine, ScheduledCall } from '../ports.ts';

interface Entry {
  readonly at: number;
  readonly call: () => void;
}

export class ManualClock implements Clock {
  #now = 0;
  /** By time; of calls for one time, the first scheduled comes first. */
  #entries: Entry[] = [];

  now(): number {
    return this.#now;
  }

  schedule(at: number, call: () => void): ScheduledCall {
    const entry = { at: Math.max(at, this.#now), call };
    const before = this.#entries.findLastIndex((other) => other.at <= entry.at);
    this.#entries.splice(before + 1, 0, entry);
    return { cancel: () => this.#remove(entry) };
  }

  /** Moves the clock on, making the calls that fall due on the way, each at its own time. */
  advance(nanoseconds: number): void {
    const end = this.#now + nanoseconds;
    for (let due = this.#entries[0]; due !== undefined && due.at <= end; due = this.#entries[0]) {
      this.#entries.shift();
      this.#now = due.at;
      due.call();
    }
    this.#now = end;
  }

  /** Calls that are still to come. */
  scheduled(): number {
    return this.#entries.length;
  }

  #remove(entry: Entry): void {
    const at = this.#entries.indexOf(entry);
    if (at >= 0) this.#entries.splice(at, 1);
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
