/** What a virtio device needs of the machine that it is in. */
import type { Clock, GuestMemory, InterruptLine, MemoryWatch, OrderWatch, PageMap } from '../ports.ts';
import type { WorkMeter } from '../work-meter.ts';
import type { FaultPlan } from './faults.ts';
import type { RecorderOptions } from './record/recorder.ts';

export interface Power {
  isOff(): boolean;
  /** Stops the machine before the guest's next instruction. */
  cut(): void;
}

export interface VirtioPorts {
  readonly memory: GuestMemory;
  readonly clock: Clock;
  readonly interrupt: InterruptLine;
  /** Instructions retired and bytes written to the console until now. Both are only used for the trace. */
  readonly instructions: () => bigint;
  readonly consoleBytes: () => number;
  /** The instruction that the hart is at; only used for findings. */
  readonly pc: () => bigint;
  /** The page table, and a watch for a few bytes: only used for findings. */
  readonly virtual?: { readonly pages: PageMap; readonly watch: MemoryWatch };
  readonly work: WorkMeter;
  readonly recorder: RecorderOptions;
  /** Makes a watch for a queue. Given only in a run that looks for races between the driver and the device. */
  readonly watch?: () => MemoryWatch;
  /** Makes what follows the order of stores for a queue; given together with `watch`. */
  readonly order?: () => OrderWatch;
  /** Given only if the device is to do something wrong. */
  readonly faults?: FaultPlan;
  /** The machine's power, which a fault can cut. */
  readonly power?: Power;
}
