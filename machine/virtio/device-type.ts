/**
 * The seam between virtio and a kind of device. device.ts knows status, features, queues, and when a request is delivered; a type knows what
 * its requests ask for. Block (block/block.ts) and entropy (rng.ts) are types; a console or a network card would be further ones.
 *
 * Reference: VIRTIO 1.2, 5 "Device Types".
 */
import type { RoleStretch } from '../spec/block-request.ts';
import type { Chain } from './queue/virtqueue.ts';
import type { ChainProblem, TracedDescriptor } from './record/trace.ts';

/** The kinds of devices that the machine has. */
export type DeviceKind = 'block' | 'entropy';

/** Most bytes of data that are in our hands at a time: longer answers are made, and longer data read, piece by piece. */
export const COPY_CHUNK = 1 << 16;

/**
 * The bytes of an answer, or a stretch of the device's own bytes (a disk's, or those of a sequence), which are read when they are delivered:
 * there may be gigabytes of them.
 */
export type AnswerBytes = Uint8Array | { readonly position: number; readonly length: number };

/** What a request came to. It is carried out when it is taken, and delivered later. */
export interface Answer {
  readonly bytes: AnswerBytes;
  /** Where among the device-writable bytes they go. */
  readonly from: number;
  /** Written into the last device-writable byte after the rest; undefined for a device whose requests have no status. */
  readonly status: number | undefined;
  /** What the used element says of how much was written. */
  readonly usedLength: number;
  /** QEMU does not wait for a disk. */
  readonly atOnce: boolean;
}

/**
 * `problem`: the chain breaks the device. `ignored`: it stays with the device, which never answers it (as QEMU's entropy device does with one
 * that has no room for a byte).
 */
export type Outcome = Answer | { readonly problem: ChainProblem } | { readonly ignored: true };

/** What the record says of a chain, well-formed or not. */
export interface ChainSummary {
  /** First and second field of the header, where the kind of device has one and the chain holds it whole. */
  readonly type: number | undefined;
  readonly sector: bigint | undefined;
  /** Where the data lie among all bytes of the chain. */
  readonly dataFrom: number;
  readonly dataLength: number;
}

/** What a kind of device remembers, beside what is on its disk. */
export type TypeState = Readonly<Record<string, number | boolean>>;

export interface VirtioType {
  readonly kind: DeviceKind;
  /** DeviceID. */
  readonly id: number;
  readonly queues: number;
  /** Features of this kind that it offers, beside those of queue and transport. */
  readonly features: bigint;
  /** Size in sectors of 512 bytes; 0 for a device that has none. */
  readonly capacity: bigint;
  /** The configuration space: empty where the kind has none. */
  config(): Uint8Array;
  /** The driver wrote `config` whole, with its change in it. */
  setConfig(config: Uint8Array): void;
  /** The driver has set DRIVER_OK, and accepted these features. */
  driverReady(features: bigint): void;
  reset(): void;
  summary(descriptors: readonly TracedDescriptor[]): ChainSummary;
  /** Which bytes of a chain are what, for the watch over memory that belongs to the device. */
  roles(descriptors: readonly TracedDescriptor[]): RoleStretch[];
  /** The device's own bytes: of a stretch that one of its answers names. */
  read(position: number, length: number): Uint8Array;
  /** What a snapshot has to hold of it. */
  save(): TypeState;
  restore(state: TypeState): void;
  /** Carries a request out, reading the guest's memory but not writing it; with `refusal`, answers that status and does nothing. */
  take(queue: number, chain: Chain, refusal?: number): Outcome;
}
