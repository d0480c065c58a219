/** Keeps a device's record (trace.ts), within its limits: what the driver did, and each request with its first bytes of data. */

import type { GuestMemory } from '../../ports.ts';
import type { VirtioType } from '../device-type.ts';
import { gather, totalLength } from '../queue/buffer.ts';
import type { Chain, MalformedChain } from '../queue/virtqueue.ts';
import type { TracedFinding } from './finding.ts';
import {
  DESCRIPTORS_PER_REQUEST,
  TRACED_BYTES,
  TRACED_DATA,
  TRACED_REQUESTS,
  type TracedDescriptor,
  type TracedDevice,
  type TracedRequest,
} from './trace.ts';

const TRACED_STATUS_WRITES = 256;
/**
 * Most drivers use the same descriptors with the same buffers again and again. Requests share such a list, so that a long run takes less
 * memory: the last lists are remembered, unless they are long.
 */
const REMEMBERED_LISTS = 8;
const SHARED_LENGTH = 8;

export function createTrace(deviceFeatures: bigint, findings: readonly TracedFinding[] = []): TracedDevice {
  return {
    statusWrites: [],
    driverFeatures: 0n,
    deviceFeatures,
    queueSize: 0,
    notifies: 0,
    interruptsRaised: 0,
    interruptsAcknowledged: 0,
    broken: undefined,
    requests: [],
    requestsUntraced: 0,
    findings,
    racesLeftOut: 0,
  };
}

/** When a request came, and whether its driver made it. */
export type Moment = Pick<TracedRequest, 'notifiedAt' | 'instructions' | 'consoleBytes' | 'phantom'>;

/** What the records of all devices of a machine hold together. A hostile kernel must not fill the host's memory, however many disks it has. */
export class TraceRoom {
  readonly keeps: boolean;
  readonly #most: number;
  #requests = 0;
  #descriptors = 0;
  #bytes = 0;

  /** `most`: requests that are kept; they are only counted if `keeps` is false. */
  constructor(most = TRACED_REQUESTS, keeps = true) {
    this.#most = most;
    this.keeps = keeps;
  }

  /** Whether one more request is kept, with so many descriptors. After the first one that is not kept, no further one is. */
  take(descriptors: number): boolean {
    this.#requests += 1;
    this.#descriptors += descriptors;
    return this.#requests <= this.#most && this.#descriptors <= this.#most * DESCRIPTORS_PER_REQUEST;
  }

  /** How many of so many bytes of data may be kept. */
  takeBytes(wanted: number): number {
    const taken = Math.min(wanted, TRACED_BYTES - this.#bytes);
    this.#bytes += taken;
    return taken;
  }

  save() {
    return { requests: this.#requests, descriptors: this.#descriptors, bytes: this.#bytes };
  }

  restore({ requests, descriptors, bytes }: ReturnType<TraceRoom['save']>): void {
    this.#requests = requests;
    this.#descriptors = descriptors;
    this.#bytes = bytes;
  }
}

export class Recorder {
  readonly trace: TracedDevice;
  readonly #memory: GuestMemory;
  readonly #type: VirtioType;
  readonly #room: TraceRoom;
  #requests = 0;
  readonly #lists: (readonly TracedDescriptor[])[] = [];

  constructor(memory: GuestMemory, type: VirtioType, trace: TracedDevice, room: TraceRoom) {
    this.#room = room;
    this.#memory = memory;
    this.#type = type;
    this.trace = trace;
  }

  /** The number that the next request gets. */
  get next(): number {
    return this.#requests + 1;
  }

  status(value: number): void {
    if (this.trace.statusWrites.length < TRACED_STATUS_WRITES) this.trace.statusWrites.push(value);
  }

  /** An equal list of an earlier request, if one is remembered. */
  #shared(descriptors: readonly TracedDescriptor[]): readonly TracedDescriptor[] {
    if (descriptors.length > SHARED_LENGTH) return descriptors;
    const known = this.#lists.find((one) => isSameList(one, descriptors));
    if (known !== undefined) return known;
    // With another buffer, header and status are most often still the same.
    const earlier = this.#lists.flat();
    const shared = descriptors.map((descriptor) => earlier.find((one) => isSame(one, descriptor)) ?? descriptor);
    this.#lists.push(shared);
    if (this.#lists.length > REMEMBERED_LISTS) this.#lists.shift();
    return shared;
  }

  request(queue: number, { head, place, descriptors }: Chain | MalformedChain, moment: Moment): TracedRequest {
    const { type, reserved, sector, dataFrom, dataLength: whole } = this.#type.summary(descriptors);
    const isKept = this.#room.take(descriptors.length);
    const dataLength = isKept ? this.#room.takeBytes(Math.min(whole, TRACED_DATA)) : Math.min(whole, TRACED_DATA);
    const traced: TracedRequest = {
      number: ++this.#requests,
      queue,
      head,
      ...place,
      ...moment,
      descriptors: this.#shared(descriptors),
      type,
      reserved,
      sector,
      data: gather(this.#memory, descriptors, dataFrom, dataLength),
    };
    if (!isKept) this.trace.requestsUntraced++;
    else if (this.#room.keeps) this.trace.requests.push(traced);
    return traced;
  }

  /** Copies what the device wrote from memory into the traced data. */
  answer(traced: TracedRequest, chain: Chain, answered: number): void {
    const from = totalLength(chain.readable) - this.#type.summary(chain.descriptors).dataFrom;
    const length = Math.min(answered, traced.data.length - from);
    if (length > 0) traced.data.set(gather(this.#memory, chain.writable, 0, length), from);
  }

  save() {
    return { trace: this.trace, requests: this.#requests };
  }

  /** The trace stays the same object, since others hold it. The rules restore its findings (rules/conformance.ts). */
  restore({ trace, requests }: ReturnType<Recorder['save']>): void {
    const { statusWrites, requests: traced, findings: _, ...values } = trace;
    replaceAll(this.trace.statusWrites, statusWrites);
    replaceAll(this.trace.requests, traced);
    Object.assign(this.trace, values);
    this.#requests = requests;
  }
}

function isSameList(one: readonly TracedDescriptor[], other: readonly TracedDescriptor[]): boolean {
  return one.length === other.length && one.every((descriptor, index) => isSame(descriptor, other[index]!));
}

function isSame(one: TracedDescriptor, other: TracedDescriptor): boolean {
  return (
    one.index === other.index &&
    one.address === other.address &&
    one.length === other.length &&
    one.flags === other.flags &&
    one.next === other.next &&
    one.indirect === other.indirect
  );
}

/** Replaces an array's elements by those of another one. */
export function replaceAll<T>(array: T[], elements: readonly T[]): void {
  array.length = 0;
  for (const element of elements) array.push(element);
}
