/** A disk in memory, for tests. */
import type { Disk } from '../ports.ts';

export class MemoryDisk implements Disk {
  readonly readOnly = false;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes.slice();
  }

  get size(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.slice(offset, offset + length);
  }

  write(offset: number, bytes: Uint8Array): void {
    this.bytes.set(bytes, offset);
  }

  flush(): void {}
}
