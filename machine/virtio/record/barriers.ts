/**
 * Whether a driver has fences where VIRTIO 1.2, 2.7.13, says that it must: between what it stores to the descriptor table and the available ring, and the ring's
 * index (2.7.13.3.1), and between the index and the notification (2.7.13, step 6). Only in a run that watches the driver's memory.
 *
 * Neither QEMU nor this machine shows a missing one: both keep the order of stores. So what the hart does is followed from its first store to the queue
 * up to the notify: its stores and what orders them (exec/delayed-stores.ts), which is whatever orders stores before stores. A chain is not judged if its
 * notify comes too late or never.
 */
import type { FollowedAccess, HartAccess, MemoryWatch, OrderWatch, WatchedRange } from '../../ports.ts';
import { DESCRIPTOR_BYTES } from '../../spec/virtio.ts';
import type { Unordered } from '../rules/event.ts';

export interface BarrierPorts {
  readonly watch: MemoryWatch;
  readonly order: OrderWatch;
  readonly tell: (unordered: Unordered) => void;
  readonly pc: () => bigint;
}

/** Where a queue is. */
export interface QueuePlaces {
  readonly table: bigint;
  readonly available: bigint;
  readonly size: number;
}

/** Of the available ring: its index, and its first entry. */
const [INDEX, ENTRIES] = [2n, 4n];

export class Barriers {
  readonly #ports: BarrierPorts;
  /** The table and the ring, without the ring's flags; none while there is no queue. */
  #places: readonly WatchedRange[] = [];
  #index: WatchedRange | undefined;

  constructor(ports: BarrierPorts) {
    this.#ports = ports;
    ports.watch.listen((access) => this.#stored(access));
  }

  /** The queue lies there from now on; undefined: nowhere. */
  queueAt(places: QueuePlaces | undefined): void {
    const { watch, order } = this.#ports;
    watch.remove(this.#places);
    order.end();
    this.#index = places && { address: places.available + INDEX, length: 2 };
    this.#places = places === undefined ? [] : rangesOf(places, this.#index!);
    watch.add(this.#places);
  }

  /** The first store is over when others are followed. */
  #stored({ address, length, pc }: HartAccess): void {
    this.#ports.order.begin({ kind: 'store', address, length, pc });
  }

  /** To be called before the device looks at the queue. */
  notified(): void {
    const { order, tell, pc } = this.#ports;
    if (this.#index === undefined) return;
    /** What no fence has come after. */
    let [content, index]: (FollowedAccess | undefined)[] = [undefined, undefined];
    for (const access of order.end()) {
      if (access.kind === 'order') [content, index] = [undefined, undefined];
      else if (overlap(access, this.#index)) {
        if (content !== undefined) tell({ store: content.pc, pc: access.pc, before: 'index' });
        [content, index] = [undefined, access];
      } else if (this.#places.some((place) => overlap(access, place))) content = access;
    }
    if (index !== undefined) tell({ store: index.pc, pc: pc(), before: 'notify' });
  }

  /** Watched ranges are identified by their objects, so this must be copied together with the state of the watch. */
  save() {
    return { places: this.#places, index: this.#index, order: this.#ports.order.save() };
  }

  restore({ places, index, order }: ReturnType<Barriers['save']>): void {
    this.#places = places;
    this.#index = index;
    this.#ports.order.restore(order);
  }
}

function rangesOf({ table, available, size }: QueuePlaces, index: WatchedRange): WatchedRange[] {
  return [{ address: table, length: size * DESCRIPTOR_BYTES }, index, { address: available + ENTRIES, length: size * 2 }];
}

function overlap(access: Pick<FollowedAccess, 'address' | 'length'>, range: WatchedRange): boolean {
  return access.address < range.address + BigInt(range.length) && range.address < access.address + BigInt(access.length);
}
