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
   * The data's first bytes, at most TRACED_DATA, by position (after the header, before the last byte) whatever the flags are: as they are in
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

/** Descriptors of all requests that are kept, of all devices together: a usual request has three. */
export const TRACED_DESCRIPTORS = 100_000;
/** Data of all requests that are kept, of all devices together. */
export const TRACED_BYTES = 16 << 20;

/** How many requests of one type a device has taken since power-on. */
export interface RequestCount {
  /** Undefined: their chains held no whole header, or have more different types than are told apart. */
  readonly type: number | undefined;
  made: number;
  /** How many of them the driver never made (TracedRequest.phantom). */
  phantoms: number;
  /** By the status byte that the device wrote; `undefined`: it completed the request and could not write one. */
  readonly answers: Map<number | undefined, number>;
}

/** What is recorded of a machine's requests. */
export interface RequestRecording {
  /** So many first requests of each device are kept whole; without it, kept-requests.ts says how many. */
  readonly first?: number;
  /**
   * Called for each request when a device has taken it, before it is carried out; `device`: its position in the machine's `devices`. Where it
   * returns true the request is kept whole, whatever the bounds are.
   */
  readonly taken?: (device: number, request: TracedRequest) => boolean;
  /** Called for a request that is not kept any longer, when many others have been made after it; where it returns true it is kept for good. */
  readonly dropped?: (device: number, request: TracedRequest) => boolean;
}

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
  /** Those that are kept whole (kept-requests.ts), in their order. */
  readonly requests: TracedRequest[];
  /** All of them, those that are not kept as well. */
  readonly counts: RequestCount[];
  /** Where the driver breaks rules of the specification (rules/), in the order in which each was first seen. */
  readonly findings: readonly TracedFinding[];
  /** How many races are missing in `findings`: one for each instruction and request, as far as they are counted (race-places.ts). */
  racesLeftOut: number;
}
