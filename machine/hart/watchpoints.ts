/**
 * Watched memory: who stores to given bytes of RAM, or loads from them, told as it happens (architecture.md, decision 10).
 *
 * A page with watched bytes has a bit in a map, at which only the slow paths look (mmu/access.ts): its stores, or its loads, never
 * become fast. So watching costs nothing elsewhere, and nothing at all when nothing is watched.
 */
import type { WatchedRange } from '../ports.ts';
import { type HartState, RAM, RAM_BASE, WATCHED, WATCHED_BYTES, WATCHED_LOADS } from './state.ts';

export type MemoryRange = WatchedRange;

/** An access to watched bytes, told before it happens. Part of one that crosses a page is told byte by byte. */
export interface WatchedAccess {
  readonly kind: 'load' | 'store';
  /** Which ranges it touches: indices in the list that is watched. */
  readonly ranges: readonly number[];
  /** The hart's instruction at `pc`, or a device (DMA), whose loads are not told. */
  readonly by: 'hart' | 'device';
  /** Physical address and bytes of the access, which may reach beyond what is watched. */
  readonly address: bigint;
  readonly length: number;
  /** Low 32 bits (signed) of what a plain store of the hart's stores; else 0. */
  readonly value: number;
}

interface Watcher {
  readonly ranges: readonly MemoryRange[];
  readonly tell: (access: WatchedAccess) => void;
}

const PAGE = 4096;

export class Watchpoints {
  private readonly state: HartState;
  private readonly watchers = new Map<object, Watcher>();

  constructor(state: HartState) {
    this.state = state;
  }

  /** Replaces what `watcher` watches; ranges outside RAM are never accessed. The TLB has to be flushed after it. */
  set(watcher: object, ranges: readonly MemoryRange[], tell: (access: WatchedAccess) => void): void {
    if (ranges.length === 0) this.watchers.delete(watcher);
    else this.watchers.set(watcher, { ranges, tell });
    this.state.bytes.fill(0, WATCHED, WATCHED + 2 * WATCHED_BYTES);
    for (const { ranges: watched } of this.watchers.values()) {
      for (const range of watched) {
        this.mark(WATCHED, range);
        if (range.loads) this.mark(WATCHED_LOADS, range);
      }
    }
  }

  private mark(map: number, { address, length }: MemoryRange): void {
    const { bytes } = this.state;
    const size = this.state.get('ramSize');
    const offset = address - BigInt(RAM_BASE);
    if (offset < 0n || offset >= size) return;
    const end = Math.min(Number(offset) + length, Number(size));
    for (let page = Math.floor(Number(offset) / PAGE); page * PAGE < end; page++) {
      const at = map + (page >>> 3);
      bytes[at] = bytes[at]! | (1 << (page & 7));
    }
  }

  /** An access to RAM is about to happen, at this host address. */
  touched({ host, ...access }: Omit<WatchedAccess, 'ranges' | 'address'> & { readonly host: number }): void {
    if (this.watchers.size === 0) return;
    const address = BigInt(host - RAM) + BigInt(RAM_BASE);
    const end = address + BigInt(access.length);
    // A watcher may change what is watched while it is told.
    for (const { ranges: watched, tell } of [...this.watchers.values()]) {
      const ranges = watched.flatMap((range, index) =>
        range.address < end && address < range.address + BigInt(range.length) && (access.kind === 'store' || range.loads) ? [index] : [],
      );
      if (ranges.length > 0) tell({ ...access, ranges, address });
    }
  }
}
