/** RAM as devices read and write it (DMA): as all harts see it, without stores that are delayed. */
import type { Engine } from './exec/engine.ts';
import type { GuestMemory } from './ports.ts';

export class DeviceMemory implements GuestMemory {
  readonly #ram: GuestMemory;
  readonly #engine: Pick<Engine, 'delays' | 'logging' | 'now'>;

  constructor(ram: GuestMemory, engine: Pick<Engine, 'delays' | 'logging' | 'now'>) {
    this.#ram = ram;
    this.#engine = engine;
  }

  get end(): bigint {
    return this.#ram.end;
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    const bytes = this.#engine.delays.seenByAll(() => this.#ram.read(address, length));
    if (bytes !== undefined) this.#log('dma-load', address, length);
    return bytes;
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    const isDone = this.#engine.delays.seenByAll(() => this.#ram.write(address, bytes));
    if (isDone) this.#log('dma-store', address, bytes.length);
    return isDone;
  }

  #log(kind: 'dma-load' | 'dma-store', address: bigint, length: number): void {
    this.#engine.logging.log?.add(kind, { address: Number(address), time: this.#engine.now(), value: length });
  }
}
