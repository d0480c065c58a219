/** A guard against bugs of bootgrade: gives up a run that takes far more processor time than any guest can cause. */
import type { Scenario } from '../vocabulary/scenario.ts';
import type { Host } from './host.ts';

/** Processor seconds for 10^9 instructions, at least: ten times what plain code takes. A correct run that is long is not given up. */
const PER_BILLION = 4;

/** Processor seconds after which a run of the scenario is given up. */
export function guardOf(scenario: Scenario, { guard }: Pick<Host, 'guard'>): number {
  return Math.max(guard, (PER_BILLION * scenario.limit.nanoseconds * scenario.machine.harts) / scenario.machine.clock / 1e9);
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

  /** To be called while the run goes on; true if the run must end now. */
  look(): boolean {
    this.#host.beat();
    return this.#host.seconds() > this.#deadline;
  }
}
