/**
 * The guest's clock (decision 3): one nanosecond for each instruction executed or trapped, and jumps over WFI.
 *
 * The interpreter counts a budget down; `now` is the end of what was granted less what is left of it. An event that is
 * scheduled within the grant shortens it, so that the interpreter comes back on the exact instruction (decision 4).
 */
import type { HartState } from '../layout/state.ts';
import type { Clock, ScheduledCall } from '../ports.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';

interface Event {
  readonly at: number;
  readonly call: () => void;
}

export class GuestClock implements Clock {
  private readonly state: HartState;
  private readonly work: WorkMeter;
  private endTime = 0;
  /** Those that are still to come, by time; equal times in the order of scheduling. */
  private events: Event[] = [];

  constructor(state: HartState, work: WorkMeter) {
    this.state = state;
    this.work = work;
  }

  /** Time at which the budget will be used up; the slot is for generated code. */
  private get end(): number {
    return this.endTime;
  }

  private set end(time: number) {
    this.endTime = time;
    this.state.setTime('clockEnd', time);
  }

  now(): number {
    return this.end - this.state.small('budget');
  }

  schedule(at: number, call: () => void): ScheduledCall {
    const event: Event = { at, call };
    const later = this.events.findIndex((e) => e.at > at);
    this.events.splice(later < 0 ? this.events.length : later, 0, event);
    if (at < this.end) this.shorten(at);
    return { cancel: () => this.remove(event) };
  }

  /** A kernel may set its timer again and again: what was cancelled must not pile up. */
  private remove(event: Event): void {
    const index = this.events.indexOf(event);
    if (index >= 0) this.events.splice(index, 1);
  }

  /** Time of the next event, or undefined. */
  next(): number | undefined {
    return this.events[0]?.at;
  }

  /** Makes the calls that are due. */
  callDue(): void {
    for (let at = this.next(); at !== undefined && at <= this.now(); at = this.next()) {
      this.work.add(WORK['timer-events']);
      this.events.shift()!.call();
    }
  }

  /** Grants instructions up to `time`, the next event, or `most`, whichever is first. */
  grant(time: number, most: number): void {
    const now = this.now();
    const until = Math.min(time, this.next() ?? time, now + most);
    this.end = until;
    this.state.setSmall('budget', until - now);
  }

  /** Takes back what is left of the grant beyond `time` (or beyond now). */
  shorten(time = 0): void {
    const now = this.now();
    this.end = Math.max(now, Math.min(time, this.end));
    this.state.setSmall('budget', this.end - now);
  }

  /** Jumps forward; no instruction runs. */
  skipTo(time: number): void {
    this.shorten();
    this.end = Math.max(this.end, time);
  }
}
