/** Guest RAM as devices see it (DMA). Where a device overwrites code, the decoded instructions are forgotten. */

import type { Core } from './exec/core.ts';
import { markDirty } from './layout/dirty-pages.ts';
import { hostOf, ramEnd } from './layout/ram.ts';
import type { HartState } from './layout/state.ts';
import type { GuestMemory } from './ports.ts';
import { PAGE_BYTES } from './spec/riscv.ts';

export class Ram implements GuestMemory {
  readonly #state: HartState;
  readonly #core: Core;
  readonly #stored: (host: number, length: number) => void;

  /** @param stored called before a device writes, with the host address and the number of bytes */
  constructor(state: HartState, core: Core, stored: (host: number, length: number) => void = () => undefined) {
    this.#state = state;
    this.#core = core;
    this.#stored = stored;
  }

  get end(): bigint {
    return ramEnd(this.#state);
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    const at = hostOf(this.#state, address, length);
    return at === undefined ? undefined : this.#state.bytes.slice(at, at + length);
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    const at = hostOf(this.#state, address, bytes.length);
    if (at === undefined) return false;
    this.#stored(at, bytes.length);
    markDirty(this.#state, at, bytes.length);
    this.#state.bytes.set(bytes, at);
    for (let done = 0; done < bytes.length; ) {
      const here = Math.min(bytes.length - done, PAGE_BYTES - ((at + done) % PAGE_BYTES));
      this.#core.written(at + done, here);
      done += here;
    }
    return true;
  }
}
