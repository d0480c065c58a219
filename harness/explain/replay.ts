/**
 * The same run once more: same kernel, same image, same keys, and so the same machine at every time. It can be stopped anywhere and
 * looked at, which changes nothing of what the guest does.
 */
import type { Machine } from '../../machine/index.ts';
import type { Host } from '../run/host.ts';
import { type KernelInput, type PoweredOn, powerOn } from '../run/power-on.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';

/**
 * Instructions, and units of work, that all repeated runs of one scenario may take together. What lies further away in a run is not
 * explained by running again: an explanation must not cost more than the grade.
 */
export const MOST_REPEATED = 4e9;

/** Guest nanoseconds between two looks at what a repeated run has cost. */
const SLICE = 10_000_000;

/** What is left of MOST_REPEATED. */
export interface Budget {
  left: number;
}

export interface ReplayedRun {
  readonly scenario: Scenario;
  readonly images: ReadonlyMap<string, InitialImage>;
  readonly kernel: KernelInput;
  readonly host: Host;
}

export class Replay {
  readonly #run: ReplayedRun;
  readonly #budget: Budget;
  #power: { readonly machine: Machine; readonly guest: PoweredOn['guest'] } | undefined;
  #ended = false;

  /** `printed` is called for each byte of console output, with the number of bytes before it. Throws if the kernel cannot be booted. */
  constructor(run: ReplayedRun, budget: Budget, printed: (before: number, machine: Machine) => void) {
    this.#run = run;
    this.#budget = budget;
    this.#powerOn(printed);
  }

  get machine(): Machine {
    return this.#power!.machine;
  }

  /** Goes back to the beginning where the run is past the time (nanoseconds). */
  goBefore(time: number): void {
    if (this.#isPast(time)) this.#restart();
  }

  /** Gives the machine's memory to the next one. Nothing can be asked of this one afterwards. */
  release(): void {
    this.#power?.machine.release();
    this.#power = undefined;
  }

  /** A function of its own: V8 keeps what a function has used until it returns, so that this machine's memory would not be freed. */
  #isPast(time: number): boolean {
    return this.machine.now() > time;
  }

  /** Drops the old machine before the new one is made: each may need all the memory that a rubric allows. */
  #restart(): void {
    this.release();
    this.#ended = false;
    this.#powerOn(() => undefined);
  }

  #powerOn(printed: (before: number, machine: Machine) => void): void {
    const { scenario, images, kernel, host } = this.#run;
    let count = 0;
    const createMachine: Host['createMachine'] = (options) => {
      const machine = host.createMachine({
        ...options,
        // Watching costs more work than the run itself did.
        work: MOST_REPEATED,
        // The first run's evidence has them.
        recordsRequests: false,
        onConsole: (byte) => {
          printed(count++, machine);
          options.onConsole(byte);
        },
      });
      return machine;
    };
    const { machine, guest } = powerOn(scenario, images, kernel, { ...host, createMachine });
    if ('problem' in machine) throw new Error(`a kernel that was booted cannot be booted again: ${machine.problem}`);
    this.#power = { machine, guest };
  }

  /** Runs to a guest time, in nanoseconds, or to the end of the run if that is first. False if the budget was used up before. */
  runTo(time: number): boolean {
    while (!this.#ended && this.machine.now() < time) {
      if (this.#budget.left <= 0) return false;
      const before = this.#cost();
      this.#advance(Math.min(time, this.machine.now() + SLICE));
      this.#budget.left -= this.#cost() - before;
    }
    return this.machine.now() >= time || this.#budget.left > 0;
  }

  /** Runs one instruction, at its usual price: to look at what it costs takes longer than to run it. False where it cannot. */
  step(): boolean {
    if (this.#ended || this.#budget.left <= 0) return false;
    const before = this.machine.now();
    this.#advance(before + 1);
    this.#budget.left -= 1;
    return this.machine.now() > before;
  }

  #advance(time: number): void {
    const result = this.machine.run(time);
    if (result.reason === 'work' || result.reason === 'interrupted') this.#budget.left = 0;
    const { dialogue } = this.#power!.guest;
    if (result.reason === 'paused') for (const keys of dialogue.takeKeys()) this.machine.type(keys);
    this.#ended = dialogue.reached !== undefined || (result.reason !== 'paused' && result.reason !== 'time');
  }

  /** Instructions that were really run, and units of work. */
  #cost(): number {
    const { machine } = this;
    return machine.now() - machine.debug.skippedTime() + machine.workDone().units;
  }
}
