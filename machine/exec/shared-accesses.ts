/**
 * Where the order of harts may matter, from the log of a run: right before an access to a word that different harts touch, or an interrupt's
 * handler and what it may have interrupted, where at least one of them writes it. A schedule that preempts a hart elsewhere makes no difference.
 *
 * Reference: Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs" (PLDI 2007), section 3.1.
 */
import { ACCESS_KIND } from '../layout/access-log.ts';
import type { AccessBatch, AccessConsumer } from './access-log.ts';
import { Contexts, TouchedWords } from './touched-words.ts';

/** A run until the hart's own time is this one ends right before the access. */
export interface PreemptionPoint {
  readonly hart: number;
  /** In units of the engine's clock. */
  readonly time: number;
  readonly pc: bigint;
  /** Physical. */
  readonly address: bigint;
}

/** Accesses that are kept: 24 bytes each. What comes later is not looked at. */
const MOST_KEPT = 1 << 22;
const FIRST_ROOM = 1 << 14;

export class SharedAccesses implements AccessConsumer {
  readonly #words = new TouchedWords();
  readonly #contexts = new Contexts();
  #kept = 0;
  #harts = new Uint8Array(FIRST_ROOM);
  #times = new Float64Array(FIRST_ROOM);
  #pcs = new Float64Array(FIRST_ROOM);
  #addresses = new Float64Array(FIRST_ROOM);

  take(batch: AccessBatch): void {
    for (let record = 0; record < batch.length; record++) {
      if (batch.kind(record) <= ACCESS_KIND.conditional) this.#access(batch, record);
      else this.#contexts.follow(batch, record);
    }
  }

  #access(batch: AccessBatch, record: number): void {
    const hart = batch.hart(record);
    const address = batch.address(record);
    if (this.#kept === MOST_KEPT || !this.#words.touch(address, this.#contexts.of(hart), batch.writes(record))) return;
    if (this.#kept === this.#harts.length) this.#grow();
    this.#harts[this.#kept] = hart;
    this.#times[this.#kept] = batch.time(record);
    this.#pcs[this.#kept] = batch.pc(record);
    this.#addresses[this.#kept] = address;
    this.#kept++;
  }

  #grow(): void {
    const length = this.#kept * 2;
    const grown = <T extends Uint8Array | Float64Array>(room: T, next: T): T => {
      next.set(room);
      return next;
    };
    this.#harts = grown(this.#harts, new Uint8Array(length));
    this.#times = grown(this.#times, new Float64Array(length));
    this.#pcs = grown(this.#pcs, new Float64Array(length));
    this.#addresses = grown(this.#addresses, new Float64Array(length));
  }

  /** In the order in which they were logged. A hart that polls a word in a loop has one point there until it does something else. */
  points(): PreemptionPoint[] {
    const points: PreemptionPoint[] = [];
    const last: (PreemptionPoint | undefined)[] = [];
    for (let at = 0; at < this.#kept; at++) {
      const address = this.#addresses[at]!;
      if (!this.#words.isShared(address)) continue;
      const hart = this.#harts[at]!;
      const point = { hart, time: this.#times[at]!, pc: BigInt.asUintN(64, BigInt(this.#pcs[at]!)), address: BigInt(address) };
      const before = last[hart];
      last[hart] = point;
      if (before === undefined || before.pc !== point.pc || before.address !== point.address) points.push(point);
    }
    return points;
  }
}
