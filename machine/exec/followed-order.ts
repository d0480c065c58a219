/**
 * Follows, for a device, what the hart stores and what orders its stores, from one moment to another: for so long accesses are logged (access-log.ts).
 * The moment lies in the middle of an instruction, so the log begins after it.
 */
import { ACCESS_KIND } from '../layout/access-log.ts';
import type { FollowedAccess, OrderState, OrderWatch } from '../ports.ts';
import type { AccessBatch, AccessConsumer } from './access-log.ts';
import { ordersStores } from './delayed-stores.ts';

/** Stores and fences that are followed, and units of the clock: more than a driver needs for a request. After that nothing is known of them. */
const MOST_FOLLOWED = 4096;
const LONGEST = 100_000;

export interface FollowPort {
  now(): number;
  /** The hart whose turn it is. */
  turn(): number;
  /** Has the slice end after this instruction, so that logging begins. */
  shorten(): void;
  /** Has `take` called with all that harts have done. */
  flush(): void;
}

export class FollowedOrder implements OrderWatch, AccessConsumer {
  readonly #port: FollowPort;
  #followed: FollowedAccess[] | undefined;
  #hart = 0;
  #end = 0;

  constructor(port: FollowPort) {
    this.#port = port;
  }

  /** Whether accesses have to be logged. */
  get isOn(): boolean {
    return this.#followed !== undefined;
  }

  begin(first: FollowedAccess): void {
    const { now, turn, shorten } = this.#port;
    if (this.#followed !== undefined) return;
    this.#followed = [first];
    this.#hart = turn();
    this.#end = now() + LONGEST;
    shorten();
  }

  end(): readonly FollowedAccess[] {
    this.#port.flush();
    const isOther = this.#hart !== this.#port.turn();
    const followed = this.#followed ?? [];
    this.#followed = undefined;
    // What one hart stores and another one announces is ordered by more than the fences of one.
    return isOther ? [] : followed;
  }

  save(): OrderState {
    this.#port.flush();
    return this.#followed && { followed: [...this.#followed], hart: this.#hart, end: this.#end };
  }

  restore(state: OrderState): void {
    this.#followed = state && [...state.followed];
    this.#hart = state?.hart ?? 0;
    this.#end = state?.end ?? 0;
  }

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length && this.#followed !== undefined; record++) this.#take(batch, record, this.#followed);
  }

  #take(batch: AccessBatch, record: number, followed: FollowedAccess[]): void {
    if (batch.hart(record) !== this.#hart) return;
    const [address, length, pc] = [BigInt(batch.address(record)), batch.width(record), BigInt.asUintN(64, BigInt(batch.pc(record)))];
    if (ordersStores(batch, record)) followed.push({ kind: 'order', address, length, pc });
    if (batch.kind(record) <= ACCESS_KIND.conditional && batch.writes(record)) followed.push({ kind: 'store', address, length, pc });
    if (followed.length > MOST_FOLLOWED || batch.time(record) > this.#end) this.#followed = undefined;
  }
}
