/**
 * A virtio device: status, features, interrupt status, its queues and the requests in flight. Its type knows what the requests mean
 * (device-type.ts). The transports (mmio-legacy.ts, mmio-modern.ts) translate accesses to registers into calls of this class, and
 * record/observer.ts looks on and records.
 *
 * Reference: VIRTIO 1.2, 2.1 to 2.3, 2.7, 3; QEMU 10's hw/virtio/virtio.c, measured.
 *
 * When requests complete: at a notify every waiting chain is taken, in ring order, and carried out on the disk at once, so that
 * requests see each other's effect in that order. The driver sees the result (data, status byte, used ring, interrupt) COMPLETION_DELAY
 * later, in the same order; for each request it is decided whether to interrupt. QEMU completes requests that need no disk (errors, GET_ID)
 * first. Here they take the usual delay, but do not occupy a place in the queue. A reset by the driver first completes the requests in
 * flight, as QEMU does, with used ring and interrupt, before it resets. A malformed chain breaks the device: requests in flight then still
 * deliver data and status byte, but no used element and no interrupt (only the bit in InterruptStatus, as in QEMU), and notifies are
 * ignored until the next reset. A rubric may have faults done to a request (faults.ts).
 */
import { ANSWERS, INTERRUPT_BITS, STATUS_BITS } from '../spec/virtio.ts';
import { WORK } from '../work-meter.ts';
import { deliver, writeStatus } from './delivery.ts';
import type { VirtioType } from './device-type.ts';
import { delayOf, waitsOf } from './faults.ts';
import { COMMON_FEATURES, FEATURE, has, type Transport } from './features.ts';
import { type Flight, Flights } from './flights.ts';
import type { VirtioPorts } from './ports.ts';
import { type MeantPlace, meantPlace, type PageNumber } from './queue/placement.ts';
import { type Chain, type MalformedChain, type Rings, Virtqueue } from './queue/virtqueue.ts';
import { Observer } from './record/observer.ts';
import type { Recorder } from './record/recorder.ts';
import type { ChainProblem, TracedDevice, TracedRequest } from './record/trace.ts';
import type { InterruptHandling, VirtioEvent } from './rules/event.ts';

/** Guest nanoseconds from a notify to its used elements. */
export const COMPLETION_DELAY = 20_000;

const { DRIVER_OK, FEATURES_OK, DEVICE_NEEDS_RESET } = STATUS_BITS;
const { USED_BUFFER, CONFIGURATION_CHANGE } = INTERRUPT_BITS;

export class VirtioDevice {
  /** Counts and history since power-on. The trace's `interruptsRaised` counts each used element that interrupted, acknowledged or not. */
  readonly trace: TracedDevice;
  readonly #recorder: Recorder;
  readonly #observer: Observer;
  readonly #ports: VirtioPorts;
  readonly #type: VirtioType;
  readonly #queues: readonly Virtqueue[];
  readonly deviceFeatures: bigint;
  #status = 0;
  #interruptStatus = 0;
  /** Accepted by the driver and offered by us. */
  #features = 0n;
  readonly #flights: Flights;
  #configGeneration = 0;
  /** What the driver wrote for each queue's place over the legacy interface. */
  #pageNumbers: ReadonlyMap<number, PageNumber> = new Map<number, PageNumber>();
  /** True since DRIVER_OK or the first notify. */
  #listening = false;
  #finished = false;

  constructor(ports: VirtioPorts, type: VirtioType, transport: Transport) {
    this.#ports = ports;
    this.#type = type;
    this.deviceFeatures = COMMON_FEATURES[transport] | type.features;
    this.#queues = Array.from({ length: type.queues }, () => new Virtqueue(ports.memory, ports.work));
    this.#flights = new Flights(ports.clock, (flight, joined) => this.#complete(flight, { joined }));
    this.#observer = new Observer(ports, { type, transport, features: this.deviceFeatures, queues: this.#queues });
    this.trace = this.#observer.trace;
    this.#recorder = this.#observer.recorder;
  }

  /** Reports to the rules what the driver did, or what its effect was. */
  observe(event: VirtioEvent): void {
    this.#observer.observe(event);
  }

  /** What the driver wrote last to the registers that say where queue 0 lies; without those that it did not write. */
  get queueRegisters(): ReadonlyMap<string, number> {
    return this.#observer.queueRegisters;
  }

  get status(): number {
    return this.#status;
  }

  get interruptStatus(): number {
    return this.#interruptStatus;
  }

  interruptState(): { status: number; usedIndex: number; refused: boolean } {
    const { usedIndex, refusesInterrupts } = this.#queues[0]!;
    return { status: this.#interruptStatus, usedIndex, refused: !has(this.#features, FEATURE.EVENT_IDX) && refusesInterrupts };
  }

  /** How often the device reported a change of its configuration; a reset does not set this back. */
  get configGeneration(): number {
    return this.#configGeneration;
  }

  get deviceId(): number {
    return this.#type.id;
  }

  /** Whether the device has a queue of this number. All methods that take a queue's number throw if it has not. */
  hasQueue(queue: number): boolean {
    return queue < this.#queues.length;
  }

  queueSize(queue: number): number {
    return this.#queues[queue]!.size;
  }

  /** Guest addresses of the queue's three areas; 0 until the driver has set them. */
  queueRings(queue: number): Rings {
    return this.#queues[queue]!.rings;
  }

  setStatus(value: number): void {
    this.#recorder.status(value);
    if (value === 0) this.reset();
    if (value & DRIVER_OK) this.#type.driverReady(this.#features);
    this.#status = value;
    // As QEMU does when it begins to listen for notifies: chains that are already in the queue need no notify.
    if (value & DRIVER_OK && !this.#listening) for (const queue of this.#queues.keys()) this.#serve(queue);
    this.#listening = (value & DRIVER_OK) !== 0;
  }

  /** Features as the driver wrote them. Bits that were not offered are dropped; after FEATURES_OK nothing changes any more (3.1.1). */
  setFeatures(features: bigint): void {
    this.#ports.work.add(WORK['device-set-ups']);
    if (this.#status & FEATURES_OK) return;
    // NOTIFY_ON_EMPTY belongs to the legacy interface. QEMU accepts it over the modern transport, too, although it does not offer it there.
    this.#features = features & (this.deviceFeatures | FEATURE.NOTIFY_ON_EMPTY);
    if (!has(this.#features, FEATURE.EVENT_IDX)) return;
    for (const queue of this.#queues.keys()) this.checkRings(queue);
  }

  setQueueSize(queue: number, size: number): void {
    if (this.#queues[queue]!.setSize(size) && queue === 0) this.trace.queueSize = size;
  }

  /** `page`: what the driver wrote for it, over the legacy interface. */
  setQueueRings(queue: number, rings: Rings, page?: PageNumber): void {
    this.#queues[queue]!.setRings(rings);
    if (page !== undefined) this.#pageNumbers = new Map(this.#pageNumbers).set(queue, page);
    this.#observer.queueAt(queue, rings.available);
    this.checkRings(queue);
  }

  /** As QEMU, which maps the areas whenever one of them may have moved or changed its size. */
  checkRings(queue: number): void {
    this.#ports.work.add(WORK['device-set-ups']);
    const areas = this.#queues[queue]!.areas(this.#features);
    const memoryEnd = this.#ports.memory.end;
    this.observe({ kind: 'queue-placed', areas, memoryEnd, page: this.#pageNumbers.get(queue), meant: this.meantPlace(queue) });
    if (areas.some(({ unmapped, length }) => unmapped !== 0 && unmapped !== length)) this.#break('unmapped');
  }

  /** Where the driver seems to have a queue that does not lie in memory; undefined if it does, and if nothing is known. */
  meantPlace(queue: number): MeantPlace | undefined {
    const { rings } = this.#queues[queue]!;
    const isOutside = this.#queues[queue]!.areas(this.#features).some(({ unmapped }) => unmapped > 0);
    const { memory, virtual } = this.#ports;
    return isOutside ? meantPlace(rings, this.#pageNumbers.get(queue), { memory, pages: virtual?.pages }) : undefined;
  }

  config(): Uint8Array {
    return this.#type.config();
  }

  setConfig(config: Uint8Array): void {
    this.#type.setConfig(config);
  }

  /** The driver announces new chains. That has an effect whatever the status is, even without DRIVER_OK. */
  notify(queue: number): void {
    this.#ports.work.add(WORK.notifications);
    this.trace.notifies++;
    this.observe({ kind: 'notify', queue: this.#queues[queue]!.memory() });
    this.#listening = true;
    this.#serve(queue);
  }

  /** Takes every chain that waits. */
  #serve(number: number): void {
    const queue = this.#queues[number]!;
    this.#observer.notified(number);
    if (queue.rings.table === 0n || this.trace.broken !== undefined) return;
    // If the index has jumped, only the first chain is one that the driver made.
    const hasJumped = queue.waiting() > queue.size;
    let isFirst = true;
    // With one store a driver can announce chains that are any amount of work, so the meter is asked after each.
    while (this.trace.broken === undefined && !this.#ports.work.over && !this.#isOff) {
      const taken = queue.take();
      if (taken === undefined) break;
      if (taken.head === undefined) this.#break(taken.problem);
      else this.#accept(number, taken, { phantom: hasJumped && !isFirst });
      isFirst = false;
    }
    queue.askForNotify(this.#features);
  }

  acknowledge(bits: number): void {
    if (this.#interruptStatus & bits) this.trace.interruptsAcknowledged++;
    this.#interruptStatus &= ~bits;
    // The interrupt line of a broken device does not change until its reset, as in QEMU.
    if (this.trace.broken === undefined) this.#ports.interrupt.set(this.#interruptStatus !== 0);
  }

  reset(): void {
    this.#ports.work.add(WORK['device-set-ups']);
    this.settle();
    this.#status = 0;
    this.#features = 0n;
    this.#interruptStatus = 0;
    this.#ports.interrupt.set(false);
    this.#observer.releaseAll();
    for (const [number, queue] of this.#queues.entries()) {
      this.#observer.queueAt(number, 0n);
      queue.reset();
    }
    this.#pageNumbers = new Map<number, PageNumber>();
    this.#type.reset();
    this.trace.broken = undefined;
  }

  /** Completes the requests in flight now. */
  settle(): void {
    this.#flights.settle();
  }

  /**
   * The machine has stopped for good: the requests in flight complete, unless the meter of work has ended the run, and the rules can judge
   * what the driver never did. `interrupt`: what it did with interrupts of the device. Where the power was cut, nothing is completed, and
   * nothing is said of what the driver would still have done.
   */
  finish(interrupt: InterruptHandling): void {
    if (!this.#ports.work.over && !this.#isOff) this.settle();
    if (this.#finished) return;
    this.#finished = true;
    this.#observer.releaseAll();
    if (this.#isOff) return;
    this.observe({ kind: 'end', queue: this.#queues[0]!.memory(), broken: this.trace.broken !== undefined, interrupt });
  }

  get #isOff(): boolean {
    return this.#ports.power?.isOff() === true;
  }

  /** Chains in the available ring that no notify has announced; 0 on a broken device, which takes none. */
  unnotified(): number {
    return this.trace.broken === undefined ? this.#queues.reduce((sum, queue) => sum + queue.waiting(), 0) : 0;
  }

  /** Only a driver that accepted VERSION_1 learns of it, by DEVICE_NEEDS_RESET and a configuration change interrupt (2.1.2). */
  #break(problem: ChainProblem): void {
    this.observe({ kind: 'broken' });
    if (has(this.#features, FEATURE.VERSION_1)) {
      this.#status |= DEVICE_NEEDS_RESET;
      if (this.#status & DRIVER_OK) {
        this.#configGeneration++;
        // Both bits, as QEMU sets them.
        this.#interruptStatus |= USED_BUFFER | CONFIGURATION_CHANGE;
        if (this.trace.broken === undefined) this.#ports.interrupt.set(true);
      }
    }
    this.trace.broken ??= problem;
    this.#observer.releaseAll();
  }

  #accept(number: number, taken: Chain | MalformedChain, { phantom }: Pick<TracedRequest, 'phantom'>): void {
    const { clock, instructions, consoleBytes } = this.#ports;
    const queue = this.#queues[number]!;
    const moment = { notifiedAt: clock.now(), instructions: instructions(), consoleBytes: consoleBytes(), phantom };
    const traced = this.#recorder.request(number, taken, moment);
    const fault = this.#ports.faults?.next(traced.type);
    if (fault?.kind === 'power-cut') {
      traced.fault = fault;
      this.#recorder.keep(traced);
      this.#ports.power?.cut();
      return;
    }
    const refusal = fault?.kind === 'answer' ? ANSWERS[fault.answer] : undefined;
    const outcome = 'problem' in taken ? taken : this.#type.take(number, taken, refusal);
    if (!phantom) this.#observer.taken(number, taken, traced, 'problem' in outcome ? outcome.problem : undefined);
    this.#recorder.keep(traced);
    if ('problem' in outcome) {
      traced.problem = outcome.problem;
      this.#break(outcome.problem);
      if (!('problem' in taken)) queue.release();
    } else if (!('problem' in taken) && !('ignored' in outcome)) {
      if (outcome.atOnce) queue.release();
      traced.fault = fault;
      const when = { delay: COMPLETION_DELAY + delayOf(fault), waits: waitsOf(fault) };
      this.#flights.launch({ queue: number, chain: taken, traced, answer: outcome }, when);
    }
  }

  /**
   * Delivers data, status byte, used element, interrupt, in this order (2.7.8). `joined`: the next one follows at once, and its interrupt is
   * for this one as well.
   */
  #complete({ queue: number, chain, traced, answer }: Flight, { joined }: { joined: boolean }): void {
    const queue = this.#queues[number]!;
    const { status } = answer;
    deliver(this.#ports, this.#type, chain, answer, traced.fault);
    if (this.#ports.work.end !== undefined) return;
    const written = status === undefined || writeStatus(this.#ports, chain, status);
    this.#recorder.answer(traced, chain, answer.from + answer.bytes.length);
    if (!answer.atOnce) queue.release();
    if (this.trace.broken === undefined && queue.rings.used !== 0n) {
      queue.use(chain.head, answer.usedLength);
      traced.completion = { at: this.#ports.clock.now(), status: written ? status : undefined, usedLength: answer.usedLength };
      this.#recorder.completed(traced, traced.completion.status);
    }
    this.#observer.release(number, traced.number);
    this.observe({ kind: 'completion', number: traced.number, head: chain.head, status });
    // With EVENT_IDX the question is about all elements since the last interrupt, so that it is asked once for both.
    if (joined) return;
    const isWanted = queue.wantsInterrupt(this.#features);
    if (isWanted && traced.fault?.kind !== 'interrupt-lost') this.#interrupt();
  }

  /** On a broken device the bit is set, but the line does not change. */
  #interrupt(): void {
    this.#interruptStatus |= USED_BUFFER;
    if (this.trace.broken !== undefined) return;
    this.trace.interruptsRaised++;
    this.observe({ kind: 'interrupt' });
    this.#ports.interrupt.set(true);
  }

  save() {
    return {
      status: this.#status,
      interruptStatus: this.#interruptStatus,
      features: this.#features,
      configGeneration: this.#configGeneration,
      listening: this.#listening,
      pageNumbers: this.#pageNumbers,
      finished: this.#finished,
      type: this.#type.save(),
      queues: this.#queues.map((queue) => queue.save()),
      flights: this.#flights.save(),
      observer: this.#observer.save(),
      faults: this.#ports.faults?.save(),
    };
  }

  restore(state: ReturnType<VirtioDevice['save']>): void {
    this.#status = state.status;
    this.#interruptStatus = state.interruptStatus;
    this.#features = state.features;
    this.#configGeneration = state.configGeneration;
    this.#listening = state.listening;
    this.#pageNumbers = state.pageNumbers;
    this.#finished = state.finished;
    this.#type.restore(state.type);
    this.#queues.forEach((queue, index) => {
      queue.restore(state.queues[index]!);
    });
    this.#flights.restore(state.flights);
    this.#observer.restore(state.observer);
    if (state.faults) this.#ports.faults?.restore(state.faults);
  }
}
