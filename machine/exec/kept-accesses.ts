/** Accesses of a run, kept in little memory: 26 bytes each. What comes after the last for which there is room is not looked at. */
import type { AccessBatch } from './access-log.ts';

const MOST_KEPT = 1 << 22;
const FIRST_ROOM = 1 << 14;

/** A run until the hart's own time is this one ends right before the access. */
export interface PreemptionPoint {
  readonly hart: number;
  /** In units of the engine's clock. */
  readonly time: number;
  readonly pc: bigint;
  /** Physical. */
  readonly address: bigint;
}

export class KeptAccesses {
  length = 0;
  #harts = new Uint8Array(FIRST_ROOM);
  #marks = new Uint8Array(FIRST_ROOM);
  #times = new Float64Array(FIRST_ROOM);
  #pcs = new Float64Array(FIRST_ROOM);
  #addresses = new Float64Array(FIRST_ROOM);

  get isFull(): boolean {
    return this.length === MOST_KEPT;
  }

  /** `mark`: a byte, whose meaning is the caller's. */
  add(batch: AccessBatch, record: number, mark = 0): void {
    if (this.isFull) return;
    if (this.length === this.#harts.length) this.#grow();
    this.#harts[this.length] = batch.hart(record);
    this.#marks[this.length] = mark;
    this.#times[this.length] = batch.time(record);
    this.#pcs[this.length] = batch.pc(record);
    this.#addresses[this.length] = batch.address(record);
    this.length++;
  }

  hart(at: number): number {
    return this.#harts[at]!;
  }

  mark(at: number): number {
    return this.#marks[at]!;
  }

  time(at: number): number {
    return this.#times[at]!;
  }

  address(at: number): number {
    return this.#addresses[at]!;
  }

  point(at: number): PreemptionPoint {
    const pc = BigInt.asUintN(64, BigInt(this.#pcs[at]!));
    return { hart: this.hart(at), time: this.time(at), pc, address: BigInt(this.address(at)) };
  }

  #grow(): void {
    const length = this.length * 2;
    const grown = <T extends Uint8Array | Float64Array>(room: T, next: T): T => {
      next.set(room);
      return next;
    };
    this.#harts = grown(this.#harts, new Uint8Array(length));
    this.#marks = grown(this.#marks, new Uint8Array(length));
    this.#times = grown(this.#times, new Float64Array(length));
    this.#pcs = grown(this.#pcs, new Float64Array(length));
    this.#addresses = grown(this.#addresses, new Float64Array(length));
  }
}
