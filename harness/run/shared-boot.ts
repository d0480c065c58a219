/**
 * Scenarios of one submission that differ only in what their drives hold, in faults, in keys, in `until` or in the limit boot alike: up to the
 * first request the machine is the same in all of them. So it is run once up to there, and each further scenario goes on from that moment.
 * Its evidence is the same as that of a machine that was switched on for it.
 */
import type { Evidence } from '../evidence/evidence.ts';
import { machineIdentity } from '../rubric/setup.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import { type Scenario, writableFlash } from '../vocabulary/scenario.ts';
import type { Host } from './host.ts';
import type { KernelInput } from './power-on.ts';
import { ScenarioRun } from './scenario.ts';
import type { WriteLog } from './write-log.ts';

type Drives = ReadonlyMap<string, InitialImage>;

/** Runs one kernel in one scenario after the other. */
export class ScenarioRuns {
  readonly #kernel: KernelInput;
  readonly #host: Host;
  /** By their keys, how many scenarios that boot alike are still to be run. */
  readonly #ahead = new Map<string, number>();
  /** A run from which others can go on. Only one is kept: each holds a machine's memory. */
  #kept: { readonly key: string; readonly run: ScenarioRun } | undefined;

  /** `ahead`: the scenarios that will be run. */
  constructor(kernel: KernelInput, host: Host, ahead: readonly { readonly scenario: Scenario; readonly drives: Drives }[]) {
    this.#kernel = kernel;
    this.#host = host;
    for (const { scenario, drives } of ahead) {
      const key = bootKey(scenario, drives);
      this.#ahead.set(key, (this.#ahead.get(key) ?? 0) + 1);
    }
  }

  /** `log`: of what is written to drives; left out: nobody asks. */
  readonly run = (scenario: Scenario, drives: Drives, log?: WriteLog): Evidence => {
    const key = bootKey(scenario, drives);
    const ahead = (this.#ahead.get(key) ?? 1) - 1;
    this.#ahead.set(key, ahead);
    const kept = this.#kept?.key === key ? this.#kept.run : undefined;
    if (kept === undefined) this.#drop();
    const isBranch = kept?.branch(scenario, drives, log) === true;
    const branches = kept === undefined && ahead > 0 && !scenario.facts.races && writableFlash(scenario.machine).length === 0;
    const run = isBranch ? kept : new ScenarioRun(scenario, drives, this.#kernel, this.#host, { branches, log });
    const evidence = run.toItsEnd();
    if (branches && run.mayBranch) this.#kept = { key, run };
    else if (!isBranch) run.release();
    if (ahead === 0) this.#drop();
    return evidence;
  };

  /** No scenario is run any more. */
  end(): void {
    this.#drop();
  }

  #drop(): void {
    this.#kept?.run.release();
    this.#kept = undefined;
  }
}

/** Equal for scenarios that boot alike. */
function bootKey({ machine, work, races, facts, until, schedule }: Scenario, images: Drives): string {
  const drives = machine.drives.map(({ name, slot, readonly, present }) => ({
    name,
    slot,
    readonly,
    present,
    size: images.get(name)!.size,
  }));
  return JSON.stringify({ machine: { ...machineIdentity(machine), drives }, work, races, facts, schedule, reaches: until?.reaches ?? [] });
}
