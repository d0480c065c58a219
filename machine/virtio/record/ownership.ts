/**
 * Who owns a buffer's memory: from the moment when the available index covers it until it is in the used ring, it belongs to the device.
 * What the hart does to it in that time is reported to the rules (rules/ownership.ts). Only in a run that asks for it.
 *
 * Reference: VIRTIO 1.2, 2.7.8, 2.7.13.3, 3.3.1. A store to the buffers or the descriptors, and a load from a device-writable buffer,
 * count once for each instruction and request. If one instruction loads a status byte again and again, or both before and after the device
 * wrote it, the driver polled it; if it was only read too early, the driver did not wait for it.
 * An available index that is not stored by itself, in 16 bits, is noticed only at the notify. Left out: everything after the first
 * MOST_BYTES of a request, pieces above MOST_PIECES, and what race-places.ts leaves out.
 */
import type { Clock, HartAccess, MemoryWatch, WatchedRange } from '../../ports.ts';
import type { RoleStretch } from '../../spec/block-request.ts';
import { DESCRIPTOR_BYTES } from '../../spec/virtio.ts';
import { WORK, type WorkMeter } from '../../work-meter.ts';
import type { ChainPlace } from '../queue/virtqueue.ts';
import type { Touch } from '../rules/event.ts';
import { RacePlaces } from './race-places.ts';
import type { TracedDescriptor } from './trace.ts';

/** Most pieces that are watched at a time: enough for the chains that a queue of 1024 descriptors holds. */
const MOST_PIECES = 2048;
const MOST_BYTES = 1 << 20;
/** Most pieces that one access can race for. More pieces share bytes only if a driver gives the same memory to the device again and again. */
const MOST_AT_ONCE = 16;
/** For how many instructions the loads of one status byte are kept apart. */
const MOST_POLLERS = 16;
/** Most status bytes of completed requests whose reads are not yet judged. If there are more, they are judged by what was seen until then. */
const MOST_OPEN = 64;

export interface OwnershipPorts {
  readonly watch: MemoryWatch;
  readonly work: WorkMeter;
  readonly clock: Clock;
  readonly instructions: () => bigint;
  /**
   * The chains in the available ring, up to this index, that the device has not taken: in ring order, with the numbers that they will get,
   * without those up to the number `known`. Each is read when it is asked for. Undefined if the memory cannot be a ring (any more).
   */
  readonly published: (index: number, known: number) => Iterable<PublishedChain> | undefined;
  /** Which bytes of a chain play which role. */
  readonly roles: (descriptors: readonly TracedDescriptor[]) => RoleStretch[];
  readonly tell: (touch: Touch) => void;
  /** Called for a race that is not reported, since there are too many. */
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
  /** The addresses as numbers, which are exact for addresses in RAM. */
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
  /** The watched index of the available ring; undefined while there is no queue. */
  #index: WatchedRange | undefined;
  /** The memory that belongs to the device, by request. */
  #owned = new Map<number, readonly Piece[]>();
  /** The number of the last request whose chain has been looked at; 0 when the device has just given everything back. */
  #known = 0;
  /** The pieces that are watched; the index is not among them. */
  #watched = new Set<WatchedRange>();
  /** Status bytes by request: of requests in flight, and of completed ones whose reads are not yet judged. */
  #readers = new Map<number, Readers>();
  #open = new Map<number, Readers>();
  readonly #places = new RacePlaces();

  constructor(ports: OwnershipPorts) {
    this.#ports = ports;
    ports.watch.listen((access) => this.#accessed(access));
  }

  /** The queue has an available ring at this address; 0 means that it has none. */
  queueAt(available: bigint): void {
    if (this.#index) this.#ports.watch.remove([this.#index]);
    this.#index = available === 0n ? undefined : { address: available + 2n, length: 2 };
    if (this.#index) this.#ports.watch.add([this.#index]);
  }

  /** The available ring has this index: the chains up to it belong to the device. */
  lookForChains(index: number): void {
    const published = this.#ports.published(index, this.#known);
    // If a driver uses the memory of a live queue for something else, anything may lie there.
    if (published === undefined) return this.queueAt(0n);
    if (this.#room === 0) return;
    for (const chain of published) {
      this.#own(chain);
      if (this.#room === 0) break;
    }
  }

  /** How many more pieces may be watched. */
  get #room(): number {
    return Math.max(MOST_PIECES - this.#watched.size, 0);
  }

  /** The device has put the request into the used ring, or will never do so. */
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
    // A status byte is used again: a driver that waited for the earlier request has read it by now.
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
      // This is called before the store: the chains are in memory already, and `value` is the index. A store of a different width is left to
      // the notify.
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

  #touchOf({ part, request, loads }: Piece, { kind, pc, address, length }: HartAccess): Touch {
    const { clock, instructions } = this.#ports;
    return {
      access: kind,
      part,
      deviceWritable: loads ?? false,
      address,
      width: length,
      pc,
      request,
      polled: false,
      time: clock.now(),
      instructions: instructions(),
    };
  }

  #decide(request: number): void {
    const { piece, byPc } = this.#open.get(request)!;
    this.#open.delete(request);
    this.#unwatch([piece]);
    for (const { touch, before, after } of byPc.values()) {
      if (before > 0) this.#ports.tell({ ...touch, polled: before > 1 || after > 0 });
    }
  }

  /** Watched ranges are identified by their objects, so this must be copied together with the state of the watch. */
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

/** The descriptors; and, by position in the chain, header, data and status byte. */
function piecesOf(
  descriptors: readonly TracedDescriptor[],
  { table }: ChainPlace,
  request: number,
  roles: readonly RoleStretch[],
): Piece[] {
  const piece = (watched: Pick<Piece, 'part' | 'address' | 'length' | 'loads'>): Piece => {
    const from = Number(watched.address);
    return { ...watched, request, from, to: from + watched.length };
  };
  const pieces = descriptors.map(({ index }) =>
    piece({ part: 'descriptor', address: table + BigInt(DESCRIPTOR_BYTES * index), length: DESCRIPTOR_BYTES, loads: false }),
  );
  let left = MOST_BYTES;
  for (const { role, address, length, deviceWritable } of roles) {
    const bytes = role === 'data' ? Math.min(length, left) : length;
    if (role === 'data') left -= bytes;
    if (bytes > 0) pieces.push(piece({ part: role, address, length: bytes, loads: deviceWritable }));
  }
  return pieces;
}
