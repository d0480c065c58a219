/**
 * Whose a buffer's memory is: from the available ring's new index to the used ring it is the device's, and what the hart does to it
 * meanwhile is told to the rules (rules/ownership.ts). Only for a run that asks for it.
 *
 * Reference: VIRTIO 1.2, 2.7.8, 2.7.13.3, 3.3.1. A store to the buffers or the descriptors, and a load from a device-writable buffer,
 * count once for each instruction and request. A status byte that one instruction loads again and again, or before and after the device
 * wrote it, was polled; one that was only ever read too early was not waited for.
 * An available index that is not stored by itself, in 16 bits, is seen only at the notify. Left out: what lies beyond the first
 * MOST_BYTES of a request, pieces beyond MOST_PIECES, and what race-places.ts leaves out.
 */
import type { Clock, HartAccess, MemoryWatch, WatchedRange } from '../../ports.ts';
import type { RoleStretch } from '../../spec/block-request.ts';
import { DESCRIPTOR_BYTES } from '../../spec/virtio.ts';
import { WORK, type WorkMeter } from '../../work-meter.ts';
import type { ChainPlace } from '../queue/virtqueue.ts';
import type { Touch } from '../rules/event.ts';
import { RacePlaces } from './race-places.ts';
import type { TracedDescriptor } from './trace.ts';

/** Pieces that are watched at a time: those of as many chains as a queue of 1024 descriptors holds. */
const MOST_PIECES = 2048;
const MOST_BYTES = 1 << 20;
/** Pieces that one access can race for: more share their bytes only where a driver gives the same memory away again and again. */
const MOST_AT_ONCE = 16;
/** Instructions that are told apart for one status byte. */
const MOST_POLLERS = 16;
/** Status bytes of completed requests of which it is open how they were read: of further ones it is decided by what was seen. */
const MOST_OPEN = 64;

export interface OwnershipPorts {
  readonly watch: MemoryWatch;
  readonly work: WorkMeter;
  readonly clock: Clock;
  readonly instructions: () => bigint;
  /**
   * Chains in the available ring, up to this index of it, that the device has not taken, in ring order, with the numbers that they
   * will have, and without those up to the number `known`. Each is read when it is asked for. Undefined where what lies there can be
   * no ring (any more).
   */
  readonly published: (index: number, known: number) => Iterable<PublishedChain> | undefined;
  /** Which bytes of a chain are what. */
  readonly roles: (descriptors: readonly TracedDescriptor[]) => RoleStretch[];
  readonly tell: (touch: Touch) => void;
  /** A race that is not told, as there are too many. */
  readonly leftOut: () => void;
}

export interface PublishedChain {
  readonly number: number;
  readonly place: ChainPlace;
  readonly descriptors: readonly TracedDescriptor[];
}

export interface Piece extends WatchedRange {
  readonly part: Touch['part'];
  readonly request: number;
  /** The addresses as numbers: of RAM they are exact. */
  readonly from: number;
  readonly to: number;
}

/** Loads of one status byte: the first of each instruction, and how often, before and after the device wrote it. */
export interface Readers {
  readonly piece: Piece;
  readonly byPc: Map<bigint, { readonly touch: Touch; before: number; after: number }>;
}

export class BufferOwnership {
  readonly #ports: OwnershipPorts;
  /** The index of the available ring; undefined while there is no queue. */
  #index: WatchedRange | undefined;
  /** What belongs to the device, by request. */
  #owned = new Map<number, readonly Piece[]>();
  /** The last request whose chain was looked at since the queue was last without any. */
  #known = 0;
  /** What is watched beside the index. */
  #watched = new Set<WatchedRange>();
  /** Status bytes by request: of those in flight, and of completed ones of which it is open yet how they were read. */
  #readers = new Map<number, Readers>();
  #open = new Map<number, Readers>();
  readonly #places = new RacePlaces();

  constructor(ports: OwnershipPorts) {
    this.#ports = ports;
    ports.watch.listen((access) => this.#accessed(access));
  }

  /** The queue has an available ring at this address; 0: none. */
  queueAt(available: bigint): void {
    if (this.#index) this.#ports.watch.remove([this.#index]);
    this.#index = available === 0n ? undefined : { address: available + 2n, length: 2 };
    if (this.#index) this.#ports.watch.add([this.#index]);
  }

  /** The available ring has this index: what is in it belongs to the device. */
  lookForChains(index: number): void {
    const published = this.#ports.published(index, this.#known);
    // A driver that gives the memory of a live queue away fills it with anything.
    if (published === undefined) return this.queueAt(0n);
    if (this.#room === 0) return;
    for (const chain of published) {
      this.#own(chain);
      if (this.#room === 0) break;
    }
  }

  /** Pieces that may be watched besides. */
  get #room(): number {
    return Math.max(MOST_PIECES - this.#watched.size, 0);
  }

  /** The device has put the request into the used ring, or will never. */
  release(request: number): void {
    const pieces = this.#owned.get(request) ?? [];
    this.#owned.delete(request);
    this.#places.forget(request);
    const readers = this.#readers.get(request);
    this.#readers.delete(request);
    const isOpen = readers !== undefined && readers.byPc.size > 0;
    if (isOpen) this.#open.set(request, readers);
    this.#unwatch(isOpen ? pieces.filter((piece) => piece !== readers.piece) : pieces);
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size > MOST_OPEN) this.#decide(oldest);
  }

  /** Nothing belongs to the device any more. */
  releaseAll(): void {
    for (const request of [...this.#owned.keys()]) this.release(request);
    for (const request of [...this.#open.keys()]) this.#decide(request);
    this.#known = 0;
  }

  #own({ number, place, descriptors }: PublishedChain): void {
    const pieces = piecesOf(descriptors, place, number, this.#ports.roles(descriptors));
    // A status byte that is used again: whoever waited for it has done so by now.
    for (const [request, { piece }] of [...this.#open]) {
      if (pieces.some((one) => overlap(one, piece))) this.#decide(request);
    }
    this.#known = number;
    this.#owned.set(number, pieces);
    const status = pieces.find((piece) => piece.part === 'status' && piece.loads);
    if (status) this.#readers.set(number, { piece: status, byPc: new Map() });
    const watched = pieces.slice(0, this.#room);
    for (const piece of watched) this.#watched.add(piece);
    this.#ports.watch.add(watched);
  }

  #unwatch(pieces: readonly Piece[]): void {
    for (const piece of pieces) this.#watched.delete(piece);
    this.#ports.watch.remove(pieces);
  }

  #accessed(access: HartAccess): void {
    const ranges = access.ranges.slice(0, MOST_AT_ONCE);
    this.#ports.work.add(WORK['watched-accesses'], ranges.length);
    for (const range of ranges) {
      if (range !== this.#index) this.#touched(range as Piece, access);
      // Told before it happens: the chains are there, the index is what will be stored. Of another width, the notify tells.
      else if (access.length === 2 && access.address === range.address) this.lookForChains(access.value & 0xffff);
    }
  }

  #touched(piece: Piece, access: HartAccess): void {
    const { part, request } = piece;
    const inFlight = this.#readers.get(request);
    const readers = inFlight ?? this.#open.get(request);
    if (access.kind === 'load' && readers?.piece === piece) {
      return countReader(readers, inFlight ? 'before' : 'after', access.pc, () => this.#touchOf(piece, access));
    }
    if (!this.#owned.has(request)) return;
    const race = this.#places.add(request, access.kind, part, access.pc);
    if (race === 'first') this.#ports.tell(this.#touchOf(piece, access));
    else if (race === 'left-out') this.#ports.leftOut();
  }

  #touchOf({ part, request }: Piece, { kind, pc, address, length }: HartAccess): Touch {
    const { clock, instructions } = this.#ports;
    return { access: kind, part, address, width: length, pc, request, polled: false, time: clock.now(), instructions: instructions() };
  }

  #decide(request: number): void {
    const { piece, byPc } = this.#open.get(request)!;
    this.#open.delete(request);
    this.#unwatch([piece]);
    for (const { touch, before, after } of byPc.values()) {
      if (before > 0) this.#ports.tell({ ...touch, polled: before > 1 || after > 0 });
    }
  }

  /** The watched ranges are known by their identity: to be copied together with those of the watch. */
  save() {
    return {
      index: this.#index,
      owned: this.#owned,
      known: this.#known,
      watched: this.#watched,
      readers: this.#readers,
      open: this.#open,
      places: this.#places.save(),
    };
  }

  restore(state: ReturnType<BufferOwnership['save']>): void {
    this.#index = state.index;
    this.#owned = state.owned;
    this.#known = state.known;
    this.#watched = state.watched;
    this.#readers = state.readers;
    this.#open = state.open;
    this.#places.restore(state.places);
  }
}

function countReader({ byPc }: Readers, when: 'before' | 'after', pc: bigint, touch: () => Touch): void {
  let reader = byPc.get(pc);
  if (reader === undefined) {
    if (byPc.size === MOST_POLLERS) return;
    reader = { touch: touch(), before: 0, after: 0 };
    byPc.set(pc, reader);
  }
  reader[when]++;
}

const overlap = (a: Piece, b: Piece): boolean => a.from < b.to && b.from < a.to;

/** The descriptors, and by position in the chain header, data and status byte. */
function piecesOf(
  descriptors: readonly TracedDescriptor[],
  { table }: ChainPlace,
  request: number,
  roles: readonly RoleStretch[],
): Piece[] {
  const piece = (part: Piece['part'], address: bigint, length: number, loads: boolean): Piece => {
    const from = Number(address);
    return { part, request, address, length, loads, from, to: from + length };
  };
  const pieces = descriptors.map(({ index }) => piece('descriptor', table + BigInt(DESCRIPTOR_BYTES * index), DESCRIPTOR_BYTES, false));
  let left = MOST_BYTES;
  for (const { role, address, length, deviceWritable } of roles) {
    const bytes = role === 'data' ? Math.min(length, left) : length;
    if (role === 'data') left -= bytes;
    if (bytes > 0) pieces.push(piece(role, address, bytes, deviceWritable));
  }
  return pieces;
}
