/**
 * The same run once more: same kernel, same image, same keys, and so the same machine at every time. It can be stopped anywhere and
 * looked at, which changes nothing of what the guest does.
 */
import type { Machine } from '../../machine/index.ts';
import type { InitialImage } from '../rubric/image.ts';
import type { Scenario } from '../rubric/types.ts';
import { type Host, type KernelInput, type PoweredOn, powerOn } from '../run/scenario.ts';
import type { HartSnapshot } from './call-stack.ts';

/** Bytes of stack that are looked at: kernels have small ones. */
const STACK_BYTES = 16 * 1024;
const SP = 2;

export interface ReplayedRun {
  readonly scenario: Scenario;
  readonly images: ReadonlyMap<string, InitialImage>;
  readonly kernel: KernelInput;
  readonly host: Host;
}

export class Replay {
  readonly machine: Machine;
  readonly #guest: PoweredOn['guest'];
  #ended = false;

  /** `printed` is called for each byte of console output, with the number of bytes before it. Throws where the kernel cannot be booted. */
  constructor({ scenario, images, kernel, host }: ReplayedRun, printed: (before: number, machine: Machine) => void) {
    let count = 0;
    const createMachine: Host['createMachine'] = (options) => {
      const machine = host.createMachine({
        ...options,
        onConsole: (byte) => {
          printed(count++, machine);
          options.onConsole(byte);
        },
      });
      return machine;
    };
    const { machine, guest } = powerOn(scenario, images, kernel, { ...host, createMachine });
    if (typeof machine === 'string') throw new Error(`a kernel that was booted cannot be booted again: ${machine}`);
    this.machine = machine;
    this.#guest = guest;
  }

  /** Runs to a guest time, in nanoseconds, or to the end of the run if that is first. */
  runTo(time: number): void {
    while (!this.#ended && this.machine.now() < time) {
      const result = this.machine.run(time);
      if (result.reason === 'paused') for (const keys of this.#guest.dialogue.takeKeys()) this.machine.type(keys);
      this.#ended = this.#guest.dialogue.reached !== undefined || (result.reason !== 'paused' && result.reason !== 'time');
    }
  }
}

export function snapshotOf({ debug }: Machine): HartSnapshot {
  const registers = debug.registers();
  return { pc: debug.pc(), registers, stack: debug.readVirtual(registers[SP]!, STACK_BYTES) };
}
