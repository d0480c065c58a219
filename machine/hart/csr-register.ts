/** What a control and status register is: one row of csr.ts or counters.ts. */
import type { HartState, Slot } from '../layout/state.ts';
import type { HartOptions } from './options.ts';

/** A counter that follows a source (counters.ts). */
export interface CounterPort {
  read(source: bigint): bigint;
  write(value: bigint, next: bigint): void;
  inhibit(inhibited: boolean, source: bigint, next: bigint): void;
}

/** What the rows need of the hart. */
export interface CsrPort {
  readonly state: HartState;
  /** Guest time in nanoseconds, which is also the cycle count. */
  now(): number;
  /** Instructions retired before the one that is executing. */
  retired(): bigint;
  flushTlb(): void;
  /** stimecmp, menvcfg or mip changed: the timer's interrupt has to be settled again. */
  timerChanged(): void;
  /** After fflags or frm changed. */
  floatChanged(): void;
  readonly options: Pick<HartOptions, 'misa' | 'sstc' | 'svadu' | 'zihpm' | 'pageTableLevels' | 'extensions'>;
  /** pmpcfg or pmpaddr changed. */
  protectionChanged(): void;
  /** cycle follows `now`, instret follows `retired`. */
  readonly cycleCounter: CounterPort;
  readonly retiredCounter: CounterPort;
}

export interface Csr {
  readonly number: number;
  readonly name: string;
  readonly slot?: Slot;
  readonly readMask?: bigint;
  /** A number, or what depends on the hart. */
  readonly writeMask?: bigint | ((p: CsrPort) => bigint);
  /** The context (enabled interrupts, TLB bank) depends on it. */
  readonly refreshes?: boolean;
  /** It counts, or a write has effects beyond the slots: a loop that accesses it is not proved to repeat. */
  readonly unrepeatable?: boolean;
  /** Every read that is allowed is the generated code's (csr-access.ts): what it gives is said there only. */
  readonly generated?: 'time';
  /** False makes the access illegal; privilege has been looked at already. */
  readonly allowed?: (p: CsrPort) => boolean;
  readonly read?: (p: CsrPort) => bigint;
  readonly write?: (p: CsrPort, value: bigint) => void;
}
