/**
 * Runs a machine until it stops, or the user, the limit or the console's text stops it.
 *
 * The machine runs in slices of guest time. Without a live input nothing is awaited and no host clock is read, so a run is
 * a function of its arguments. With one (a terminal, an open pipe), the loop turns to Node's events between slices, and
 * holds the guest back to the host's clock, so that a shell's `sleep 1` and a countdown last as long as a person expects.
 */

import type { Machine, RamContents, RunResult } from '../../machine/index.ts';
import type { Stop } from '../evidence/evidence.ts';
import { EXCEPTIONS_IN_A_ROW, INTERRUPTS_IN_A_ROW } from '../evidence/stop.ts';
import type { Dialogue } from '../run/dialogue.ts';
import type { Limit } from '../vocabulary/scenario.ts';
import { type ConsoleOutput, type Keyboard, KeyFilter } from './console.ts';

/** Why a run ended: the machine's reasons, and two of the user's own. */
export type RunEnd = Stop | { reason: 'left' } | { reason: 'output-closed' };

export interface RunParts {
  /** A machine at power-on; called again for each reboot, with what RAM held at the reset. Then the requests of the machine before are completed. */
  readonly powerOn: (onConsole: (byte: number) => void, left: RamContents | undefined) => Machine;
  readonly output: ConsoleOutput;
  readonly keyboard: Keyboard;
  readonly dialogue: Dialogue;
  readonly limit: Limit | undefined;
  /** Whether a reset boots again. */
  readonly reboot: boolean;
  /** Called when the user asks for help. */
  readonly onHelp: () => void;
}

export interface RunOutcome {
  readonly end: RunEnd;
  /** Of all power-ons. */
  readonly instructions: bigint;
  /** Guest time of all power-ons in nanoseconds. */
  readonly time: number;
}

/** Guest nanoseconds between looks at the input: short enough for a person's fingers, long enough to cost nothing. */
const LIVE_SLICE = 2e6;

/** Guest nanoseconds between flushes of the console if nobody types. */
const SLICE = 20e6;

/** Keys that wait for the guest beyond which no more are read from the input. */
const TYPE_AHEAD = 1 << 16;

export async function runLoop(parts: RunParts): Promise<RunOutcome> {
  const run = new Run(parts);
  try {
    const end = await run.toItsEnd();
    return { end, instructions: run.instructions(), time: run.time() };
  } finally {
    parts.output.flush();
  }
}

class Run {
  readonly #parts: RunParts;
  readonly #filter = new KeyFilter();
  readonly #pace = new Pace();
  /** Guest time that the limit allows, in nanoseconds. */
  readonly #allowed: number;
  #machine: Machine;
  /** Keys were sent since the machine last ran. */
  #typed = false;
  #userLeft = false;
  /** Of the power-ons before this one. */
  #instructionsBefore = 0n;
  #timeBefore = 0;

  constructor(parts: RunParts) {
    this.#parts = parts;
    const { limit } = parts;
    this.#allowed = limit?.nanoseconds ?? Number.POSITIVE_INFINITY;
    this.#machine = this.#powerOn();
  }

  instructions(): bigint {
    return this.#instructionsBefore + this.#machine.instructions();
  }

  time(): number {
    return this.#timeBefore + this.#machine.now();
  }

  /** Guest time up to the limit. */
  #left(): number {
    return this.#allowed - this.time();
  }

  async toItsEnd(): Promise<RunEnd> {
    const { keyboard, output } = this.#parts;
    for (;;) {
      if (keyboard.open) await this.#turn();
      this.#takeKeys();
      if (this.#userLeft) return this.#settled({ reason: 'left' });
      this.#typed = false;
      const result = this.#machine.run(this.#machine.now() + Math.min(keyboard.open ? LIVE_SLICE : SLICE, this.#left()));
      output.flush();
      const end = output.closed ? ({ reason: 'output-closed' } as const) : await this.#react(result);
      if (end) return this.#settled(end);
    }
  }

  #powerOn(left?: RamContents): Machine {
    const { output, dialogue } = this.#parts;
    const machine: Machine = this.#parts.powerOn((byte) => {
      output.put(byte);
      if (dialogue.push(byte)) machine.pause();
    }, left);
    return machine;
  }

  #settled(end: RunEnd): RunEnd {
    this.#machine.settle();
    return end;
  }

  /** What the machine came back with: the run's end, or undefined to go on. */
  async #react(result: RunResult): Promise<RunEnd | undefined> {
    const { dialogue, limit } = this.#parts;
    if (dialogue.reached !== undefined) return { reason: 'until', ...dialogue.reached };
    for (const keys of dialogue.takeKeys()) this.#type(keys);
    switch (result.reason) {
      case 'time':
      case 'paused':
      // There is neither a limit of work nor a `look` here, so the meter never ends a run.
      case 'work':
      case 'interrupted':
        break;
      case 'idle':
      case 'waiting-for-input':
        if (await this.#keysArrive()) break;
        if (this.#userLeft) return { reason: 'left' };
        return this.#keysMayCome() && limit ? { reason: 'limit', limit: limit.text } : result;
      case 'interrupt-storm':
        return INTERRUPTS_IN_A_ROW;
      case 'exception-storm':
        return EXCEPTIONS_IN_A_ROW;
      case 'reset':
        if (!this.#parts.reboot) return result;
        this.#reboot();
        break;
      default:
        return result;
    }
    return limit && this.#left() <= 0 ? { reason: 'limit', limit: limit.text } : undefined;
  }

  /** With keys just sent, a guest that waits goes on. Else it waits for an open input, as long as the limit allows. */
  async #keysArrive(): Promise<boolean> {
    if (!this.#typed && this.#keysMayCome()) {
      await this.#parts.keyboard.wait(this.#left() / 1e6);
      this.#takeKeys();
    }
    return this.#typed;
  }

  #keysMayCome(): boolean {
    return this.#parts.keyboard.open && this.#machine.untyped() <= TYPE_AHEAD;
  }

  #type(keys: Uint8Array): void {
    if (keys.length === 0) return;
    this.#machine.type(keys);
    this.#typed = true;
  }

  #reboot(): void {
    this.#machine.settle();
    this.#instructionsBefore = this.instructions();
    this.#timeBefore = this.time();
    this.#machine = this.#powerOn(this.#machine.ram());
  }

  /** Turns to Node's events, at least once, and as long as the guest is ahead of the host's clock. */
  async #turn(): Promise<void> {
    await new Promise(setImmediate);
    const ahead = this.#pace.aheadOfHost(this.time());
    if (ahead >= 1) await this.#parts.keyboard.wait(ahead);
  }

  /** Hands what the user typed to the guest. */
  #takeKeys(): void {
    if (this.#machine.untyped() > TYPE_AHEAD) return;
    const { keys, command } = this.#filter.take(this.#parts.keyboard.take());
    this.#type(keys);
    if (command === 'help') this.#parts.onHelp();
    if (command === 'leave') this.#userLeft = true;
  }
}

/** How far the guest's clock has run ahead of the host's. */
class Pace {
  #base: number | undefined;

  /** Milliseconds. A guest that is behind stays behind: it is not rushed to make up for it. */
  aheadOfHost(guestTime: number): number {
    const host = performance.now();
    const guest = guestTime / 1e6;
    this.#base ??= host - guest;
    const ahead = guest - (host - this.#base);
    if (ahead < 0) this.#base = host - guest;
    return ahead;
  }
}
