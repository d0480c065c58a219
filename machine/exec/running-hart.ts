/** What the engine and the hart that it runs ask of each other, beside memory: the floor below both. */
import type { HartState } from '../layout/state.ts';
import type { WorkEnd } from '../work-meter.ts';

/** The hart's accesses to the bus, by 32-bit physical addresses. A read gives undefined if nothing answers. */
export interface HartBus {
  read(address: number, width: number): number | undefined;
  /** False if nothing answers. */
  write(address: number, width: number, value: number): boolean;
  /** Called before each write, when nothing of its instruction has happened yet but that it was started. */
  aboutToWrite?(address: number, width: number): void;
}

/** What the engine asks of a hart that it runs. */
export interface RunningHart {
  readonly state: HartState;
  /** The hart waits for an interrupt (WFI). */
  readonly waiting: boolean;
  /** Nothing but the same exception will ever come. */
  readonly trapLoop: boolean;
  /** Interrupts follow each other, and the code that they interrupt gets no further. */
  readonly interruptStorm: boolean;
  /** Exceptions follow each other, and no handler has returned for too long. */
  readonly exceptionStorm: boolean;
  /** Whether an exception that explains something was taken after a time. */
  trappedSince(time: number): boolean;
  /** Takes the interrupts that are due. */
  takeInterrupts(): void;
  /** Whether a pending interrupt ends the wait; if so, the hart does not wait any more. */
  wakes(): boolean;
  /** The generated code has returned with this exit code (exit.ts). */
  exit(code: number): void;
  /** So many units of the engine's clock passed in which the hart retired no instruction. */
  idled(nanoseconds: number): void;
  /** Instructions retired. */
  retired(): bigint;
  /** Host address of the instruction at pc, or undefined where it is not in RAM. */
  codeAt(): number | undefined;
  flushTlb(): void;
  /** Fetches an instruction whose second half is on the next page, or one in a divided page (decoded-pages.ts); 0 after a fault. */
  crossing(): number;
}

/**
 * Why `run` returned: the time was reached, nothing can change any more (ports.ts, MachineStop), interrupts or exceptions let nothing else run,
 * or the meter of work ended it.
 */
export type HartStop = 'time' | 'idle' | 'trap-loop' | 'hang' | 'waiting-for-input' | 'interrupt-storm' | 'exception-storm' | WorkEnd;
