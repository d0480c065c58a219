/**
 * A virtio block device behind its transport: status, features, interrupt status, its one queue, the requests in flight, and the
 * record of all that (trace.ts). The transports (mmio-legacy.ts, later the modern one) translate register accesses into calls of
 * this.
 *
 * Reference: VIRTIO 1.2, 2.1 to 2.3, 2.7, 3; QEMU 10's hw/virtio/virtio.c, measured.
 *
 * When requests complete: at a notify every waiting chain is taken, in ring order, and carried out on the disk at once, so that
 * requests see each other's effect in that order. What the driver sees of it (data, status byte, used ring, interrupt) comes
 * COMPLETION_DELAY later, in the same order, one interrupt decision for each. QEMU answers some requests (errors, GET_ID) within
 * the notify itself; here all take their time. A reset by the driver first completes what is in flight, as QEMU drains its
 * requests, rings and all, before it resets. A chain that is malformed breaks the device: what was in flight then still delivers
 * data and status byte, but no used element and no interrupt (only the bit in InterruptStatus: so does QEMU), and notifies are
 * ignored until the next reset.
 */
import type { Clock, Disk, GuestMemory, InterruptLine, ScheduledCall } from '../ports.ts';
import { BlockDevice, HEADER_SIZE, readHeader } from './block.ts';
import { gather, scatter, slice, totalLength, unmappedLength } from './buffer.ts';
import { FEATURE, has } from './features.ts';
import { TRACED_DATA, TRACED_DESCRIPTORS, TRACED_REQUESTS, type TracedDevice, type TracedRequest } from './trace.ts';
import { type Chain, type MalformedChain, Virtqueue } from './virtqueue.ts';

/** Guest nanoseconds from a notify to its used elements. */
export const COMPLETION_DELAY = 20_000;
/** Bytes that answers in flight may hold: beyond, they are delivered early, or a driver could fill the host's memory with them. */
const HELD_LIMIT = 64 << 20;

/** Bits of Status and of InterruptStatus. */
const DRIVER_OK = 4;
const FEATURES_OK = 8;
const USED_BUFFER = 1;

const TRACED_STATUS_WRITES = 256;

export interface VirtioPorts {
  readonly memory: GuestMemory;
  readonly clock: Clock;
  readonly interrupt: InterruptLine;
  /** Instructions retired, and bytes written to the console, until now: both for the trace only. */
  readonly instructions: () => bigint;
  readonly consoleBytes: () => number;
}

interface Flight {
  readonly chain: Chain;
  readonly traced: TracedRequest;
  readonly status: number;
  readonly answer: Uint8Array;
  readonly call: ScheduledCall;
}

export function createTrace(deviceFeatures: bigint): TracedDevice {
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
  };
}

export class VirtioDevice {
  /** Counts and history since power-on; the trace's `interruptsRaised` counts each used element that interrupted, acknowledged or not. */
  readonly trace: TracedDevice;
  readonly #ports: VirtioPorts;
  readonly #block: BlockDevice;
  readonly #queue: Virtqueue;
  #status = 0;
  #interruptStatus = 0;
  /** Accepted by the driver and offered by us. */
  #features = 0n;
  #flights: Flight[] = [];
  /** Bytes of answers in flight. */
  #held = 0;
  #requests = 0;
  #tracedDescriptors = 0;

  constructor(ports: VirtioPorts, disk: Disk, serial: string) {
    this.#ports = ports;
    this.#block = new BlockDevice(ports.memory, disk, serial);
    this.#queue = new Virtqueue(ports.memory);
    this.trace = createTrace(this.#block.features);
  }

  get deviceFeatures(): bigint {
    return this.#block.features;
  }

  get status(): number {
    return this.#status;
  }

  get interruptStatus(): number {
    return this.#interruptStatus;
  }

  /** Guest address of the queue's descriptor table. */
  get queueBase(): bigint {
    return this.#queue.base;
  }

  setStatus(value: number): void {
    if (this.trace.statusWrites.length < TRACED_STATUS_WRITES) this.trace.statusWrites.push(value);
    if (value === 0) this.reset();
    if (value & DRIVER_OK) this.#block.driverReady(this.#features);
    this.#status = value;
  }

  /** Features as the driver wrote them. Bits that were not offered are dropped; after FEATURES_OK nothing changes any more (3.1.1). */
  setFeatures(features: bigint): void {
    if (this.#status & FEATURES_OK) return;
    this.#features = features & this.#block.features;
    if (has(this.#features, FEATURE.EVENT_IDX)) this.#checkRings();
  }

  setQueueSize(size: number): void {
    if (!this.#queue.setSize(size)) return;
    this.trace.queueSize = size;
    this.#checkRings();
  }

  setQueueAlign(align: number): void {
    this.#queue.setAlign(align);
    this.#checkRings();
  }

  setQueueBase(address: bigint): void {
    this.#queue.setBase(address);
    this.#checkRings();
  }

  config(): Uint8Array {
    return this.#block.config();
  }

  setConfig(config: Uint8Array): void {
    this.#block.setConfig(config);
  }

  /** The driver's announcement of new chains. It counts whatever the status is, DRIVER_OK or not. */
  notify(): void {
    this.trace.notifies++;
    if (this.#queue.base === 0n || this.trace.broken !== undefined) return;
    while (this.trace.broken === undefined) {
      const taken = this.#queue.take();
      if (taken === undefined) break;
      if (taken.head === undefined) this.trace.broken = taken.problem;
      else this.#accept(taken);
    }
    this.#queue.askForNotify(this.#features);
  }

  acknowledge(bits: number): void {
    if (this.#interruptStatus & bits) this.trace.interruptsAcknowledged++;
    this.#interruptStatus &= ~bits;
    this.#ports.interrupt.set(this.#interruptStatus !== 0);
  }

  reset(): void {
    this.settle();
    this.#status = 0;
    this.#features = 0n;
    this.#interruptStatus = 0;
    this.#ports.interrupt.set(false);
    this.#queue.reset();
    this.#block.reset();
    this.trace.broken = undefined;
  }

  /** Completes what is in flight, now. */
  settle(): void {
    while (this.#flights.length > 0) this.#complete();
  }

  /** Chains in the available ring that no notify has announced; 0 on a broken device, which takes none. */
  unnotified(): number {
    return this.trace.broken === undefined ? this.#queue.waiting() : 0;
  }

  #checkRings(): void {
    if (this.#queue.straddlesRam(this.#features)) this.trace.broken ??= 'unmapped';
  }

  #accept(taken: Chain | MalformedChain): void {
    const traced = this.#record(taken);
    const outcome = 'problem' in taken ? taken : this.#block.execute(taken);
    if ('problem' in outcome) {
      traced.problem = this.trace.broken = outcome.problem;
      if (!('problem' in taken)) this.#queue.drop();
    } else if (!('problem' in taken)) this.#launch({ chain: taken, traced, ...outcome });
  }

  #launch(flight: Omit<Flight, 'call'>): void {
    const call = this.#ports.clock.schedule(this.#ports.clock.now() + COMPLETION_DELAY, () => this.#complete());
    this.#flights.push({ ...flight, call });
    this.#held += flight.answer.length;
    if (this.#held > HELD_LIMIT) this.settle();
  }

  /** Delivers the oldest request in flight: data, status byte, used element, interrupt, in this order (2.7.8). */
  #complete(): void {
    const flight = this.#flights.shift();
    if (flight === undefined) return;
    const { chain, traced, status, answer } = flight;
    const { memory, clock } = this.#ports;
    flight.call.cancel();
    this.#held -= answer.length;
    const room = totalLength(chain.writable);
    scatter(memory, chain.writable, 0, answer);
    scatter(memory, chain.writable, room - 1, Uint8Array.of(status));
    this.#recordAnswer(traced, chain, answer.length);
    if (this.trace.broken !== undefined) {
      this.#queue.drop();
    } else {
      // The ring's field has 32 bits.
      const usedLength = room % 2 ** 32;
      this.#queue.use(chain.head, usedLength);
      const written = slice(chain.writable, room - 1, 1).every((byte) => unmappedLength(memory, byte) === 0);
      traced.completion = { at: clock.now(), status: written ? status : undefined, usedLength };
    }
    if (this.#queue.wantsInterrupt(this.#features)) this.#interrupt();
  }

  /** On a broken device the bit is set, but the line does not move. */
  #interrupt(): void {
    this.#interruptStatus |= USED_BUFFER;
    if (this.trace.broken !== undefined) return;
    this.trace.interruptsRaised++;
    this.#ports.interrupt.set(true);
  }

  #record({ head, descriptors }: Chain | MalformedChain): TracedRequest {
    const { memory, clock, instructions, consoleBytes } = this.#ports;
    const dataLength = Math.min(Math.max(totalLength(descriptors) - HEADER_SIZE - 1, 0), TRACED_DATA);
    const header = readHeader(gather(memory, descriptors, 0, HEADER_SIZE));
    const traced: TracedRequest = {
      number: ++this.#requests,
      queue: 0,
      head,
      notifiedAt: clock.now(),
      instructions: instructions(),
      consoleBytes: consoleBytes(),
      descriptors,
      type: header?.type,
      sector: header?.sector,
      data: gather(memory, descriptors, HEADER_SIZE, dataLength),
    };
    this.#tracedDescriptors += descriptors.length;
    if (this.trace.requests.length < TRACED_REQUESTS && this.#tracedDescriptors <= TRACED_DESCRIPTORS) this.trace.requests.push(traced);
    else this.trace.requestsUntraced++;
    return traced;
  }

  /** Puts what the device wrote, as it now lies in memory, into the traced data. */
  #recordAnswer(traced: TracedRequest, chain: Chain, answered: number): void {
    const from = totalLength(chain.readable) - HEADER_SIZE;
    const length = Math.min(answered, traced.data.length - from);
    if (length > 0) traced.data.set(gather(this.#ports.memory, chain.writable, 0, length), from);
  }
}
