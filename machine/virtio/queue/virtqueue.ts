/**
 * Split virtqueue, the device's side: takes descriptor chains out of the available ring and puts used elements into the used ring.
 *
 * Reference: VIRTIO 1.2, 2.7, 2.7.5.3 indirect descriptors, 2.7.7 and 2.7.10 notification suppression;
 * it is as lenient and as strict as QEMU 10's hw/virtio/virtio.c, measured. A chain is parsed into a validated value before
 * anything is done with it. All rings are the driver's memory: every walk is bounded by the queue's size, or for an indirect table
 * by CHAIN_LIMIT.
 */
import type { GuestMemory } from '../../ports.ts';
import {
  AVAILABLE_ENTRY_BYTES,
  AVAILABLE_NO_INTERRUPT,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_FLAG,
  RING_HEADER_BYTES,
  USED_ELEMENT_BYTES,
  USED_NO_NOTIFY,
} from '../../spec/virtio.ts';
import { WORK, type WorkMeter } from '../../work-meter.ts';
import { FEATURE, has } from '../features.ts';
import type { ChainProblem, TracedDescriptor } from '../record/trace.ts';
import { type Buffer, gather, unmappedLength } from './buffer.ts';

const { NEXT, WRITE, INDIRECT } = DESCRIPTOR_FLAG;

/** The largest queue size, which QueueNumMax reports. */
export const QUEUE_MAX = 1024;
/** A queue's size until the driver sets one. */
const DEFAULT_SIZE = 256;
/** Most descriptors of a chain, even in an indirect table that has more. */
const CHAIN_LIMIT = 1024;
/** Most bytes of a chain that may lie outside RAM: the size of QEMU's bounce buffer. */
const UNMAPPED_LIMIT = 4096;

/** Guest addresses of the descriptor table, the available and the used ring. */
export interface Rings {
  readonly table: bigint;
  readonly available: bigint;
  readonly used: bigint;
}

/** The queue's memory at a notify, before anything is taken from it. */
export interface QueueMemory {
  /** Guest addresses of the three parts. */
  readonly table: bigint;
  readonly available: bigint;
  readonly used: bigint;
  readonly size: number;
  readonly availableFlags: number;
  readonly usedFlags: number;
  readonly usedIndex: number;
  /** The index of the available ring, and how many chains were taken: counters of 16 bits. */
  readonly availableIndex: number;
  readonly taken: number;
  /** How many chains the index is ahead of those that were taken: 0…65535. */
  readonly waiting: number;
}

/** One of a queue's three areas. If it lies outside RAM as a whole, it reads as zero: an empty queue. */
export interface QueueArea {
  readonly name: 'descriptor table' | 'available ring' | 'used ring';
  readonly address: bigint;
  readonly length: number;
  /** Bytes of it that lie outside RAM. */
  readonly unmapped: number;
}

const NO_RINGS: Rings = { table: 0n, available: 0n, used: 0n };
/** Length of the available ring without its used_event (2.7.6). */
export const availableLength = (size: number): number => RING_HEADER_BYTES + AVAILABLE_ENTRY_BYTES * size;

/** Where in guest memory a chain was announced and described. */
export interface ChainPlace {
  /** The entry of the available ring that holds its head. */
  readonly ringEntry: bigint;
  /** The table that holds its descriptors: the queue's, or an indirect one. */
  readonly table: bigint;
}

/** A chain that is well-formed by the queue's rules: at least one descriptor, and the device-readable ones come first. */
export interface Chain {
  readonly head: number;
  readonly place: ChainPlace;
  /** The descriptor that refers to the indirect table, if the chain has one. */
  readonly reference?: TracedDescriptor;
  readonly descriptors: readonly TracedDescriptor[];
  readonly readable: readonly Buffer[];
  readonly writable: readonly Buffer[];
}

export interface MalformedChain {
  readonly head: number;
  readonly place: ChainPlace;
  readonly reference?: TracedDescriptor;
  /** The descriptors up to the one at fault, included. */
  readonly descriptors: readonly TracedDescriptor[];
  readonly problem: ChainProblem;
}

/** The available ring itself is at fault, so there is no chain. */
export interface RunawayRing {
  readonly head: undefined;
  readonly problem: 'avail-index-jumped';
}

/** A table of descriptors: the queue's own, or an indirect one. */
interface Table {
  readonly address: bigint;
  readonly entries: number;
  readonly indirect: boolean;
}

export class Virtqueue {
  readonly #memory: GuestMemory;
  readonly #work: WorkMeter;
  #size = DEFAULT_SIZE;
  #rings = NO_RINGS;
  /** Position in the available ring of the next chain to take: a counter of 16 bits that wraps around. */
  #taken = 0;
  #usedIndex = 0;
  /** The used index at the last interrupt; undefined if it is too long ago to be compared (2.7.10). */
  #signalled: number | undefined;
  #inFlight = 0;

  constructor(memory: GuestMemory, work: WorkMeter) {
    this.#memory = memory;
    this.#work = work;
  }

  get size(): number {
    return this.#size;
  }

  get rings(): Rings {
    return this.#rings;
  }

  /** To be called only while no chain is in flight. */
  reset(): void {
    this.#size = DEFAULT_SIZE;
    this.#rings = NO_RINGS;
    this.#taken = this.#usedIndex = 0;
    this.#signalled = undefined;
  }

  /** False if the size is refused. It need not be a power of two. */
  setSize(size: number): boolean {
    if (size === 0 || size > QUEUE_MAX) return false;
    this.#size = size;
    return true;
  }

  setRings(rings: Rings): void {
    this.#rings = rings;
  }

  /** The three areas, and how many bytes of each lie outside RAM; none while the queue has no memory. */
  areas(features: bigint): QueueArea[] {
    const { table, available, used } = this.#rings;
    if (table === 0n) return [];
    const eventIndex = has(features, FEATURE.EVENT_IDX) ? 2 : 0;
    const areas = [
      { name: 'descriptor table', address: table, length: this.#size * DESCRIPTOR_BYTES },
      { name: 'available ring', address: available, length: availableLength(this.#size) + eventIndex },
      { name: 'used ring', address: used, length: 4 + this.#size * USED_ELEMENT_BYTES + eventIndex },
    ] as const;
    return areas.map((area) => ({ ...area, unmapped: unmappedLength(this.#memory, area) }));
  }

  get availableIndex(): number {
    return this.#read16(this.#rings.available + 2n);
  }

  /** Used elements since the last reset, modulo 2^16. */
  get usedIndex(): number {
    return this.#usedIndex;
  }

  /** Whether the available ring's flags say that the driver wants no interrupts; without EVENT_IDX. */
  get refusesInterrupts(): boolean {
    return this.#rings.available !== 0n && (this.#read16(this.#rings.available) & AVAILABLE_NO_INTERRUPT) !== 0;
  }

  /** Chains in the available ring that have not been taken. */
  waiting(): number {
    if (this.#rings.table === 0n || this.#rings.available === 0n) return 0;
    return (this.availableIndex - this.#taken) & 0xffff;
  }

  /** The rings as they are now, for the rules; undefined while the queue has no memory. */
  memory(): QueueMemory | undefined {
    const { table, available, used } = this.#rings;
    if (table === 0n) return undefined;
    const usedFlags = this.#read16(used);
    const ring = { availableFlags: this.#read16(available), usedFlags, usedIndex: this.#read16(used + 2n) };
    const { availableIndex } = this;
    return { table, available, used, size: this.#size, ...ring, availableIndex, taken: this.#taken, waiting: this.waiting() };
  }

  /** Takes the next chain; undefined if there is none. After a malformed chain the queue must be reset. */
  take(): Chain | MalformedChain | RunawayRing | undefined {
    if (this.waiting() === 0) return undefined;
    // More chains cannot be under way than the queue has entries: the driver's index is wrong.
    if (this.#inFlight >= this.#size) return { head: undefined, problem: 'avail-index-jumped' };
    const ringEntry = this.#ringEntry(this.#taken);
    this.#taken = (this.#taken + 1) & 0xffff;
    const chain = this.#chainAt(this.#read16(ringEntry), ringEntry);
    if (!('problem' in chain)) this.#inFlight++;
    return chain;
  }

  /**
   * The chains that wait once the driver has set the available index to `index`, in ring order, without the first `known` ones. A chain is
   * read from memory only when the caller gets to it, and none after the meter of work is over. Undefined if there are more chains than a
   * queue can hold.
   */
  peek(index: number, known: number): Iterable<Chain | MalformedChain> | undefined {
    const count = (index - this.#taken) & 0xffff;
    return count > this.#size ? undefined : this.#chains(this.#taken + known, this.#taken + count);
  }

  /** The chains at these positions of the available ring. */
  *#chains(from: number, to: number): Iterable<Chain | MalformedChain> {
    for (let position = from; position < to && !this.#work.over; position++) {
      const ringEntry = this.#ringEntry(position);
      yield this.#chainAt(this.#read16(ringEntry), ringEntry);
    }
  }

  /** A chain that was taken is not under way any more. */
  release(): void {
    this.#inFlight--;
  }

  /** Hands a chain back to the driver: used element, then index (2.7.8). */
  use(head: number, length: number): void {
    const element = new Uint8Array(USED_ELEMENT_BYTES);
    const view = new DataView(element.buffer);
    view.setUint32(0, head, true);
    view.setUint32(4, length, true);
    this.#memory.write(this.#rings.used + BigInt(RING_HEADER_BYTES) + BigInt(USED_ELEMENT_BYTES * (this.#usedIndex % this.#size)), element);
    this.#usedIndex = (this.#usedIndex + 1) & 0xffff;
    this.#write16(this.#rings.used + 2n, this.#usedIndex);
    // After so many elements the old index would be mistaken for a recent one.
    if (this.#signalled !== undefined && ((this.#usedIndex - this.#signalled) & 0xffff) >= 0x8000) this.#signalled = undefined;
  }

  /** Whether the driver wants an interrupt for the used element that was just written. To be asked once for each element. */
  wantsInterrupt(features: bigint): boolean {
    if (has(features, FEATURE.NOTIFY_ON_EMPTY) && this.#inFlight === 0 && this.waiting() === 0) return true;
    if (!has(features, FEATURE.EVENT_IDX)) return !this.refusesInterrupts;
    const before = this.#signalled;
    this.#signalled = this.#usedIndex;
    if (before === undefined) return true;
    // 2.7.10: the used index has passed used_event since the last interrupt.
    const event = this.#read16(this.#rings.available + BigInt(RING_HEADER_BYTES) + BigInt(2 * this.#size));
    return ((this.#usedIndex - event - 1) & 0xffff) < ((this.#usedIndex - before) & 0xffff);
  }

  /** After all chains were taken: shows the driver that the next one has to be announced again. */
  askForNotify(features: bigint): void {
    if (has(features, FEATURE.EVENT_IDX)) {
      this.#write16(
        this.#rings.used + BigInt(RING_HEADER_BYTES) + BigInt(USED_ELEMENT_BYTES * this.#size),
        this.#read16(this.#rings.available + 2n),
      );
    } else {
      this.#write16(this.#rings.used, this.#read16(this.#rings.used) & ~USED_NO_NOTIFY);
    }
  }

  #ringEntry(position: number): bigint {
    return this.#rings.available + BigInt(RING_HEADER_BYTES) + BigInt(2 * ((position & 0xffff) % this.#size));
  }

  #chainAt(head: number, ringEntry: bigint): Chain | MalformedChain {
    this.#work.add(WORK.chains);
    if (head >= this.#size) return { head, place: { ringEntry, table: this.#rings.table }, descriptors: [], problem: 'head-out-of-range' };
    return this.#walk(head, ringEntry);
  }

  #walk(head: number, ringEntry: bigint): Chain | MalformedChain {
    const own: Table = { address: this.#rings.table, entries: this.#size, indirect: false };
    const first = this.#descriptor(own, head);
    // As in QEMU: INDIRECT counts on the head only, whether or not it was negotiated, and the head's other flags do not matter then.
    if ((first.flags & INDIRECT) === 0) return this.#walkTable(own, { head, ringEntry, start: head });
    const place = { ringEntry, table: own.address };
    const refused = (problem: ChainProblem): MalformedChain => ({ head, place, reference: first, descriptors: [first], problem });
    if (first.length === 0 || first.length % DESCRIPTOR_BYTES !== 0) return refused('indirect-malformed');
    if (unmappedLength(this.#memory, first) > 0) return refused('unmapped');
    const indirect: Table = { address: first.address, entries: first.length / DESCRIPTOR_BYTES, indirect: true };
    return { ...this.#walkTable(indirect, { head, ringEntry, start: 0 }), reference: first };
  }

  #walkTable(table: Table, { head, ringEntry, start }: { head: number; ringEntry: bigint; start: number }): Chain | MalformedChain {
    const place = { ringEntry, table: table.address };
    const descriptors: TracedDescriptor[] = [];
    const readable: Buffer[] = [];
    const writable: Buffer[] = [];
    const seen = new Set<number>();
    const malformed = (problem: ChainProblem): MalformedChain => ({ head, place, descriptors, problem });
    let unmapped = 0;
    for (let index = start; ; ) {
      if (seen.has(index)) return malformed('loop');
      if (seen.size === CHAIN_LIMIT) return malformed('indirect-malformed');
      seen.add(index);
      const descriptor = this.#descriptor(table, index);
      descriptors.push(descriptor);
      const isWritable = (descriptor.flags & WRITE) !== 0;
      if (!isWritable && writable.length > 0) return malformed('readable-after-writable');
      if (descriptor.length === 0) return malformed('zero-length');
      unmapped += unmappedLength(this.#memory, descriptor);
      if (unmapped > UNMAPPED_LIMIT) return malformed('unmapped');
      (isWritable ? writable : readable).push(descriptor);
      if ((descriptor.flags & NEXT) === 0) return { head, place, descriptors, readable, writable };
      if (descriptor.next >= table.entries) return malformed('next-out-of-range');
      index = descriptor.next;
    }
  }

  #descriptor(table: Table, index: number): TracedDescriptor {
    this.#work.add(WORK.descriptors);
    const bytes = gather(
      this.#memory,
      [{ address: table.address + BigInt(index * DESCRIPTOR_BYTES), length: DESCRIPTOR_BYTES }],
      0,
      DESCRIPTOR_BYTES,
    );
    const view = new DataView(bytes.buffer);
    return {
      index,
      indirect: table.indirect,
      address: view.getBigUint64(0, true),
      length: view.getUint32(8, true),
      flags: view.getUint16(12, true),
      next: view.getUint16(14, true),
    };
  }

  #read16(address: bigint): number {
    const bytes = this.#memory.read(address, 2);
    return bytes === undefined ? 0 : bytes[0]! | (bytes[1]! << 8);
  }

  #write16(address: bigint, value: number): void {
    this.#memory.write(address, Uint8Array.of(value & 0xff, value >>> 8));
  }

  save() {
    return {
      size: this.#size,
      rings: this.#rings,
      taken: this.#taken,
      usedIndex: this.#usedIndex,
      signalled: this.#signalled,
      inFlight: this.#inFlight,
    };
  }

  restore(state: ReturnType<Virtqueue['save']>): void {
    this.#size = state.size;
    this.#rings = state.rings;
    this.#taken = state.taken;
    this.#usedIndex = state.usedIndex;
    this.#signalled = state.signalled;
    this.#inFlight = state.inFlight;
  }
}
