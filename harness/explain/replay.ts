/**
 * The same run once more: same kernel, same image, same keys, and so the same machine at every time. It can be stopped anywhere and
 * looked at, which changes nothing of what the guest does. It goes back to the nearest moment that it has kept on its way.
 */
import type { Machine, WatchedAccess } from '../../machine/index.ts';
import { answer } from '../run/dialogue.ts';
import type { Host } from '../run/host.ts';
import { type KernelInput, type PoweredOn, powerOn } from '../run/power-on.ts';
import type { RunSnapshot } from '../run/scenario.ts';
import { endingAsks, NO_ASKS } from '../vocabulary/facts.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';

/**
 * Instructions, and units of work, that all repeated runs of one scenario may take together. What lies further away in a run is not
 * explained by running again: an explanation must not cost more than the grade.
 */
export const MOST_REPEATED = 4e9;

/** Guest nanoseconds between two looks at what a repeated run has cost. */
const SLICE = 10_000_000;

/** Moments that are kept of a run beside its beginning. Each costs a copy of the pages that the kernel stores to after it. */
const MOST_MOMENTS = 8;
/** Guest nanoseconds between two of them at least: so much is run again in less time than a moment takes. */
const BETWEEN_MOMENTS = 100_000;
/** Bytes on the console and in changed pieces of disks with which a moment is still kept: each moment copies them. */
const MOST_BESIDE = 2 ** 20;

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

type Printed = (before: number, machine: Machine) => void;
type Range = Parameters<Machine['debug']['watch']>[0][number];

interface Watch {
  readonly ranges: readonly Range[];
  readonly tell: (access: WatchedAccess) => void;
}

interface Powered extends PoweredOn {
  readonly machine: Machine;
}

/** Nobody asks a run that is repeated for what only evidence needs: the first run has recorded it. */
interface Moment extends Omit<RunSnapshot, 'facts' | 'requestWatch'> {
  readonly ended: boolean;
}

export class Replay {
  readonly #run: ReplayedRun;
  readonly #budget: Budget;
  /** Guest times at which moments are kept, ascending. */
  readonly #keeps: readonly number[];
  #power: Powered | undefined;
  #ended = false;
  #printed: Printed;
  /** By who watches. */
  #watches = new Map<object, Watch>();
  /** In the order of time; the first is power-on. */
  #moments: Moment[] = [];
  /** When the next one is to be kept. */
  #next = Number.POSITIVE_INFINITY;

  /**
   * `printed` is called for each byte of console output, with the number of bytes before it, until the run goes back for the first time. `backTo`:
   * guest times that it will likely have to go back to. Throws if the kernel cannot be booted.
   */
  constructor(run: ReplayedRun, budget: Budget, { backTo, printed }: { backTo: readonly number[]; printed: Printed }) {
    this.#run = run;
    this.#budget = budget;
    this.#keeps = chosenMoments(backTo);
    this.#printed = printed;
    this.#powerOn();
  }

  get machine(): Machine {
    return this.#power!.machine;
  }

  /** The time just before the instruction that was executed, or trapped, at a time. */
  justBefore(time: number): number {
    return time - this.instructionTime;
  }

  /** Guest nanoseconds that each instruction takes. */
  get instructionTime(): number {
    return this.#run.scenario.machine.clock;
  }

  /** Goes back to the nearest moment where the run is past the time (nanoseconds): nothing is watched any more then. */
  goBefore(time: number): void {
    if (!this.#isPast(time)) return;
    this.#printed = () => undefined;
    this.#watches.clear();
    const moment = this.#moments.findLast(({ machine }) => machine.time <= time);
    // After one that is not held any more, none before it is.
    if (moment !== undefined && this.machine.holds(moment.machine)) this.#restore(moment);
    else this.#restart();
  }

  /** Watches these bytes for one watcher, in place of those that it watched before. `tell` is as for the machine's own `watch`. */
  watch(watcher: object, ranges: readonly Range[], tell: Watch['tell']): void {
    if (ranges.length === 0) this.#watches.delete(watcher);
    else this.#watches.set(watcher, { ranges, tell });
    const watches = [...this.#watches.values()].map((watch) => ({ ...watch, own: new Set(watch.ranges) }));
    const [one] = watches;
    if (watches.length <= 1) return this.machine.debug.watch(one?.ranges ?? [], one?.tell ?? (() => undefined));
    this.machine.debug.watch(
      watches.flatMap(({ ranges }) => ranges),
      (access) => {
        for (const { own, tell } of watches) {
          const ranges = access.ranges.filter((range) => own.has(range));
          if (ranges.length > 0) tell({ ...access, ranges });
        }
      },
    );
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
    this.#powerOn();
  }

  #powerOn(): void {
    const { scenario, images, kernel, host } = this.#run;
    let power: Powered | undefined;
    const createMachine: Host['createMachine'] = (options) => {
      const machine = host.createMachine({
        ...options,
        // Watching costs more work than the run itself did.
        work: MOST_REPEATED,
        // The first run's evidence has them.
        requests: 'counts',
        onConsole: (byte) => {
          this.#printed(power!.guest.written.length, machine);
          options.onConsole(byte);
        },
      });
      return machine;
    };
    const powered = powerOn({ ...scenario, facts: { ...NO_ASKS, reached: endingAsks(scenario.until) } }, images, kernel, {
      ...host,
      createMachine,
    });
    const { machine } = powered;
    if ('problem' in machine) throw new Error(`a kernel that was booted cannot be booted again: ${machine.problem}`);
    power = Object.assign(powered, { machine });
    this.#power = power;
    this.#moments = [];
    this.#keepMoment();
  }

  #keepMoment(): void {
    const { machine, drives, guest } = this.#power!;
    this.#next = this.#after(machine.now());
    const beside = drives.reduce((sum, { disk }) => sum + disk.held, guest.written.length);
    if (beside > MOST_BESIDE) return;
    this.#moments.push({
      machine: machine.keepMoment({ decoded: false }),
      disks: drives.map(({ disk }) => disk.save()),
      written: guest.written.save(),
      dialogue: guest.dialogue.save(),
      ended: this.#ended,
    });
  }

  #restore(moment: Moment): void {
    const { machine, drives, guest } = this.#power!;
    machine.restore(moment.machine);
    machine.debug.watch([], () => undefined);
    machine.debug.watchControls([], { csr: () => undefined, device: () => undefined });
    drives.forEach(({ disk }, index) => {
      disk.restore(moment.disks[index]!);
    });
    guest.written.restore(moment.written);
    guest.dialogue.restore(moment.dialogue);
    this.#ended = moment.ended;
    this.#moments = this.#moments.slice(0, this.#moments.indexOf(moment) + 1);
    this.#next = this.#after(machine.now());
  }

  #after(time: number): number {
    return this.#keeps.find((moment) => moment > time) ?? Number.POSITIVE_INFINITY;
  }

  /** Runs to a guest time, in nanoseconds, or to the end of the run if that is first. False if the budget was used up before. */
  runTo(time: number): boolean {
    while (!this.#ended && this.machine.now() < time) {
      if (this.#budget.left <= 0) return false;
      const before = this.#cost();
      this.#advance(Math.min(time, this.machine.now() + SLICE, Math.max(this.#next, this.machine.now() + 1)));
      this.#budget.left -= this.#cost() - before;
      if (this.machine.now() >= this.#next) this.#keepMoment();
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
    if (result.reason === 'paused') answer(dialogue, this.machine);
    this.#ended = dialogue.reached !== undefined || (result.reason !== 'paused' && result.reason !== 'time');
  }

  /** Instructions that were really run, and units of work. */
  #cost(): number {
    const { machine } = this;
    return machine.now() - machine.debug.skippedTime() + machine.workDone().units;
  }
}

/** Of the times that a run may go back to, those whose moments are kept: from the others it is not far to the one before. */
function chosenMoments(times: readonly number[]): number[] {
  const ascending = [...times].sort((a, b) => a - b);
  const apart = Math.max(BETWEEN_MOMENTS, (ascending.at(-1) ?? 0) / MOST_MOMENTS);
  const chosen: number[] = [];
  for (const time of ascending) if (time - (chosen.at(-1) ?? 0) >= apart) chosen.push(time);
  return chosen;
}
