/**
 * What is ordered before what among harts, by vector clocks: fences, atomics and signals order accesses, and nothing else does.
 *
 * Reference: RISC-V Unprivileged ISA, chapter "RVWMO Memory Consistency Model": what fences and acquire and release annotations order; Flanagan
 * and Freund, "FastTrack" (PLDI 2009), for the clocks. A store that comes after a fence publishes what was before the fence, and a load that
 * reads it and comes before a fence acquires that, as the fences of C11 do (7.17.4).
 */
import { FENCE_ORDER } from '../layout/access-log.ts';
import { MOST_HARTS } from '../spec/virt-board.ts';

export type VectorClock = Uint32Array<ArrayBuffer>;
export const newClock = (): VectorClock => new Uint32Array(MOST_HARTS);

function join(into: VectorClock, from: VectorClock): void {
  for (let hart = 0; hart < MOST_HARTS; hart++) if (from[hart]! > into[hart]!) into[hart] = from[hart]!;
}

/** Fences of a hart whose clocks are kept. Of an older one, the oldest that is kept stands in: that may miss a race, and never invents one. */
const KEPT_FENCES = 1024;

export class HartOrder {
  readonly #hart: number;
  /** What happened before now. */
  readonly now = newClock();
  /** What loads have read that was published, which the next fence acquires. */
  readonly #readable = newClock();
  /** What happened before each of the last fences, by the fence's number. */
  readonly #fences: VectorClock[] = [];
  /** Number of the last fence that publishes; 0: there was none. */
  fence = 0;

  constructor(hart: number) {
    this.#hart = hart;
    this.now[hart] = 1;
  }

  /** What happens from now on is not part of what was published until now. */
  #tick(): void {
    this.now[this.#hart]!++;
  }

  /** What was before a fence. */
  published(fence: number): VectorClock | undefined {
    return fence === 0 ? undefined : this.#fences[Math.max(fence, this.fence - KEPT_FENCES + 1) % KEPT_FENCES];
  }

  /** Whether later accesses are ordered after earlier loads, and later stores after earlier stores. */
  passFence(order: number): { readonly acquires: boolean; readonly releases: boolean } {
    const [before, behind] = [order >>> 4, order & 15];
    const acquires = (before & FENCE_ORDER.read) !== 0 && (behind & (FENCE_ORDER.read | FENCE_ORDER.write)) !== 0;
    const releases = (before & FENCE_ORDER.write) !== 0 && (behind & FENCE_ORDER.write) !== 0;
    if (acquires) join(this.now, this.#readable);
    if (releases) {
      this.fence++;
      this.#fences[this.fence % KEPT_FENCES] = this.now.slice();
      this.#tick();
    }
    return { acquires, releases };
  }

  /** A load has read what was published. */
  read(published: VectorClock, { acquires }: { readonly acquires: boolean }): void {
    join(acquires ? this.now : this.#readable, published);
  }

  /** What a store publishes now. */
  publish({ releases }: { readonly releases: boolean }): VectorClock | undefined {
    if (!releases) return this.published(this.fence);
    const published = this.now.slice();
    this.#tick();
    return published;
  }

  /** This hart interrupts or starts a different one. */
  signal(other: HartOrder): void {
    join(other.now, this.now);
    this.#tick();
  }
}

/** More than a kernel has locks. */
const MOST_LOCKS = 65_536;

/** What words that atomics access (locks) publish, by their address. */
export class LockWords {
  readonly #words = new Map<number, VectorClock>();
  /** There were more words than are kept: what is ordered is not known any more. */
  isFull = false;

  read(address: number): VectorClock | undefined {
    return this.#words.get(address);
  }

  /** A plain store begins anew; one that read the word as well adds to what it has read. */
  store(address: number, published: VectorClock | undefined, { adds }: { readonly adds: boolean }): void {
    const before = this.#words.get(address);
    if (published === undefined) {
      if (!adds) this.#words.delete(address);
      return;
    }
    if (before === undefined && this.#words.size === MOST_LOCKS) {
      this.isFull = true;
      return;
    }
    const next = published.slice();
    if (adds && before !== undefined) join(next, before);
    this.#words.set(address, next);
  }
}
