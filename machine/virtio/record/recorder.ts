/** Keeps a device's record (trace.ts), within its limits: what the driver did, and each request with its first bytes of data. */

import type { GuestMemory } from '../../ports.ts';
import type { VirtioType } from '../device-type.ts';
import { gather, totalLength } from '../queue/buffer.ts';
import type { Chain, MalformedChain } from '../queue/virtqueue.ts';
import type { TracedFinding } from './finding.ts';
import { FIRST_KEPT, KeptRequests, type TraceRoom } from './kept-requests.ts';
import { type RequestCount, TRACED_DATA, type TracedDescriptor, type TracedDevice, type TracedRequest } from './trace.ts';

const TRACED_STATUS_WRITES = 256;
/**
 * Most drivers use the same descriptors with the same buffers again and again. Requests share such a list, so that a long run takes less
 * memory: the last lists are remembered, unless they are long.
 */
const REMEMBERED_LISTS = 8;
const SHARED_LENGTH = 8;
/** Types of requests that are counted apart: a driver of good will has five. */
const TYPES_COUNTED = 64;

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
    counts: [],
    findings,
    racesLeftOut: 0,
  };
}

/** When a request came, and whether its driver made it. */
export type Moment = Pick<TracedRequest, 'notifiedAt' | 'instructions' | 'consoleBytes' | 'phantom'>;

/** As RequestRecording (trace.ts), of one device. */
interface DeviceRecording {
  readonly first?: number;
  readonly taken?: (request: TracedRequest) => boolean;
  readonly dropped?: (request: TracedRequest) => boolean;
}

/** What a device's recorder is told by its machine. */
export interface RecorderOptions {
  /** Shared by all devices of the machine. */
  readonly room: TraceRoom;
  /** Undefined: requests are only counted. */
  readonly recording: DeviceRecording | undefined;
}

export class Recorder {
  readonly trace: TracedDevice;
  readonly #memory: GuestMemory;
  readonly #type: VirtioType;
  readonly #options: RecorderOptions;
  readonly #kept: KeptRequests;
  #requests = 0;
  readonly #lists: (readonly TracedDescriptor[])[] = [];

  constructor(memory: GuestMemory, type: VirtioType, trace: TracedDevice, options: RecorderOptions) {
    this.#options = options;
    const { first = FIRST_KEPT, dropped } = options.recording ?? {};
    this.#kept = new KeptRequests(trace.requests, trace.findings, { first, dropped, room: options.room });
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
    const { type, reserved, sector, dataFrom, dataLength } = this.#type.summary(descriptors);
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
      data: gather(this.#memory, descriptors, dataFrom, Math.min(dataLength, TRACED_DATA)),
    };
    this.#count(traced);
    return traced;
  }

  /** Puts the request into the record. The rules have seen its data before, which may not be kept. */
  keep(traced: TracedRequest): void {
    const { recording } = this.#options;
    if (recording !== undefined) this.#kept.add(traced, { stays: recording.taken?.(traced) ?? false });
  }

  #count({ type, phantom }: TracedRequest): void {
    const found = this.#countOf(type);
    found.made++;
    if (phantom) found.phantoms++;
  }

  #countOf(type: number | undefined): RequestCount {
    const { counts } = this.trace;
    const known = counts.find((one) => one.type === type);
    if (known !== undefined) return known;
    if (type !== undefined && counts.length >= TYPES_COUNTED) return this.#countOf(undefined);
    const made: RequestCount = { type, made: 0, phantoms: 0, answers: new Map() };
    counts.push(made);
    return made;
  }

  /** The device has answered the request: with this status byte, where it could write one. */
  completed({ type }: TracedRequest, status: number | undefined): void {
    const { answers } = this.#countOf(type);
    answers.set(status, (answers.get(status) ?? 0) + 1);
  }

  /** Copies what the device wrote from memory into the traced data. */
  answer(traced: TracedRequest, chain: Chain, answered: number): void {
    const from = totalLength(chain.readable) - this.#type.summary(chain.descriptors).dataFrom;
    const length = Math.min(answered, traced.data.length - from);
    if (length > 0) traced.data.set(gather(this.#memory, chain.writable, 0, length), from);
  }

  save() {
    return { trace: this.trace, requests: this.#requests, kept: this.#kept.save() };
  }

  /** The trace stays the same object, since others hold it. The rules restore its findings (rules/conformance.ts). */
  restore({ trace, requests, kept }: ReturnType<Recorder['save']>): void {
    const { statusWrites, requests: traced, counts, findings: _, ...values } = trace;
    replaceAll(this.trace.statusWrites, statusWrites);
    replaceAll(this.trace.requests, traced);
    replaceAll(this.trace.counts, counts);
    this.#kept.restore(kept);
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
