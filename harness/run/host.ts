import type { Machine, MachineOptions } from '../../machine/index.ts';

/** What a run needs from outside. */
export interface Host {
  readonly createMachine: (options: MachineOptions) => Machine;
  /** Processor seconds that this process has used, from any origin: the load of other processes does not count. */
  readonly seconds: () => number;
  /** Processor seconds after which a run is given up; a scenario with a long limit has more (`guardOf`). */
  readonly guard: number;
  /** Called many times a second while a machine runs, so that the watchdog of this process sees that it is not stuck. */
  readonly beat: () => void;
  /** E.g. "bootgrade 0.1.0". */
  readonly tool: string;
}
