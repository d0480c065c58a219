/**
 * The engine's clock (decision 3): one unit for each instruction executed or trapped, and jumps over WFI. How many nanoseconds of guest time a unit
 * is, only nanosecond-clock.ts and the registers know.
 *
 * The interpreter is granted a budget of units and counts it down; `now` is the end of the grant less what remains of it. An alarm
 * that is set within the grant shortens it, so that the interpreter returns on the exact instruction (decision 4).
 */
import type { HartState } from '../layout/state.ts';
import type { Alarm, Clock } from '../ports.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';

/** An alarm of this clock. It calls `changed` whenever it is set or unset. */
class ClockAlarm implements Alarm {
  readonly ring: () => void;
  readonly #changed: (alarm: ClockAlarm) => void;
  #at: number | undefined;

  constructor(ring: () => void, changed: (alarm: ClockAlarm) => void) {
    this.ring = ring;
    this.#changed = changed;
  }

  get at(): number | undefined {
    return this.#at;
  }

  set at(time: number | undefined) {
    if (time === undefined && this.#at === undefined) return;
    this.#at = time;
    this.#changed(this);
  }
}

/** What the clock knows at one moment. Alarms are numbered in the order in which they were made. */
export interface ClockState {
  readonly end: number;
  /** The alarms that are set, in the order in which they will ring. */
  readonly alarms: readonly { readonly alarm: number; readonly at: number }[];
}

export class GuestClock implements Clock {
  readonly #state: HartState;
  readonly #work: WorkMeter;
  /** Time at which the budget will be used up. */
  #end = 0;
  readonly #alarms: ClockAlarm[] = [];
  /** The alarms that are set, ordered by time; those of equal times in the order in which they were set. */
  #pending: ClockAlarm[] = [];

  constructor(state: HartState, work: WorkMeter) {
    this.#state = state;
    this.#work = work;
  }

  /** Generated code reads the end from the slot. */
  #setEnd(time: number): void {
    this.#end = time;
    this.#state.setTime('clockEnd', time);
  }

  now(): number {
    return this.#end - this.#state.small('budget');
  }

  alarm(ring: () => void): Alarm {
    const alarm = new ClockAlarm(ring, (changed) => this.#place(changed));
    this.#alarms.push(alarm);
    return alarm;
  }

  /** Puts an alarm where it belongs now. */
  #place(alarm: ClockAlarm): void {
    const before = this.#pending.indexOf(alarm);
    if (before >= 0) this.#pending.splice(before, 1);
    const { at } = alarm;
    if (at === undefined) return;
    const later = this.#pending.findIndex((other) => other.at! > at);
    this.#pending.splice(later < 0 ? this.#pending.length : later, 0, alarm);
    if (at < this.#end) this.shorten(at);
  }

  /** Time of the next alarm, or undefined. */
  next(): number | undefined {
    return this.#pending[0]?.at;
  }

  /** Rings the alarms that are due. */
  callDue(): void {
    for (let at = this.next(); at !== undefined && at <= this.now(); at = this.next()) {
      this.#work.add(WORK['timer-events']);
      const first = this.#pending[0]!;
      first.at = undefined;
      first.ring();
    }
  }

  /** Grants instructions up to `time`, the next alarm, or `most`, whichever is first. */
  grant(time: number, most: number): void {
    const now = this.now();
    const until = Math.min(time, this.next() ?? time, now + most);
    this.#setEnd(until);
    this.#state.setSmall('budget', until - now);
  }

  /** Takes back what remains of the grant after `time` (or after now, if that is later). */
  shorten(time = 0): void {
    const now = this.now();
    this.#setEnd(Math.max(now, Math.min(time, this.#end)));
    this.#state.setSmall('budget', this.#end - now);
  }

  /** It is the turn of a hart that has reached this time, which may be an earlier one; no instruction runs. */
  turnTo(time: number): void {
    this.#state.setSmall('budget', 0);
    this.#setEnd(time);
  }

  /** Jumps forward; no instruction runs. */
  skipTo(time: number): void {
    this.shorten();
    this.#setEnd(Math.max(this.#end, time));
  }

  save(): ClockState {
    const alarms = this.#pending.map((alarm) => ({ alarm: this.#alarms.indexOf(alarm), at: alarm.at! }));
    return { end: this.#end, alarms };
  }

  /** To be called after the slots have been restored: the budget is one of them. */
  restore({ end, alarms }: ClockState): void {
    for (const alarm of [...this.#pending]) alarm.at = undefined;
    this.#setEnd(end);
    // No alarm is earlier than the end of the grant, so setting them does not change the grant.
    for (const { alarm, at } of alarms) this.#alarms[alarm]!.at = at;
  }
}
