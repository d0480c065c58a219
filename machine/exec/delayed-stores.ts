/**
 * Stores that devices and other harts see late, as those in a hart's store buffer. A hart always sees its own.
 *
 * Memory holds what the hart sees whose turn it is. Beside it lies what all others see of the bytes in question, which is exchanged with memory when
 * another hart has its turn, and while a device reads or writes RAM. Both see one order of the stores to each byte.
 *
 * A store is no longer delayed when its time is over, and before anything that RVWMO orders after it: a fence with W among its predecessors, an atomic
 * with release, an atomic on the same bytes, and a signal to another hart (the SBI's calls do what fences do). A later store to the same bytes waits with it, and
 * both are seen at once. More order than RVWMO demands: a fence orders it before all that comes later, whatever the fence's successors are, and stores together
 * never wait for more than one line of a cache.
 *
 * Reference: RISC-V Unprivileged Architecture, "RVWMO Memory Consistency Model", "Preserved Program Order" (rules 1, 4 and 6; the others say nothing of plain stores
 * that come first). Left out: loads are never early.
 */
import { ACCESS_KIND, ATOMIC_ORDER, FENCE_ORDER } from '../layout/access-log.ts';
import { markDirty } from '../layout/dirty-pages.ts';
import { hostOf } from '../layout/ram.ts';
import type { HartState } from '../layout/state.ts';
import type { Alarm } from '../ports.ts';
import { PAGE_BYTES } from '../spec/riscv.ts';
import type { DelayedStore } from '../spec/schedule.ts';
import type { AccessBatch, AccessConsumer } from './access-log.ts';
import type { Core } from './core.ts';
import type { GuestClock } from './guest-clock.ts';

/** Instructions of the hart, from the time on that the schedule says, among which the store must be. */
const MOST_TRIES = 1000;
/** Bytes of stores to the same bytes that wait together. */
const LINE = 64;

/** A store that is to be delayed, in units of the engine's clock. */
export interface PlannedStore {
  readonly at: number;
  readonly for: number;
  tries: number;
}

/** Bytes of RAM of which others do not see yet what a hart has stored. Those of one hart do not overlap. */
export interface HiddenBytes {
  /** Host address. */
  readonly host: number;
  /** The time at which all see it. */
  readonly until: number;
  /** While the hart has its turn: what the others see. Else what the hart sees. */
  readonly other: Uint8Array;
}

export interface DelayPort {
  readonly state: HartState;
  readonly clock: GuestClock;
  readonly core: Pick<Core, 'written'>;
  /** Has `take` called with all that harts have done. */
  flush(): void;
  /** The hart whose turn it is. */
  turn(): number;
}

export class DelayedStores implements AccessConsumer {
  readonly #port: DelayPort;
  /** Of each hart, by time. */
  #planned: PlannedStore[][];
  #hidden: HiddenBytes[][];
  readonly #alarm: Alarm;

  constructor(port: DelayPort, harts: number) {
    this.#port = port;
    this.#planned = Array.from({ length: harts }, () => []);
    this.#hidden = this.#planned.map(() => []);
    this.#alarm = port.clock.alarm(() => this.#showDue());
  }

  /** Replaces those that are still to come. */
  plan(stores: readonly DelayedStore[]): void {
    this.#planned = this.#planned.map((_, hart) => {
      const own = stores.filter((one) => one.hart === hart);
      return own.map(({ at, for: length }) => ({ at, for: length, tries: MOST_TRIES })).sort((a, b) => a.at - b.at);
    });
  }

  /** When the hart's next one becomes due that is not due yet. */
  next(hart: number, now: number): number {
    return this.#planned[hart]!.find(({ at }) => at > now)?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Whether the hart's next store is to be delayed. */
  isDue(hart: number, now: number): boolean {
    const first = this.#planned[hart]![0];
    return first !== undefined && first.at <= now;
  }

  /** Whether it matters what the hart does to memory. */
  watches(hart: number, now: number): boolean {
    return this.#hidden[hart]!.length > 0 || this.isDue(hart, now);
  }

  /** The hart has executed one instruction while a store was due. */
  tried(hart: number, now: number): void {
    if (!this.isDue(hart, now)) return;
    const planned = this.#planned[hart]!;
    if (--planned[0]!.tries === 0) planned.shift();
  }

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length; record++) {
      if (this.watches(batch.hart(record), batch.time(record))) this.#take(batch, record);
    }
  }

  #take(batch: AccessBatch, record: number): void {
    const hart = batch.hart(record);
    if (ordersStores(batch, record)) return this.#show(hart);
    switch (batch.kind(record)) {
      case ACCESS_KIND.store:
        return this.#stored(batch, record);
      case ACCESS_KIND.atomic:
      case ACCESS_KIND.reserve:
      case ACCESS_KIND.conditional:
        if (this.#overlapped(batch, record).length > 0) this.#show(hart);
    }
  }

  /** The hart's stores that wait, to bytes that it accesses now. */
  #overlapped(batch: AccessBatch, record: number): HiddenBytes[] {
    const hidden = this.#hidden[batch.hart(record)]!;
    if (hidden.length === 0) return [];
    const [host, width] = [this.#hostOf(batch, record), batch.width(record)];
    return hidden.filter((one) => one.host < host + width && host < one.host + one.other.length);
  }

  #hostOf(batch: AccessBatch, record: number): number {
    return hostOf(this.#port.state, BigInt(batch.address(record)), 1)!;
  }

  #stored(batch: AccessBatch, record: number): void {
    const hart = batch.hart(record);
    const overlapped = this.#overlapped(batch, record);
    const planned = this.#planned[hart]!;
    if (overlapped.length === 0 && !this.isDue(hart, batch.time(record))) return;
    const until = overlapped.length === 0 ? batch.time(record) + planned.shift()!.for : Math.max(...overlapped.map((one) => one.until));
    const stored = { host: this.#hostOf(batch, record), until, other: bytesOf(batch.old(record), batch.width(record)) };
    const joined = join(stored, overlapped);
    if (joined.other.length > LINE) return this.#show(hart);
    this.#hidden[hart] = [...this.#hidden[hart]!.filter((one) => !overlapped.includes(one)), joined];
    this.#setAlarm();
  }

  /** All that the hart, whose turn it is, has stored is seen from now on. */
  #show(hart: number): void {
    this.#hidden[hart] = [];
    this.#setAlarm();
  }

  #setAlarm(): void {
    const next = Math.min(...this.#hidden.flat().map(({ until }) => until));
    this.#alarm.at = next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  #showDue(): void {
    const now = this.#port.clock.now();
    const isDue = ({ until }: HiddenBytes) => until <= now;
    this.#exchange();
    for (const one of this.#hidden.flat().filter(isDue)) this.#put(one.host, one.other);
    this.#hidden = this.#hidden.map((own) => own.filter((one) => !isDue(one)));
    this.#exchange();
    this.#setAlarm();
  }

  /** Another hart has its turn from now on. Calls `change` in between, where memory holds what all see. */
  turnTo(change: () => void): void {
    this.#exchange();
    change();
    this.#exchange();
  }

  /** An access to RAM by a device. */
  seenByAll<Result>(access: () => Result): Result {
    this.#port.flush();
    this.#exchange();
    const result = access();
    this.#exchange();
    return result;
  }

  /** Between what the hart sees whose turn it is, and what all see. */
  #exchange(): void {
    const turn = this.#port.turn();
    const hidden = this.#hidden[turn]!;
    if (hidden.length === 0) return;
    this.#hidden[turn] = hidden.map(({ host, until, other }) => {
      const now = this.#port.state.bytes.slice(host, host + other.length);
      this.#put(host, other);
      return { host, until, other: now };
    });
  }

  #put(host: number, bytes: Uint8Array): void {
    const { state, core } = this.#port;
    markDirty(state, host, bytes.length);
    state.bytes.set(bytes, host);
    const here = Math.min(bytes.length, PAGE_BYTES - (host % PAGE_BYTES));
    core.written(host, here);
    if (here < bytes.length) core.written(host + here, bytes.length - here);
  }

  save() {
    return { planned: this.#planned, hidden: this.#hidden };
  }

  /** The clock is restored as well, with the alarm. */
  restore({ planned, hidden }: ReturnType<DelayedStores['save']>): void {
    this.#planned = planned;
    this.#hidden = hidden;
  }
}

/** Whether all that the hart has stored before is seen before what it does next. */
export function ordersStores(batch: AccessBatch, record: number): boolean {
  switch (batch.kind(record)) {
    case ACCESS_KIND.fence:
      return ((batch.order(record) >>> 4) & FENCE_ORDER.write) !== 0;
    case ACCESS_KIND.atomic:
    case ACCESS_KIND.reserve:
    case ACCESS_KIND.conditional:
      return (batch.order(record) & ATOMIC_ORDER.release) !== 0;
    case ACCESS_KIND.signal:
    case ACCESS_KIND.wake:
    case ACCESS_KIND['remote-fence']:
      return true;
    default:
      return false;
  }
}

function bytesOf(value: bigint, length: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes.slice(0, length);
}

/** A store together with those that it overlaps, which were there before it. */
function join(stored: HiddenBytes, overlapped: readonly HiddenBytes[]): HiddenBytes {
  const all = [stored, ...overlapped];
  const host = Math.min(...all.map((one) => one.host));
  const other = new Uint8Array(Math.max(...all.map((one) => one.host + one.other.length)) - host);
  for (const one of all) other.set(one.other, one.host - host);
  return { host, until: stored.until, other };
}
