/** What a control and status register is: one row of csr.ts or counters.ts. */
import type { Slot } from '../layout/slots.ts';
import type { HartState } from '../layout/state.ts';
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
  /** After stimecmp, menvcfg or mip changed: computes again whether and when the timer interrupts. */
  timerChanged(): void;
  /** After fflags or frm changed. */
  floatChanged(): void;
  readonly options: Pick<
    HartOptions,
    'id' | 'misa' | 'sstc' | 'svadu' | 'svade' | 'svnapot' | 'svpbmt' | 'pmp' | 'zihpm' | 'pageTableLevels' | 'extensions'
  >;
  /** After pmpcfg or pmpaddr changed. */
  protectionChanged(): void;
  /** cycle counts with `now`, instret with `retired`. */
  readonly cycleCounter: CounterPort;
  readonly retiredCounter: CounterPort;
}

export interface Csr {
  readonly number: number;
  readonly name: string;
  readonly slot?: Slot;
  readonly readMask?: bigint;
  /** A number, or a function where the mask depends on the hart. */
  readonly writeMask?: bigint | ((p: CsrPort) => bigint);
  /** The context (enabled interrupts, TLB bank) depends on this register. */
  readonly refreshes?: boolean;
  /** The register counts, or a write has effects beyond the slots: a loop that accesses it cannot be proved to repeat. */
  readonly unrepeatable?: boolean;
  /** By what rule generated code serves it (exec/csr-access.ts), if it is more than plain storage. */
  readonly generated?: 'time' | 'cycle' | 'instret' | 'delegated' | 'vector' | 'float' | 'satp';
  /** If this gives false, the access is illegal. The privilege mode has been checked before. */
  readonly allowed?: (p: CsrPort) => boolean;
  readonly read?: (p: CsrPort) => bigint;
  readonly write?: (p: CsrPort, value: bigint) => void;
}
