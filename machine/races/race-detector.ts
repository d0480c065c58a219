/**
 * Finds races between harts in the log of accesses: two accesses to the same bytes by different harts, at least one of them a store, which no fence,
 * atomic or signal orders. It does not matter in which order they came in this run, so that most races are found under any schedule.
 *
 * No race: words that an atomic accesses (locks); a flag that is stored right after a fence and whose load a fence follows; and what a lock notes about its
 * holder, beside its word, where it is read right after that word. Accesses by devices are not looked at (virtio/rules/ownership.ts has those).
 */
import type { AccessBatch, AccessConsumer } from '../exec/access-log.ts';
import { ACCESS_KIND, ATOMIC_ORDER } from '../layout/access-log.ts';
import { MOST_HARTS } from '../spec/virt-board.ts';
import { CELL, CELLS, hartOf, maskOf, Shadow, type ShadowPage } from './shadow.ts';
import { HartOrder, LockWords } from './vector-clocks.ts';

/** One of the two accesses of a race. */
export interface RacingAccess {
  readonly hart: number;
  readonly pc: bigint;
  readonly kind: 'load' | 'store';
}

export interface HartRace {
  /** Physical, of the first byte that both access. */
  readonly address: bigint;
  /** The one that came first in this run, and the other one. */
  readonly accesses: readonly [RacingAccess, RacingAccess];
  /** How often accesses of these two instructions raced. */
  readonly count: number;
}

/** Races that are kept, one for each pair of instructions. */
const MOST_RACES = 64;
const PAGE = 4096;
const DOUBLEWORDS_PER_PAGE = 512;
/** How far from a lock's word lies what it notes about its holder. */
const LOCK_BYTES = 64;
/** How many instructions later that is read at the latest. */
const LOCK_TIME = 64;

interface Found {
  readonly first: RacingAccess;
  readonly second: RacingAccess;
  readonly address: number;
  readonly mask: number;
  count: number;
}

/** Of one hart. */
interface Progress {
  readonly order: HartOrder;
  /** No store that others can see came since the last fence that publishes. */
  publishes: boolean;
  /** The word of a lock that it has read, where it has accessed nothing since then that another hart may access at the same time. */
  lock: { readonly address: number; readonly time: number } | undefined;
  /** Races of its last load, which are none if a fence comes next. */
  readonly pending: { readonly doubleword: number; readonly found: Found }[];
}

const progressOf = (hart: number): Progress => ({ order: new HartOrder(hart), publishes: false, lock: undefined, pending: [] });

export class RaceDetector implements AccessConsumer {
  readonly #harts: readonly Progress[] = Array.from({ length: MOST_HARTS }, (_, hart) => progressOf(hart));
  readonly #shadow = new Shadow();
  readonly #locks = new LockWords();
  readonly #races = new Map<string, Found>();
  #turn = 0;
  #leftOut = 0;

  /** In the order in which they were first seen. A load after which the run has ended may have been one of a flag. */
  races(): HartRace[] {
    return [...this.#races.values()]
      .filter(({ address, mask }) => !this.#shadow.isAtomic(address, mask))
      .map(({ address, first, second, count }) => ({ address: BigInt(address), accesses: [first, second], count }));
  }

  /** How many races were not kept. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** The kernel uses more memory together than can be looked at: what came later was not. */
  get isFull(): boolean {
    return this.#shadow.isFull || this.#locks.isFull;
  }

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length && !this.isFull; record++) this.#take(batch, record);
  }

  #take(batch: AccessBatch, record: number): void {
    const hart = batch.hart(record);
    const progress = this.#harts[hart]!;
    switch (batch.kind(record)) {
      case ACCESS_KIND.load:
      case ACCESS_KIND.store:
        return this.#plain(batch, record, hart);
      case ACCESS_KIND.atomic:
      case ACCESS_KIND.reserve:
      case ACCESS_KIND.conditional:
        return this.#atomic(batch, record, hart);
      case ACCESS_KIND.fence: {
        const { acquires, releases } = progress.order.passFence(batch.order(record));
        if (acquires) {
          // A fence comes right after the load: it was a flag.
          progress.pending.length = 0;
          progress.lock = undefined;
        }
        if (releases) progress.publishes = true;
        return;
      }
      case ACCESS_KIND.signal:
      case ACCESS_KIND.wake:
        return progress.order.signal(this.#harts[batch.address(record)]!.order);
      case ACCESS_KIND['remote-fence']: {
        const other = this.#harts[batch.address(record)]!.order;
        progress.order.signal(other);
        return other.signal(progress.order);
      }
    }
  }

  #page(address: number, hart: number): ShadowPage | undefined {
    // What the other one did with the page was not kept: take it as ordered.
    const shared = (owner: number) => this.#harts[owner]!.order.signal(this.#harts[hart]!.order);
    return this.#shadow.page(Math.floor(address / PAGE), hart, shared);
  }

  #atomic(batch: AccessBatch, record: number, hart: number): void {
    const [address, width, order] = [batch.address(record), batch.width(record), batch.order(record)];
    const progress = this.#harts[hart]!;
    const page = this.#page(address, hart);
    if (page !== undefined) page.atomic[doublewordOf(address)]! |= ((1 << width) - 1) << (address & 7);
    this.#settle(progress);
    progress.lock = undefined;
    const kind = batch.kind(record);
    const published = this.#locks.read(address);
    if (published !== undefined && kind !== ACCESS_KIND.conditional)
      progress.order.read(published, { acquires: (order & ATOMIC_ORDER.acquire) !== 0 });
    if (!batch.writes(record)) return;
    this.#locks.store(address, progress.order.publish({ releases: (order & ATOMIC_ORDER.release) !== 0 }), { adds: true });
    progress.publishes = false;
  }

  #plain(batch: AccessBatch, record: number, hart: number): void {
    const [address, width] = [batch.address(record), batch.width(record)];
    const isStore = batch.kind(record) === ACCESS_KIND.store;
    const bytes = ((1 << width) - 1) << (address & 7);
    this.#bytes({ batch, record, hart, address, mask: bytes & 0xff, isStore });
    // The rest of an access that is misaligned lies in the next doubleword.
    if (bytes > 0xff) this.#bytes({ batch, record, hart, address: address - (address & 7) + 8, mask: bytes >>> 8, isStore });
  }

  #bytes(access: PlainAccess): void {
    const { hart, address, mask, isStore } = access;
    const page = this.#page(address, hart);
    if (page === undefined) return;
    const doubleword = doublewordOf(address);
    if ((page.atomic[doubleword]! & mask) !== 0) return this.#lockWord(access);
    const progress = this.#harts[hart]!;
    const { now } = progress.order;
    const first = doubleword * CELLS;
    let slot = -1;
    let free = -1;
    let isShared = false;
    let isUnordered = false;
    for (let cell = first; cell < first + CELLS; cell++) {
      const meta = page.meta[cell]!;
      if (meta === 0) {
        free = cell;
        continue;
      }
      const other = hartOf(meta);
      const wasStore = (meta & CELL.write) !== 0;
      if (other === hart) {
        if (wasStore === isStore && maskOf(meta) === mask) slot = cell;
        continue;
      }
      isShared = true;
      const isOrdered = page.clock[cell]! <= now[other]!;
      isUnordered ||= !isOrdered;
      if ((maskOf(meta) & mask) === 0 || !(isStore || wasStore)) continue;
      const published = isStore ? undefined : this.#harts[other]!.order.published(page.fence[cell]!);
      if (published !== undefined) progress.order.read(published, { acquires: false });
      if (isOrdered && isStore && (maskOf(meta) & ~mask) === 0) slot = slot < 0 ? cell : slot;
      else if (!isOrdered) this.#conflict(access, { page, cell }, progress);
    }
    if (isShared) this.#settle(progress, isStore ? undefined : address);
    if (slot < 0) slot = free < 0 ? first + (this.#turn++ % CELLS) : free;
    const ofHolder = !isStore && this.#isOfHolder(progress, access);
    page.meta[slot] =
      mask |
      (hart << 8) |
      CELL.used |
      (isStore ? CELL.write : 0) |
      (isStore && progress.publishes ? CELL.publishes : 0) |
      (ofHolder ? CELL.ofHolder : 0);
    page.clock[slot] = now[hart]!;
    page.fence[slot] = isStore ? progress.order.fence : 0;
    page.pc[slot] = access.batch.pc(access.record);
    if (isUnordered) progress.lock = undefined;
    if (isShared && isStore) progress.publishes = false;
  }

  /** A plain access to a word that atomics access as well: it orders as far as fences say so, and is no race. */
  #lockWord({ batch, record, hart, address, isStore }: PlainAccess): void {
    const progress = this.#harts[hart]!;
    this.#settle(progress);
    if (isStore) {
      this.#locks.store(address, progress.order.publish({ releases: false }), { adds: false });
      progress.publishes = false;
      return;
    }
    const published = this.#locks.read(address);
    if (published !== undefined) progress.order.read(published, { acquires: false });
    progress.lock = { address, time: batch.time(record) };
  }

  #isOfHolder({ lock }: Progress, { batch, record, address }: PlainAccess): boolean {
    return lock !== undefined && Math.abs(lock.address - address) < LOCK_BYTES && batch.time(record) - lock.time < LOCK_TIME;
  }

  /** The access, and an earlier one of a different hart, of which nothing orders one before the other. */
  #conflict(access: PlainAccess, { page, cell }: Cell, progress: Progress): void {
    const { batch, record, hart, address, mask, isStore } = access;
    const meta = page.meta[cell]!;
    const wasStore = (meta & CELL.write) !== 0;
    if ((meta & CELL.ofHolder) !== 0 || (!isStore && this.#isOfHolder(progress, access))) return;
    // A flag that a hart polls, or that both set in turn, is set in the right way. Whether it is read in the right way is seen where it is read.
    if (isStore && progress.publishes && (!wasStore || (meta & CELL.publishes) !== 0)) return;
    const both = maskOf(meta) & mask;
    const found: Found = {
      first: { hart: hartOf(meta), pc: pcOf(page.pc[cell]!), kind: wasStore ? 'store' : 'load' },
      second: { hart, pc: pcOf(batch.pc(record)), kind: isStore ? 'store' : 'load' },
      address: address - (address & 7) + (31 - Math.clz32(both & -both)),
      mask: both,
      count: 1,
    };
    if (!isStore && (meta & CELL.publishes) !== 0) progress.pending.push({ doubleword: address - (address & 7), found });
    else this.#add(found);
  }

  /** The races of the last load are races, unless it is repeated now: no fence has come after it. */
  #settle({ pending }: Progress, address?: number): void {
    if (pending.length === 0) return;
    const doubleword = address === undefined ? undefined : address - (address & 7);
    for (const one of pending.filter((waiting) => waiting.doubleword !== doubleword)) this.#add(one.found);
    pending.splice(0, pending.length, ...pending.filter((waiting) => waiting.doubleword === doubleword).slice(-1));
  }

  #add(found: Found): void {
    const { first, second } = found;
    const key = [first, second]
      .map(({ pc, kind }) => `${kind} ${pc}`)
      .sort()
      .join();
    const known = this.#races.get(key);
    if (known !== undefined) known.count++;
    else if (this.#races.size === MOST_RACES) this.#leftOut++;
    else this.#races.set(key, found);
  }
}

interface PlainAccess {
  readonly batch: AccessBatch;
  readonly record: number;
  readonly hart: number;
  readonly address: number;
  /** Bytes of the doubleword. */
  readonly mask: number;
  readonly isStore: boolean;
}

interface Cell {
  readonly page: ShadowPage;
  readonly cell: number;
}

const doublewordOf = (address: number): number => (address >>> 3) & (DOUBLEWORDS_PER_PAGE - 1);
const pcOf = (pc: number): bigint => BigInt.asUintN(64, BigInt(pc));
