/**
 * Preemptions of harts. While a hart is preempted its guest time passes, the others run on, and events come at
 * their times. Interrupts that come meanwhile are taken when the hart goes on, so with a single hart one lands exactly where it was preempted.
 *
 * What several harts do, and in which order, follows from the list of preemptions and from guest time alone. Until a hart comes to
 * a preemption of its own it runs as fast as without one.
 */
import type { Preemption } from '../spec/schedule.ts';

/** All times are in units of the engine's clock. */
export class Stalls {
  /** Of each hart, those that are still to come, by time. */
  readonly #ahead: Preemption[][];
  /** Of each hart, the time up to which it does not run; 0 if it has not been preempted. */
  #until: number[];

  constructor(harts: number) {
    this.#ahead = Array.from({ length: harts }, () => []);
    this.#until = this.#ahead.map(() => 0);
  }

  /** Replaces those that are still to come. */
  plan(preemptions: readonly Preemption[]): void {
    this.#ahead.forEach((_, hart) => {
      const own = preemptions.filter((one) => one.hart === hart);
      this.#ahead[hart] = own.sort((a, b) => a.at - b.at);
    });
  }

  /** Up to when a hart may run. */
  next(hart: number): number {
    return this.#ahead[hart]![0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** The time up to which a hart that has reached `now` does not run; `now` or an earlier time if it runs. */
  until(hart: number): number {
    return this.#until[hart]!;
  }

  /** The first time after this one at which a hart is to be preempted, or goes on. */
  changeAfter(time: number): number {
    let first = Number.POSITIVE_INFINITY;
    for (let hart = 0; hart < this.#until.length; hart++) {
      const [until, next] = [this.#until[hart]!, this.next(hart)];
      if (until > time && until < first) first = until;
      if (next > time && next < first) first = next;
    }
    return first;
  }

  /** Preempts a hart that has reached `now`, if that is due. `event`: the time of the next one. */
  begin(hart: number, now: number, event: number | undefined): void {
    while (this.#until[hart]! <= now && this.next(hart) <= now) {
      const { for: length } = this.#ahead[hart]!.shift()!;
      this.#until[hart] = length === 'event' ? (event ?? now) : now + length;
    }
  }

  save() {
    return { ahead: this.#ahead.map((own) => [...own]), until: [...this.#until] };
  }

  restore({ ahead, until }: ReturnType<Stalls['save']>): void {
    ahead.forEach((own, hart) => {
      this.#ahead[hart] = [...own];
    });
    this.#until = [...until];
  }
}
