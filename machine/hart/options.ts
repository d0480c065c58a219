/** What a hart is made of, and what it asks of the board. */
import type { Extension } from '../isa/instruction.ts';
import type { WorkMeter } from '../work-meter.ts';

/** What a snapshot holds of the firmware: where S mode goes on after a non-retentive suspension (SBI 2.0, "Hart Suspend"). */
export interface FirmwareState {
  readonly resume: { readonly address: bigint; readonly opaque: bigint } | undefined;
  readonly refused: RefusedCall | undefined;
  /** As SBI 2.0, "Hart State Management", calls it. */
  readonly isStopped: boolean;
  readonly isSuspended: boolean;
}

/** A call of the firmware that has returned an error. */
export interface RefusedCall {
  /** Of the ECALL; a7, a6 and a0 before it, and a0 after it. */
  readonly pc: bigint;
  readonly extension: bigint;
  readonly function: bigint;
  readonly argument: bigint;
  readonly error: bigint;
  /** Its extension's name, and how many functions that has; undefined if there is no such extension. */
  readonly known: { readonly name: string; readonly functions: number } | undefined;
  /** Guest time in nanoseconds. */
  readonly time: number;
}

/** Takes the place of software in M mode. Without it, the guest has its own software there. */
export interface Firmware {
  /** An ECALL from S mode. pc is the ECALL's; the port moves it on. */
  call(): void;
  /** The last call, if it has returned an error; calls of the console do not count. */
  readonly refused: RefusedCall | undefined;
  /** Whether the hart waits for nothing but to be started. */
  readonly isStopped: boolean;
  /** An interrupt has ended the hart's wait. */
  woken(): void;
  save(): FirmwareState;
  restore(state: FirmwareState): void;
}

export interface HartOptions {
  /** mhartid: the number among the harts of the engine, from 0. */
  readonly id: number;
  readonly extensions: ReadonlySet<Extension>;
  readonly sstc: boolean;
  /** Svadu: menvcfg.ADUE says whether the hart sets A and D bits. Without Svadu the hart sets them, but not with Svade. */
  readonly svadu: boolean;
  /** Svade: where A or D would have to be set there is a page fault. With Svadu, that is so until menvcfg.ADUE is set. */
  readonly svade: boolean;
  readonly svnapot: boolean;
  /** Svpbmt, where menvcfg.PBMTE is set, as it is from the start. */
  readonly svpbmt: boolean;
  /** Without physical memory protection its registers do not exist, and all modes may access all memory. */
  readonly pmp: boolean;
  /** Zihpm: its counters exist, and stay 0. */
  readonly zihpm: boolean;
  /** Levels of the deepest page table that satp accepts: 3 for Sv39, 4 for Sv48, 5 for Sv57. */
  readonly pageTableLevels: 3 | 4 | 5;
  readonly misa: bigint;
  readonly work: WorkMeter;
}
