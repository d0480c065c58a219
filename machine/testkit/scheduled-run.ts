/** Runs a program in M mode on the whole board, under a schedule, for tests of what harts do to each other. */
import { createMachine, type Machine, type RunResult, type Schedule } from '../index.ts';
import { assemble } from './assembler.ts';

export interface Outcome {
  readonly result: RunResult;
  readonly console: string;
  /** Guest nanoseconds. */
  readonly time: number;
  readonly instructions: bigint;
}

export class ScheduledRun {
  readonly machine: Machine;
  console = '';

  constructor(source: string, schedule: Schedule, { harts = 2, clock }: { harts?: number; clock?: number } = {}) {
    this.machine = createMachine({
      harts,
      schedule,
      clock,
      bios: 'none',
      kernel: assemble(source).bytes,
      cpu: 'rv64',
      memory: 32 << 20,
      drives: [],
      live: false,
      onConsole: (byte) => (this.console += String.fromCharCode(byte)),
    });
  }

  outcome(limit = 1e9): Outcome {
    const result = this.machine.run(limit);
    return { result, console: this.console, time: this.machine.now(), instructions: this.machine.instructions() };
  }
}

/** Prints the digit in a0, and powers the machine off. */
export const PRINT_AND_FINISH = `
  li t5, 0x10000000
  addi a0, a0, 48
  sb a0, 0(t5)
  li t5, 0x100000
  li t6, 0x5555
  sw t6, 0(t5)
  j .`;
