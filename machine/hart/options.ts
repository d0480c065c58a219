/** What a hart is made of, and what it asks of the board. */
import type { HartBus } from '../exec/running-hart.ts';
import type { Extension } from '../isa/instruction.ts';
import type { WorkMeter } from '../work-meter.ts';

/** What a snapshot holds of the firmware: where S mode goes on after a suspension that keeps nothing (SBI 2.0, "Hart Suspend"). */
export interface FirmwareState {
  readonly resume: { readonly address: bigint; readonly opaque: bigint } | undefined;
}

/** What stands in for M-mode software; without it, the guest's own runs there. */
export interface Firmware {
  /** An ECALL from S mode. pc is the ECALL's; the port moves it on. */
  call(): void;
  /** The hart has been woken by an interrupt that it waited for. */
  woken(): void;
  save(): FirmwareState;
  restore(state: FirmwareState): void;
}

export interface HartOptions {
  readonly ramBytes: number;
  readonly extensions: ReadonlySet<Extension>;
  readonly sstc: boolean;
  /** Svadu: menvcfg.ADUE says whether the hart sets A and D bits. Without it, it does. */
  readonly svadu: boolean;
  /** Zihpm: the counters 3 to 31 are there, and stay 0. */
  readonly zihpm: boolean;
  /** Of the deepest page table that satp takes: Sv39, Sv48, Sv57. */
  readonly pageTableLevels: 3 | 4 | 5;
  readonly misa: bigint;
  readonly bus: HartBus;
  readonly work: WorkMeter;
}
