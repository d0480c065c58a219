/**
 * What looks on at a device and its driver: the rules (rules/), the record (recorder.ts), races (ownership.ts), buffers that are not
 * contiguous (queue/scattered.ts) and the registers of the queue. The device would behave in the same way without it.
 */
import type { MemoryWatch } from '../../ports.ts';
import type { VirtioType } from '../device-type.ts';
import type { Transport } from '../features.ts';
import type { VirtioPorts } from '../ports.ts';
import { unmappedLength } from '../queue/buffer.ts';
import { type Scattered, ScatteredBuffers } from '../queue/scattered.ts';
import { type Chain, type MalformedChain, QUEUE_MAX, type Virtqueue } from '../queue/virtqueue.ts';
import { Conformance } from '../rules/conformance.ts';
import type { Touch, Unordered, VirtioEvent } from '../rules/event.ts';
import { Barriers } from './barriers.ts';
import { BufferOwnership, type PublishedChain } from './ownership.ts';
import { QueueRegisters } from './queue-registers.ts';
import { createTrace, Recorder } from './recorder.ts';
import type { ChainProblem, TracedDevice, TracedRequest } from './trace.ts';

/** The device that is looked at. */
export interface Observed {
  readonly type: VirtioType;
  readonly transport: Transport;
  readonly features: bigint;
  readonly queues: readonly Virtqueue[];
}

export class Observer {
  /** Since power-on. */
  readonly trace: TracedDevice;
  readonly recorder: Recorder;
  readonly #ports: VirtioPorts;
  readonly #type: VirtioType;
  readonly #queues: readonly Virtqueue[];
  readonly #conformance: Conformance;
  /** One for each queue; only in a run that looks for races. */
  readonly #ownership: readonly BufferOwnership[];
  /** The same. */
  readonly #barriers: readonly Barriers[];
  readonly #scattered: ScatteredBuffers | undefined;
  readonly #registers = new QueueRegisters();
  /** Rules and ownership know a driver of one queue; the driver of a network device, which has two, is not judged. */
  readonly #isJudged: boolean;

  constructor(ports: VirtioPorts, { type, transport, features, queues }: Observed) {
    this.#ports = ports;
    this.#type = type;
    this.#queues = queues;
    this.#isJudged = queues.length === 1;
    const facts = { kind: type.kind, transport, offered: features, capacity: type.capacity, queueMax: QUEUE_MAX };
    this.#conformance = new Conformance(facts, {
      now: () => ports.clock.now(),
      instructions: ports.instructions,
      pc: ports.pc,
      raceLeftOut: () => this.#leaveRaceOut(),
    });
    this.trace = createTrace(features, this.#conformance.findings);
    this.recorder = new Recorder(ports.memory, type, this.trace, ports.recorder);
    const tell = (scattered: Scattered): void => this.observe({ kind: 'scattered', scattered });
    this.#scattered = this.#isJudged ? ports.virtual && new ScatteredBuffers({ ...ports.virtual, tell }) : undefined;
    const { watch, order } = ports;
    this.#ownership = watch && this.#isJudged ? queues.map((queue) => this.#watchBuffers(queue, watch())) : [];
    const unordered = (one: Unordered): void => this.observe({ kind: 'unordered', unordered: one });
    this.#barriers =
      watch && order && this.#isJudged
        ? queues.map(() => new Barriers({ watch: watch(), order: order(), pc: ports.pc, tell: unordered }))
        : [];
  }

  /** Chains that are published and not yet taken are numbered as if no other queue were served before them. */
  #watchBuffers(queue: Virtqueue, watch: MemoryWatch): BufferOwnership {
    const { clock, instructions, work } = this.#ports;
    const tell = (touch: Touch): void => this.observe({ kind: 'touch', touch });
    const leftOut = () => this.#leaveRaceOut();
    const published = (index: number, known: number) => {
      if (this.trace.broken !== undefined) return [];
      const first = Math.max(this.recorder.next, known + 1);
      const waiting = queue.peek(index, first - this.recorder.next);
      return waiting && numbered(waiting, first);
    };
    return new BufferOwnership({ watch, work, clock, instructions, published, roles: (chain) => this.#type.roles(chain), tell, leftOut });
  }

  #leaveRaceOut(): void {
    this.trace.racesLeftOut++;
  }

  /** Reports to the rules what the driver did, or what its effect was. */
  observe(event: VirtioEvent): void {
    this.#registers.observe(event);
    if (this.#isJudged) this.#conformance.observe(event);
  }

  /** What the driver wrote last to the registers that say where queue 0 lies; without those that it did not write. */
  get queueRegisters(): ReadonlyMap<string, number> {
    return this.#registers.values;
  }

  /** A queue's available ring lies at this guest address from now on. */
  queueAt(queue: number, available: bigint): void {
    this.#ownership[queue]?.queueAt(available);
    const { rings, size } = this.#queues[queue]!;
    this.#barriers[queue]?.queueAt(available === 0n ? undefined : { table: rings.table, available, size });
  }

  /** The driver has notified the queue: its buffers belong to the device from now on. */
  notified(queue: number): void {
    this.#barriers[queue]?.notified();
    this.#ownership[queue]?.lookForChains(this.#queues[queue]!.availableIndex);
  }

  /** The device has taken a chain; `problem`: why it could not be carried out. */
  taken(queue: number, chain: Chain | MalformedChain, traced: TracedRequest, problem: ChainProblem | undefined): void {
    const { head, reference, descriptors } = chain;
    const { number, type, sector, data } = traced;
    const { memory, virtual, clock, instructions, pc } = this.#ports;
    const position = descriptors.findIndex((buffer) => unmappedLength(memory, buffer) > 0);
    const mapped = position < 0 ? undefined : virtual?.pages.physicalOf(descriptors[position]!.address);
    const outside = position < 0 ? undefined : { position, mapped, memoryEnd: memory.end };
    const { size: queueSize } = this.#queues[queue]!;
    this.observe({ kind: 'chain', number, type, sector, data, problem, outside, head, reference, descriptors, queueSize });
    if (outside !== undefined) return;
    this.#scattered?.look(descriptors, () => ({ request: number, time: clock.now(), instructions: instructions(), pc: pc() }));
  }

  /** The buffers of a request belong to the driver again. */
  release(queue: number, request: number): void {
    this.#ownership[queue]?.release(request);
  }

  /** All buffers belong to the driver again. */
  releaseAll(): void {
    for (const ownership of this.#ownership) ownership.releaseAll();
  }

  save() {
    return {
      scattered: this.#scattered?.save(),
      registers: this.#registers.save(),
      recorder: this.recorder.save(),
      conformance: this.#conformance.save(),
      ownership: this.#ownership.map((ownership) => ownership.save()),
      barriers: this.#barriers.map((barriers) => barriers.save()),
    };
  }

  restore(state: ReturnType<Observer['save']>): void {
    if (state.scattered) this.#scattered?.restore(state.scattered);
    this.#registers.restore(state.registers);
    this.recorder.restore(state.recorder);
    this.#conformance.restore(state.conformance);
    this.#ownership.forEach((ownership, index) => {
      ownership.restore(state.ownership[index]!);
    });
    this.#barriers.forEach((barriers, index) => {
      barriers.restore(state.barriers[index]!);
    });
  }
}

/** The chains, with the numbers that their requests will get. */
function* numbered(chains: Iterable<Chain | MalformedChain>, first: number): Iterable<PublishedChain> {
  let number = first;
  for (const { place, descriptors } of chains) yield { number: number++, place, descriptors };
}
