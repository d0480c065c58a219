/**
 * The interface between virtio and a kind of device. device.ts knows status, features, queues, and when a request is delivered; a type knows
 * what its requests mean. Block (block/block.ts), entropy (rng.ts) and network (network.ts) are types; a console could be added.
 *
 * Reference: VIRTIO 1.2, 5 "Device Types".
 */
import type { RoleStretch } from '../spec/block-request.ts';
import type { Chain } from './queue/virtqueue.ts';
import type { ChainProblem, TracedDescriptor } from './record/trace.ts';

/** The kinds of devices that the machine has. */
export type DeviceKind = 'block' | 'entropy' | 'network';

/** Most bytes of data that are held at a time: longer answers are made, and longer data are read, piece by piece. */
export const COPY_CHUNK = 1 << 16;

/**
 * The bytes of an answer, or a range of the device's own bytes (of a disk, or of a sequence). A range is read only when it is delivered,
 * since it may be gigabytes long.
 */
export type AnswerBytes = Uint8Array | { readonly position: number; readonly length: number };

/** The result of a request. The request is carried out when it is taken, and its result is delivered later. */
export interface Answer {
  readonly bytes: AnswerBytes;
  /** Where the bytes go: an offset among the device-writable bytes. */
  readonly from: number;
  /** Written into the last device-writable byte, after everything else; undefined for a device whose requests have no status. */
  readonly status: number | undefined;
  /** The number of written bytes that the used element reports. */
  readonly usedLength: number;
  /** QEMU answers this without waiting for a disk. */
  readonly atOnce: boolean;
}

/**
 * `problem`: the chain breaks the device. `ignored`: the device keeps the chain and never answers it (as QEMU's entropy device does with a
 * chain that has no room for a byte).
 */
export type Outcome = Answer | { readonly problem: ChainProblem } | { readonly ignored: true };

/** What the record holds about a chain, well-formed or not. */
export interface ChainSummary {
  /** The fields of the header, if this kind of device has a header and the chain holds all of it. */
  readonly type: number | undefined;
  readonly reserved: number | undefined;
  readonly sector: bigint | undefined;
  /** Where the data lie among all bytes of the chain. */
  readonly dataFrom: number;
  readonly dataLength: number;
}

/** What a kind of device remembers, apart from what is on its disk. */
export type TypeState = Readonly<Record<string, number | boolean>>;

export interface VirtioType {
  readonly kind: DeviceKind;
  /** DeviceID. */
  readonly id: number;
  readonly queues: number;
  /** The features of this kind that it offers, in addition to those of queue and transport. */
  readonly features: bigint;
  /** Size in sectors of 512 bytes; 0 for a device that has none. */
  readonly capacity: bigint;
  /** The configuration space, not to be changed; empty if the kind has none. */
  config(): Uint8Array;
  /** The driver wrote to the configuration space; `config` is all of it, with the change. */
  setConfig(config: Uint8Array): void;
  /** The driver has set DRIVER_OK and has accepted these features. */
  driverReady(features: bigint): void;
  reset(): void;
  summary(descriptors: readonly TracedDescriptor[]): ChainSummary;
  /** Which bytes of a chain play which role; the watch over memory that belongs to the device needs this. */
  roles(descriptors: readonly TracedDescriptor[]): RoleStretch[];
  /** The device's own bytes in a range that one of its answers names. */
  read(position: number, length: number): Uint8Array;
  /** What a snapshot has to hold of this device. */
  save(): TypeState;
  restore(state: TypeState): void;
  /** Carries a request out, reading the guest's memory but not writing it; with `refusal`, answers that status and does nothing. */
  take(queue: number, chain: Chain, refusal?: number): Outcome;
}
