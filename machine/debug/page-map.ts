/**
 * The page table that the hart uses now, in both directions: where a virtual page lies, and which virtual pages lie in a frame. For the
 * rules of virtio, which tell a driver that it gave the device a virtual address, and for explanations. Nothing is changed.
 */

import { hostOf } from '../layout/ram.ts';
import type { HartState } from '../layout/state.ts';
import type { PageMap } from '../ports.ts';
import { PAGE_SHIFT, PAGE_TABLE, PRIVILEGE, PTE, PTE_PPN_MASK, PTE_PPN_SHIFT } from '../spec/riscv.ts';
import { walkPageTable } from './inspect.ts';

/** Entries that one search reads at most: the guest makes the table, which may lead to itself. */
const MOST_ENTRIES = 65_536;
/** Virtual pages of one frame that are found at most. */
const MOST_PAGES = 16;

export class HartPageMap implements PageMap {
  readonly #state: HartState;

  constructor(state: HartState) {
    this.#state = state;
  }

  get on(): boolean {
    return this.#state.small('levels') > 0 && this.#state.small('privilege') !== PRIVILEGE.machine;
  }

  physicalOf(virtual: bigint): bigint | undefined {
    if (!this.on) return undefined;
    const { end } = walkPageTable(this.#state, BigInt.asUintN(64, virtual));
    return 'physical' in end ? end.physical : undefined;
  }

  virtualPagesOf(frame: bigint): readonly bigint[] | undefined {
    if (!this.on) return [];
    const found: bigint[] = [];
    const levels = this.#state.small('levels');
    const bits = PAGE_SHIFT + PAGE_TABLE.indexBits * levels;
    let left = MOST_ENTRIES;
    const search = (table: bigint, level: number, from: bigint): void => {
      const shift = BigInt(PAGE_SHIFT + PAGE_TABLE.indexBits * level);
      for (let index = 0; index <= PAGE_TABLE.indexMask && found.length < MOST_PAGES && left > 0; index++) {
        left--;
        const host = hostOf(this.#state, table + BigInt(index * PAGE_TABLE.entryBytes), PAGE_TABLE.entryBytes);
        if (host === undefined) return;
        const entry = this.#state.view.getBigUint64(host, true);
        if ((entry & PTE.V) === 0n) continue;
        const base = ((entry >> BigInt(PTE_PPN_SHIFT)) & PTE_PPN_MASK) << BigInt(PAGE_SHIFT);
        const virtual = from + (BigInt(index) << shift);
        if ((entry & (PTE.R | PTE.X)) === 0n) {
          if (level > 0) search(base, level - 1, virtual);
        } else if (base <= frame && frame < base + (1n << shift)) {
          found.push(BigInt.asUintN(64, BigInt.asIntN(bits, virtual + (frame - base))));
        }
      }
    };
    search(this.#state.get('root'), levels - 1, 0n);
    return left > 0 ? found : undefined;
  }
}
