/**
 * What a virtio device saw, as plain data: the record that evidence, `--events` and the checks are made of.
 * Recorded by the device model; read by nobody inside `machine/`.
 */

import type { Fault } from '../../spec/fault.ts';
import type { TracedFinding } from './finding.ts';

/** One descriptor of a chain, in chain order, as the device read it at the notify. */
export interface TracedDescriptor {
  /** Index in its table (the queue's, or the indirect one). */
  readonly index: number;
  readonly indirect: boolean;
  readonly address: bigint;
  readonly length: number;
  readonly flags: number;
  readonly next: number;
}

/** Why a chain is malformed: the device is broken from then on (board.md). */
export type ChainProblem =
  | 'head-out-of-range'
  | 'next-out-of-range'
  | 'loop'
  | 'zero-length'
  | 'readable-after-writable'
  | 'header-missing'
  | 'header-too-short'
  | 'status-missing'
  | 'indirect-malformed'
  | 'unmapped'
  | 'avail-index-jumped';

/** A request from its notify to its completion. The device fills the optional fields in when they are known. */
export interface TracedRequest {
  /** 1 for the first of this device since power-on. */
  readonly number: number;
  readonly queue: number;
  readonly head: number;
  /** Guest addresses of the available ring's entry with the head, and of the table with the descriptors (an indirect one, perhaps). */
  readonly ringEntry: bigint;
  readonly table: bigint;
  /** Guest time of the notify, in nanoseconds. */
  readonly notifiedAt: number;
  /** Instructions retired at the notify. */
  readonly instructions: bigint;
  /** Bytes that the guest had written to its console at the notify. */
  readonly consoleBytes: number;
  readonly descriptors: readonly TracedDescriptor[];
  /** First and second header fields; undefined where no whole header could be read. */
  readonly type: number | undefined;
  readonly sector: bigint | undefined;
  /**
   * The data's bytes by position (after the header, before the last byte), whatever the flags say, at most TRACED_DATA of
   * them: as they lie in guest memory at the notify, or after completion where the device wrote them.
   */
  data: Uint8Array;
  completion?: {
    /** Guest time in nanoseconds at which the used ring was written. */
    readonly at: number;
    /** The status byte; undefined where the device could not write one. */
    readonly status: number | undefined;
    readonly usedLength: number;
  };
  problem?: ChainProblem;
  /** What was done to it on purpose. */
  fault?: Fault;
}

/** How many of a request's data bytes are kept. */
export const TRACED_DATA = 4096;

/** How much is kept of all devices of a machine together: requests, their descriptors, and bytes of their data. */
export const TRACED_REQUESTS = 10_000;
export const TRACED_DESCRIPTORS = 60_000;
export const TRACED_BYTES = 16 << 20;

/** Register-level history of one device: what `device` checks grade. Counters since power-on. */
export interface TracedDevice {
  /** Every value that the driver wrote to Status, in order (first 256). */
  readonly statusWrites: number[];
  /** Features that the driver accepted (64 bits), at the last write. */
  driverFeatures: bigint;
  deviceFeatures: bigint;
  /** QueueNum of queue 0 as last set. */
  queueSize: number;
  notifies: number;
  interruptsRaised: number;
  interruptsAcknowledged: number;
  /** The problem that broke the device since its last reset. */
  broken: ChainProblem | undefined;
  readonly requests: TracedRequest[];
  /** Requests that are not in `requests`, because TRACED_REQUESTS, TRACED_DESCRIPTORS or TRACED_BYTES were reached before them. */
  requestsUntraced: number;
  /** Where the driver does not keep to the specification (rules/), in the order of their first time. */
  readonly findings: readonly TracedFinding[];
  /** Races that are not in `findings`: one for each instruction and request, as far as they are counted (race-places.ts). */
  racesLeftOut: number;
}
