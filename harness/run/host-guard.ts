/** The host's guard against bugs of ours: a run that takes far more of the processor than any guest can make it take is given up. */
import type { Scenario } from '../vocabulary/scenario.ts';
import type { Host } from './host.ts';

/** Processor seconds for each second of guest time, at least: ten times what plain code takes. A correct run that is long is not given up. */
const PER_GUEST_SECOND = 4;

/** Processor seconds after which a run of the scenario is given up. */
export function guardOf(scenario: Scenario, { guard }: Pick<Host, 'guard'>): number {
  return Math.max(guard, (PER_GUEST_SECOND * scenario.limit.nanoseconds) / 1e9);
}

export class HostGuard {
  /** What was reached, in words. */
  readonly limit: string;
  readonly #host: Host;
  readonly #deadline: number;

  constructor(scenario: Scenario, host: Host) {
    const seconds = guardOf(scenario, host);
    this.limit = `${seconds} seconds of processor time for the run of scenario ${scenario.name}`;
    this.#host = host;
    this.#deadline = host.seconds() + seconds;
  }

  /** Says that the run goes on; whether it must not any more. */
  look(): boolean {
    this.#host.beat();
    return this.#host.seconds() > this.#deadline;
  }
}
