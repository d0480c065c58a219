/**
 * Whose a buffer's memory is: from the available ring's new index to the used ring it is the device's, and what the hart does to it
 * meanwhile is told to the rules (rules/ownership.ts). Only for a run that asks for it.
 *
 * Reference: VIRTIO 1.2, 2.7.8, 2.7.13.3, 3.3.1. A store to the buffers or the descriptors, and a load from a device-writable buffer,
 * count once for each instruction and request. A status byte that one instruction loads again and again, or before and after the device
 * wrote it, was polled; one that was only ever read too early was not waited for.
 * An available index that is not stored by itself, in 16 bits, is seen only at the notify. Left out: what lies beyond the first
 * MOST_BYTES of a buffer, and buffers beyond MOST_RANGES.
 */
import type { Clock, HartAccess, MemoryWatch, WatchedRange } from '../ports.ts';
import { HEADER_SIZE } from './block.ts';
import type { Touch } from './rules/event.ts';
import type { TracedDescriptor } from './trace.ts';
import { type ChainPlace, DESCRIPTOR_SIZE, WRITE } from './virtqueue.ts';

const MOST_RANGES = 2048;
const MOST_BYTES = 1 << 20;
/** Instructions that are told apart for one status byte. */
const MOST_POLLERS = 16;

export interface OwnershipPorts {
  readonly watch: MemoryWatch;
  readonly clock: Clock;
  readonly instructions: () => bigint;
  /**
   * Chains in the available ring, up to this index of it, that the device has not taken, in ring order, with the numbers that they
   * will have; undefined where what lies there can be no ring (any more).
   */
  readonly published: (index: number) => readonly PublishedChain[] | undefined;
  readonly tell: (touch: Touch) => void;
}

export interface PublishedChain {
  readonly number: number;
  readonly place: ChainPlace;
  readonly descriptors: readonly TracedDescriptor[];
}

interface Piece extends WatchedRange {
  readonly part: Touch['part'];
  readonly request: number;
}

/** Loads of one status byte: the first of each instruction, and how often, before and after the device wrote it. */
interface Readers {
  readonly piece: Piece;
  completed: boolean;
  readonly byPc: Map<bigint, { readonly touch: Touch; before: number; after: number }>;
}

export class BufferOwnership {
  readonly #ports: OwnershipPorts;
  /** The index of the available ring; undefined while there is no queue. */
  #index: WatchedRange | undefined;
  /** What belongs to the device, by request; and what is watched now, in this order. */
  readonly #owned = new Map<number, readonly Piece[]>();
  #pieces: readonly Piece[] = [];
  /** Status bytes in flight, and those of which it is open yet how they were read. */
  readonly #readers = new Map<number, Readers>();
  /** What was told already. */
  readonly #told = new Set<string>();

  constructor(ports: OwnershipPorts) {
    this.#ports = ports;
  }

  /** The queue has an available ring at this address; 0: none. */
  queueAt(available: bigint): void {
    this.#index = available === 0n ? undefined : { address: available + 2n, length: 2 };
    this.#watch();
  }

  /** The available ring has this index: what is in it belongs to the device. */
  lookForChains(index: number): void {
    const published = this.#ports.published(index);
    // A driver that gives the memory of a live queue away fills it with anything.
    if (published === undefined) return this.queueAt(0n);
    const added = published.filter(({ number }) => !this.#owned.has(number));
    for (const chain of added) this.#own(chain);
    if (added.length > 0) this.#watch();
  }

  /** The device has put the request into the used ring, or will never. */
  release(request: number): void {
    this.#owned.delete(request);
    for (const key of this.#told) if (key.startsWith(`${request} `)) this.#told.delete(key);
    const readers = this.#readers.get(request);
    if (readers?.byPc.size === 0) this.#readers.delete(request);
    else if (readers) readers.completed = true;
    this.#watch();
  }

  /** Nothing belongs to the device any more. */
  releaseAll(): void {
    for (const request of [...this.#owned.keys()]) this.release(request);
    for (const request of [...this.#readers.keys()]) this.#decide(request);
    this.#watch();
  }

  #own({ number, place, descriptors }: PublishedChain): void {
    const pieces = piecesOf(descriptors, place, number);
    // A status byte that is used again: whoever waited for it has done so by now.
    for (const [request, { piece, completed }] of [...this.#readers]) {
      if (completed && pieces.some((one) => overlap(one, piece))) this.#decide(request);
    }
    this.#owned.set(number, pieces);
    const status = pieces.find((piece) => piece.part === 'status' && piece.loads);
    if (status) this.#readers.set(number, { piece: status, completed: false, byPc: new Map() });
  }

  #watch(): void {
    const open = [...this.#readers.values()].filter(({ completed }) => completed).map(({ piece }) => piece);
    this.#pieces = [...open, ...[...this.#owned.values()].flat()].slice(0, MOST_RANGES);
    const ranges: WatchedRange[] = this.#index ? [...this.#pieces, this.#index] : [...this.#pieces];
    this.#ports.watch.set(ranges, (access) => this.#accessed(access));
  }

  #accessed(access: HartAccess): void {
    for (const range of access.ranges) {
      const piece = this.#pieces[range];
      if (piece !== undefined) this.#touched(piece, access);
      // Told before it happens: the chains are there, the index is what will be stored. Of another width, the notify tells.
      else if (access.length === 2 && access.address === this.#index?.address) this.lookForChains(access.value & 0xffff);
    }
  }

  #touched(piece: Piece, { kind, pc, address, length }: HartAccess): void {
    const { part, request } = piece;
    const readers = this.#readers.get(request);
    const at = { time: this.#ports.clock.now(), instructions: this.#ports.instructions() };
    const touch: Touch = { access: kind, part, address, width: length, pc, request, polled: false, ...at };
    if (kind === 'load' && part === 'status' && readers?.piece === piece) return countReader(readers, touch);
    const isOwned = this.#owned.has(request);
    const key = `${request} ${kind} ${part} ${pc}`;
    if (!isOwned || this.#told.has(key)) return;
    this.#told.add(key);
    this.#ports.tell(touch);
  }

  #decide(request: number): void {
    const readers = this.#readers.get(request);
    this.#readers.delete(request);
    for (const { touch, before, after } of readers?.byPc.values() ?? []) {
      if (before > 0) this.#ports.tell({ ...touch, polled: before > 1 || after > 0 });
    }
  }
}

function countReader({ byPc, completed }: Readers, touch: Touch): void {
  const known = byPc.get(touch.pc);
  const reader = known ?? { touch, before: 0, after: 0 };
  if (completed) reader.after++;
  else reader.before++;
  if (known === undefined && byPc.size < MOST_POLLERS) byPc.set(touch.pc, reader);
}

const overlap = (a: WatchedRange, b: WatchedRange): boolean =>
  a.address < b.address + BigInt(b.length) && b.address < a.address + BigInt(a.length);

/** The descriptors, and by position in the chain header, data and status byte. */
function piecesOf(descriptors: readonly TracedDescriptor[], { table }: ChainPlace, request: number): Piece[] {
  const total = descriptors.reduce((sum, { length }) => sum + length, 0);
  const parts = [
    { part: 'header', from: 0, to: Math.min(HEADER_SIZE, total - 1) },
    { part: 'data', from: HEADER_SIZE, to: total - 1 },
    { part: 'status', from: total - 1, to: total },
  ] as const;
  const pieces: Piece[] = [];
  let start = 0;
  for (const { index, address, length, flags } of descriptors) {
    pieces.push({ part: 'descriptor', request, address: table + BigInt(DESCRIPTOR_SIZE * index), length: DESCRIPTOR_SIZE });
    for (const { part, from, to } of parts) {
      const [first, last] = [Math.max(from - start, 0), Math.min(to - start, length)];
      if (first >= last) continue;
      const bytes = { address: address + BigInt(first), length: Math.min(last - first, MOST_BYTES) };
      pieces.push({ part, request, ...bytes, loads: (flags & WRITE) !== 0 });
    }
    start += length;
  }
  return pieces;
}
