/**
 * What a virtio device saw, as plain data: the record that evidence, `--events` and the checks are made of.
 * The device model writes it. Of the device's part it reads only `broken` itself; of a request, what it needs to complete it.
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

/** Why a chain is malformed. The device is broken from then on (board.md). */
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

/** A request from its notify to its completion. The device fills in the optional fields when their values are known. */
export interface TracedRequest {
  /** 1 for the first request of this device since power-on. */
  readonly number: number;
  readonly queue: number;
  readonly head: number;
  /** Guest addresses of the available ring's entry with the head, and of the table with the descriptors, which may be an indirect one. */
  readonly ringEntry: bigint;
  readonly table: bigint;
  /** Guest time of the notify, in nanoseconds. */
  readonly notifiedAt: number;
  /** Instructions retired at the notify. */
  readonly instructions: bigint;
  /** Bytes that the guest had written to its console at the notify. */
  readonly consoleBytes: number;
  readonly descriptors: readonly TracedDescriptor[];
  /** Whether the driver never made it: the available index had jumped, and the device took what was in the ring. */
  readonly phantom: boolean;
  /** The header's fields; undefined where no whole header could be read. */
  readonly type: number | undefined;
  readonly reserved: number | undefined;
  readonly sector: bigint | undefined;
  /**
   * The data's first bytes, at most TRACED_DATA and fewer once TRACED_BYTES are kept, by position (after the header, before the last byte) whatever the flags are: as they are in
   * guest memory at the notify, or after completion if the device wrote them.
   */
  data: Uint8Array;
  completion?: {
    /** Guest time in nanoseconds at which the used ring was written. */
    readonly at: number;
    /** The status byte; undefined if the device could not write it. */
    readonly status: number | undefined;
    readonly usedLength: number;
  };
  problem?: ChainProblem;
  /** The fault on purpose that the request got. */
  fault?: Fault;
}

/** How many of a request's data bytes are kept. */
export const TRACED_DATA = 4096;

/** Of all devices of a machine together, where its options do not say: more than 65,536, so that a ring's indices may wrap around. */
export const TRACED_REQUESTS = 70_000;
/** For each request that may be kept: a usual one has three. */
export const DESCRIPTORS_PER_REQUEST = 4;
/** Of all devices together. Later requests are kept without their data. */
export const TRACED_BYTES = 16 << 20;

/** History of one device's registers, which `device` checks grade. Counters count since power-on. */
export interface TracedDevice {
  /** The first 256 values that the driver wrote to Status, in order. */
  readonly statusWrites: number[];
  /** Features that the driver accepted (64 bits), at the last write. */
  driverFeatures: bigint;
  deviceFeatures: bigint;
  /** QueueNum of queue 0 as last set. */
  queueSize: number;
  notifies: number;
  interruptsRaised: number;
  interruptsAcknowledged: number;
  /** The problem that broke the device, if it is broken since its last reset. */
  broken: ChainProblem | undefined;
  readonly requests: TracedRequest[];
  /** How many requests are missing in `requests`, because the limit of requests, or of their descriptors, was reached. */
  requestsUntraced: number;
  /** Where the driver breaks rules of the specification (rules/), in the order in which each was first seen. */
  readonly findings: readonly TracedFinding[];
  /** How many races are missing in `findings`: one for each instruction and request, as far as they are counted (race-places.ts). */
  racesLeftOut: number;
}
