/**
 * How a driver uses the rings of its queue, watched in a repeated run: stores to the used ring, which belongs to the device; heads that are not
 * where the device takes them from; elements of the used ring that were not next; descriptors that are filled in twice for one request.
 *
 * Reference: VIRTIO 1.2, 2.7.5 to 2.7.8, 2.7.13, 2.7.14. Left out: further queues, and requests that a jumped index has made.
 */
import type { Machine, WatchedAccess } from '../../machine/index.ts';
import { AVAILABLE_ENTRY_BYTES, DESCRIPTOR_BYTES, RING_HEADER_BYTES, USED_ELEMENT_BYTES } from '../../machine/spec/virtio.ts';
import type { DriverExplanation } from '../evidence/driver.ts';
import type { RequestEvidence } from '../evidence/evidence.ts';
import type { QueueEvidence } from '../evidence/queue.ts';
import { beforeGap } from '../evidence/request-counts.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';

type Range = Parameters<Machine['debug']['watch']>[0][number];
type Place = NonNullable<QueueEvidence['place']>;
type Entry = NonNullable<DriverExplanation['entry']>;

interface RingStore {
  readonly time: number;
  /** Bytes from the beginning of the ring's entries. */
  readonly offset: number;
  readonly width: number;
  readonly value: number;
  readonly snapshot: HartSnapshot;
}

/** A request whose head was not put where the device took it from. */
interface WrongEntry {
  readonly entry: Omit<Entry, 'late' | 'stored'>;
  readonly stored: RingStore | null;
  late: RingStore | null;
}

/** Whether the device took a different head than the driver had put into the ring: a slot that holds the same number by chance does no harm. */
function isTelling({ entry, stored, late }: WrongEntry): boolean {
  return late !== null || (stored !== null && stored.value !== entry.holds);
}

interface DescriptorStores {
  readonly values: Set<number>;
  times: number;
  snapshot: HartSnapshot;
}

/** Stores to the available ring between two requests of which the place is kept. */
const MOST_STORES = 64;
/** A driver that does not wrap its index stores beyond the ring, which is watched for so many times its size. */
const WRAPS = 4;

export class QueueWatch {
  readonly #machine: Machine;
  readonly #place: Place;
  readonly #requests: readonly RequestEvidence[];
  /** Guest time until which every request is known. */
  readonly #known: number;
  readonly #used: Range;
  readonly #entries: Range;
  readonly #table: Range;
  /** Requests before this one were notified earlier than what happens now. */
  #next = 0;
  #stores: RingStore[] = [];
  #descriptors = new Map<number, DescriptorStores>();
  /** Where the address of each descriptor was stored last. */
  readonly #filled = new Map<number, HartSnapshot>();
  #found: WrongEntry | undefined;
  #usedStore: { readonly time: number; readonly before: number; readonly after: number; readonly snapshot: HartSnapshot } | undefined;
  #reused: { readonly request: number; readonly index: number; readonly stores: DescriptorStores } | undefined;
  /** By slot: the element that the device wrote there last, counted from 0, and the instructions that have loaded it since. */
  readonly #elements = new Map<number, { readonly count: number; readonly loadedBy: Set<bigint> }>();
  #written = 0;
  #element: (Omit<NonNullable<DriverExplanation['element']>, 'stack'> & { readonly snapshot: HartSnapshot }) | undefined;

  constructor(machine: Machine, place: Place, requests: readonly RequestEvidence[]) {
    this.#machine = machine;
    this.#place = place;
    this.#requests = beforeGap(requests);
    this.#known = this.#requests.length < requests.length ? (this.#requests.at(-1)?.time ?? 0) : Number.POSITIVE_INFINITY;
    const size = Math.max(1, place.size);
    this.#used = { address: BigInt(place.used), length: RING_HEADER_BYTES + USED_ELEMENT_BYTES * size, loads: true };
    this.#entries = { address: BigInt(place.available) + BigInt(RING_HEADER_BYTES), length: AVAILABLE_ENTRY_BYTES * size * WRAPS };
    this.#table = { address: BigInt(place.table), length: DESCRIPTOR_BYTES * size };
  }

  get ranges(): Range[] {
    return [this.#used, this.#entries, this.#table];
  }

  /** To be called for each access to one of the ranges. What belongs to which request is known until the first one that was left out. */
  touched(access: WatchedAccess, now: number): void {
    if (now > this.#known) return;
    this.#goOn(now);
    for (const range of access.ranges) {
      if (range === this.#entries && access.by === 'hart' && access.kind === 'store') this.#storedEntry(access, now);
      if (range === this.#table && access.by === 'hart' && access.kind === 'store') this.#storedDescriptor(access);
      if (range === this.#used) this.#touchedUsed(access, now);
    }
  }

  /** Where the address of a descriptor was stored last; undefined if it never was. */
  filledBy(index: number): HartSnapshot | undefined {
    return this.#filled.get(index);
  }

  /** Looks at the requests that the device has taken since the last call. */
  #goOn(now: number): void {
    while (this.#next < this.#requests.length && this.#requests[this.#next]!.time < now) {
      const time = this.#requests[this.#next]!.time;
      while (this.#requests[this.#next]?.time === time) this.#take(this.#requests[this.#next++]!);
      this.#stores = [];
      this.#descriptors = new Map();
    }
  }

  #take(request: RequestEvidence): void {
    if (request.phantom || request.table !== this.#place.table) return;
    const slot = slotOf(request, this.#place);
    const isThere = this.#stores.some(({ offset, width }) => offset <= 2 * slot && offset + width > 2 * slot);
    // A head that came too late is known by what the driver stored there before the next request.
    if (this.#found !== undefined && !isTelling(this.#found)) this.#found = undefined;
    // What the driver had stored was meant for this request, and stood there long before.
    const before = this.#found?.late === null ? this.#found.stored : undefined;
    if (!isThere && before?.offset === 2 * slot && before.value === request.head) this.#found = undefined;
    if (this.#found === undefined && !isThere) {
      const count = this.#requests.indexOf(request);
      const isMeant = ({ offset }: RingStore) =>
        offset < AVAILABLE_ENTRY_BYTES * this.#place.size || offset === AVAILABLE_ENTRY_BYTES * count;
      const stored = this.#stores.find((store) => store.width <= 4 && store.value < this.#place.size && isMeant(store)) ?? null;
      this.#found = { entry: { request: request.number, slot, holds: request.head }, stored, late: null };
    }
    const again = this.#descriptors.get(request.head);
    if (this.#reused === undefined && request.problem !== null && again !== undefined && again.values.size > 1)
      this.#reused = { request: request.number, index: request.head, stores: again };
  }

  #storedEntry({ address, length, value }: WatchedAccess, time: number): void {
    const offset = Number(address - this.#entries.address);
    if (this.#stores.length >= MOST_STORES) return;
    const store = { time, offset, width: length, value: length === 2 ? value & 0xffff : value >>> 0, snapshot: snapshotOf(this.#machine) };
    this.#stores.push(store);
    const found = this.#found;
    if (found?.late === null && offset === 2 * found.entry.slot && store.value !== found.entry.holds && store.value < this.#place.size)
      found.late = store;
  }

  #storedDescriptor({ address, length, value }: WatchedAccess): void {
    const offset = Number(address - this.#table.address);
    // A descriptor that is cleared first is not filled in twice.
    if (offset % DESCRIPTOR_BYTES !== 0 || length !== 8 || value === 0) return;
    const index = offset / DESCRIPTOR_BYTES;
    const known = this.#descriptors.get(index);
    const snapshot = snapshotOf(this.#machine);
    this.#filled.set(index, snapshot);
    if (known === undefined) this.#descriptors.set(index, { values: new Set([value]), times: 1, snapshot });
    else {
      known.values.add(value);
      known.times++;
      known.snapshot = snapshot;
    }
  }

  #touchedUsed(access: WatchedAccess, now: number): void {
    const { by, kind, address, length } = access;
    const start = this.#used.address + BigInt(RING_HEADER_BYTES);
    if (by === 'hart' && kind === 'store') return this.#storedUsed(access, now);
    const slot = Math.floor(Number(address - start) / USED_ELEMENT_BYTES);
    if (slot < 0 || slot >= this.#place.size || (by === 'hart' && length > USED_ELEMENT_BYTES)) return;
    if (by === 'device') {
      // It begins again after a reset.
      if (slot !== this.#written % this.#place.size) this.#restart(slot);
      this.#elements.set(slot, { count: this.#written++, loadedBy: new Set() });
    } else this.#loadedElement(slot);
  }

  #restart(written: number): void {
    this.#elements.clear();
    this.#written = written;
  }

  /** The index of the used ring, as memory holds it now. */
  #index(): number {
    const bytes = this.#machine.debug.readMemory(this.#used.address + 2n, 2);
    return bytes === undefined ? 0 : bytes[0]! | (bytes[1]! << 8);
  }

  #storedUsed({ address, length, value }: WatchedAccess, time: number): void {
    const before = this.#index();
    const at = Number(this.#used.address + 2n - address);
    const byte = (position: number): number => {
      const own = at + position;
      if (own < 0 || own >= length) return (before >> (8 * position)) & 0xff;
      return own < 4 ? (value >>> (8 * own)) & 0xff : 0;
    };
    const after = byte(0) | (byte(1) << 8);
    if (before > 0 && after !== before && this.#written > 0)
      this.#usedStore ??= { time, before, after, snapshot: snapshotOf(this.#machine) };
    // A ring that is cleared may be another queue's from now on, or of no queue at all.
    if (after === 0) this.#restart(0);
  }

  /** An element that was not next: the device has never written it, or the driver has read it already. */
  #loadedElement(slot: number): void {
    const pc = this.#machine.debug.pc();
    const element = this.#elements.get(slot);
    const wasLoaded = element?.loadedBy.has(pc) === true;
    element?.loadedBy.add(pc);
    if (this.#element !== undefined || this.#written === 0 || (element !== undefined && !wasLoaded)) return;
    const [unread, index] = [this.#unread(), this.#index()];
    if (unread === undefined || index === 0) return;
    const snapshot = snapshotOf(this.#machine);
    this.#element = { slot, index, unread, again: element !== undefined, snapshot };
  }

  /** The slot of the oldest element that nothing has loaded. */
  #unread(): number | undefined {
    const unread = [...this.#elements].filter(([, { loadedBy }]) => loadedBy.size === 0).sort((a, b) => a[1].count - b[1].count);
    return unread[0]?.[0];
  }

  /** To be called at the end of the run. */
  answers(code: KernelCode): Pick<DriverExplanation, 'usedStore' | 'entry' | 'element' | 'reused'> {
    this.#goOn(Number.POSITIVE_INFINITY);
    return { usedStore: this.#usedStoreIn(code), entry: this.#entryIn(code), element: this.#elementIn(code), reused: this.#reusedIn(code) };
  }

  /** Only where the device has gone on counting, and so was not reset. */
  #usedStoreIn(code: KernelCode): DriverExplanation['usedStore'] {
    const store = this.#usedStore;
    const next = store && this.#requests.find(({ time, phantom }) => time >= store.time && !phantom);
    if (store === undefined || next === undefined) return null;
    const slot = store.before % this.#place.size;
    if (slot === 0 || slotOf(next, this.#place) !== slot) return null;
    return { before: store.before, after: store.after, next: next.number, stack: code.stack(store.snapshot) };
  }

  #entryIn(code: KernelCode): DriverExplanation['entry'] {
    const found = this.#found;
    if (found === undefined || !isTelling(found)) return null;
    const { stored, late } = found;
    return {
      ...found.entry,
      stored: stored && { offset: stored.offset, width: stored.width, value: stored.value, stack: code.stack(stored.snapshot) },
      late: late && { value: late.value, stack: code.stack(late.snapshot) },
    };
  }

  #elementIn(code: KernelCode): DriverExplanation['element'] {
    if (this.#element === undefined) return null;
    const { snapshot, ...rest } = this.#element;
    return { ...rest, stack: code.stack(snapshot) };
  }

  #reusedIn(code: KernelCode): DriverExplanation['reused'] {
    if (this.#reused === undefined) return null;
    const { request, index, stores } = this.#reused;
    return { request, index, times: stores.times, stack: code.stack(stores.snapshot) };
  }
}

function slotOf({ ringEntry }: RequestEvidence, { available }: Place): number {
  return (Number(BigInt(ringEntry) - BigInt(available)) - RING_HEADER_BYTES) / AVAILABLE_ENTRY_BYTES;
}
