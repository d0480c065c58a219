/**
 * A machine that a person looks at: boots what was chosen in the rubric's first scenario, types what the person types, and can be paused and run
 * from one request to the next. It is held back to the host's clock, so that a shell's `sleep 1` takes a second. Nothing of it is graded: the
 * scenario's limits, its keys and its `until` do not apply.
 */
import { createMachine, type Machine, type RunResult } from '../../machine/index.ts';
import { describeStop } from '../evidence/stop.ts';
import { withOwnRandom } from '../grading/own-random.ts';
import { type HandedIn, imagesOf, withOwnImages } from '../grading/run-submission.ts';
import { requestsSection } from '../report/html/requests.ts';
import { requestsShown } from '../report/run-excerpt.ts';
import type { Rubric } from '../rubric/types.ts';
import { requests, requestsOf } from '../run/machine-evidence.ts';
import { powerOn } from '../run/power-on.ts';
import { RNG_NAME } from '../vocabulary/scenario.ts';
import type { Command, LiveAnswer, LiveState } from './messages.ts';

/** Guest nanoseconds between looks at what the person does; and between looks for a request, while one is waited for. */
const SLICE = 10e6;
const STEP = 10e3;
/** Milliseconds: how long steps are made without a look at what the person does, and between two drawings. */
const TOGETHER = 20;
const BETWEEN_DRAWINGS = 200;

export class LiveMachine {
  readonly #machine: Machine;
  readonly #names: readonly string[];
  readonly #tell: (answer: LiveAnswer) => void;
  readonly #printed: number[] = [];
  #state: LiveState = 'running';
  #ended = false;
  /** Wakes the loop while it is paused. */
  #wake = () => {};
  /** What was drawn last, and when. */
  #drawn = '';
  #drawnAt = 0;
  /** The host's time, in milliseconds, at which the guest's clock began. */
  #began = performance.now();

  /** Throws where there is nothing to boot. */
  constructor({ kernel, ownImages }: HandedIn, course: Rubric, tell: (answer: LiveAnswer) => void) {
    if ('hostFault' in kernel) throw new Error(kernel.hostFault);
    if ('problem' in kernel) throw new Error(kernel.problem);
    const { rubric, images: described } = withOwnRandom({ rubric: course, images: imagesOf(course) }, { kernel, ownImages });
    const images = withOwnImages(rubric, described, ownImages).get(rubric.scenarios[0]!.name)!;
    const [scenario] = rubric.scenarios;
    const host = {
      createMachine: (options: Parameters<typeof createMachine>[0]) =>
        createMachine({ ...options, live: true, work: undefined, onConsole: (byte) => void this.#printed.push(byte) }),
      seconds: () => 0,
      guard: Number.POSITIVE_INFINITY,
      beat: () => {},
      tool: '',
    };
    const { machine } = powerOn(scenario!, images, kernel, host);
    if ('problem' in machine) throw new Error(machine.problem);
    this.#machine = machine;
    this.#names = [...scenario!.machine.drives.map(({ name }) => name), RNG_NAME];
    this.#tell = tell;
    this.#enter('running');
    void this.#loop();
  }

  take(command: Command): void {
    switch (command.kind) {
      case 'keys':
        this.#machine.type(command.bytes);
        return;
      case 'pause':
        return this.#enter('paused');
      case 'go':
        return this.#enter('running');
      case 'step':
        return this.#enter('stepping');
    }
  }

  #enter(state: LiveState): void {
    if (this.#ended) return;
    this.#state = state;
    this.#tell({ kind: 'state', state });
    // What the host's clock did meanwhile is not made up for.
    this.#began = performance.now() - this.#machine.now() / 1e6;
    this.#wake();
  }

  async #loop(): Promise<void> {
    for (;;) {
      await this.#turn();
      const stopped = this.#state === 'stepping' ? this.#step() : this.#stop(this.#machine.run(this.#machine.now() + SLICE));
      if (stopped === null) {
        this.#show({ now: false });
        continue;
      }
      this.#ended = true;
      this.#machine.settle();
      this.#show({ now: true });
      return this.#tell({ kind: 'ended', why: stopped });
    }
  }

  /** Lets messages in, as long as the machine is paused or ahead of the host's clock. */
  async #turn(): Promise<void> {
    const ahead = this.#machine.now() / 1e6 - (performance.now() - this.#began);
    if (ahead < 0) this.#began -= ahead;
    await new Promise<void>((resolve) => setTimeout(resolve, this.#state === 'running' ? Math.max(0, ahead) : 0));
    while (this.#state === 'paused') {
      this.#show({ now: true });
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Runs until there is one more request, or for a while. */
  #step(): string | null {
    const before = this.#requests();
    const until = performance.now() + TOGETHER;
    while (performance.now() < until) {
      const stopped = this.#stop(this.#machine.run(this.#machine.now() + STEP));
      if (stopped !== null) return stopped;
      if (this.#requests() === before) continue;
      this.#enter('paused');
      return null;
    }
    return null;
  }

  /** Why it runs no more; null: it goes on. */
  #stop(result: RunResult): string | null {
    switch (result.reason) {
      case 'time':
      case 'paused':
      case 'work':
      case 'interrupted':
      // Somebody may type.
      case 'idle':
      case 'waiting-for-input':
        return null;
      case 'interrupt-storm':
      case 'exception-storm':
        return 'interrupts or exceptions follow each other, so that nothing else runs';
      default:
        return describeStop(result);
    }
  }

  #requests(): number {
    return this.#machine.devices.reduce((sum, { trace }) => sum + requestsOf(trace), 0);
  }

  #show({ now }: { readonly now: boolean }): void {
    if (this.#printed.length > 0) this.#tell({ kind: 'console', bytes: Uint8Array.from(this.#printed.splice(0)) });
    const time = performance.now();
    if (!now && time - this.#drawnAt < BETWEEN_DRAWINGS) return;
    this.#drawnAt = time;
    const counted = { instructions: Number(this.#machine.instructions()), time: this.#machine.now(), requests: this.#requests() };
    this.#tell({ kind: 'counted', ...counted });
    const made = requests(this.#machine, this.#names);
    const drawn = `${this.#requests()} ${made.filter(({ completion }) => completion !== null).length}`;
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#tell({ kind: 'requests', html: requestsSection(requestsShown(made, this.#requests() - made.length), 'live')?.text ?? '' });
  }
}
