/** Guest RAM as devices see it (DMA): bytes, and decoded instructions forgotten where they are overwritten. */
import type { Core } from './exec/core.ts';
import { type HartState, RAM, RAM_BASE } from './layout/state.ts';
import type { GuestMemory } from './ports.ts';

const PAGE = 4096;

export class Ram implements GuestMemory {
  private readonly state: HartState;
  private readonly core: Core;
  private readonly size: bigint;
  private readonly stored: (host: number, length: number) => void;

  /** @param stored told before a device writes: host address, bytes */
  constructor(state: HartState, core: Core, stored: (host: number, length: number) => void = () => undefined) {
    this.state = state;
    this.core = core;
    this.size = state.get('ramSize');
    this.stored = stored;
  }

  /** Offset in the WebAssembly memory, or undefined where not every byte is RAM. */
  private locate(address: bigint, length: number): number | undefined {
    const offset = address - BigInt(RAM_BASE);
    return offset >= 0n && offset + BigInt(length) <= this.size ? RAM + Number(offset) : undefined;
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    const at = this.locate(address, length);
    return at === undefined ? undefined : this.state.bytes.slice(at, at + length);
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    const at = this.locate(address, bytes.length);
    if (at === undefined) return false;
    this.stored(at, bytes.length);
    this.state.bytes.set(bytes, at);
    for (let done = 0; done < bytes.length; ) {
      const here = Math.min(bytes.length - done, PAGE - ((at + done) % PAGE));
      this.core.written(at + done, here);
      done += here;
    }
    return true;
  }
}
