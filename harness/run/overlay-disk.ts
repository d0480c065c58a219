/**
 * A disk over a scenario's initial image: writes stay in memory, sector by sector, so what was handed in or named in a
 * rubric is never written, and a run costs only what its guest wrote.
 */
import type { Disk } from '../../machine/index.ts';
import { SECTOR_BYTES as SECTOR } from '../rubric/sector.ts';

/** An image that is only read. Offsets and lengths in bytes; callers stay below `size`. */
export interface ImageReader {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

export class OverlayDisk implements Disk {
  readonly readOnly: boolean;
  readonly #base: ImageReader;
  /** Written sectors by number, whole. */
  readonly #written = new Map<number, Uint8Array>();

  /** `readOnly`: the device refuses writes. */
  constructor(base: ImageReader, readOnly = false) {
    this.readOnly = readOnly;
    this.#base = base;
  }

  get size(): number {
    return this.#base.size;
  }

  /** Bytes of memory that the written sectors take. */
  get held(): number {
    return this.#written.size * SECTOR;
  }

  read(offset: number, length: number): Uint8Array {
    // A copy: the base may hand out a view of its own bytes.
    const bytes = Uint8Array.from(this.#base.read(offset, length));
    if (this.#written.size === 0) return bytes;
    for (let at = offset; at < offset + length; ) {
      const sector = Math.floor(at / SECTOR);
      const from = at % SECTOR;
      const count = Math.min(SECTOR - from, offset + length - at);
      const written = this.#written.get(sector);
      if (written) bytes.set(written.subarray(from, from + count), at - offset);
      at += count;
    }
    return bytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const sector = Math.floor((offset + done) / SECTOR);
      const from = (offset + done) % SECTOR;
      const count = Math.min(SECTOR - from, bytes.length - done);
      this.#own(sector).set(bytes.subarray(done, done + count), from);
      done += count;
    }
  }

  flush(): void {}

  /** Sectors whose bytes now differ from the image's, in ascending order: one that was written back as it was does not count. */
  changed(): { sector: number; bytes: Uint8Array }[] {
    return [...this.#written]
      .filter(([sector, bytes]) => !Buffer.from(this.#base.read(sector * SECTOR, bytes.length)).equals(bytes))
      .map(([sector, bytes]) => ({ sector, bytes }))
      .sort((a, b) => a.sector - b.sector);
  }

  #own(sector: number): Uint8Array {
    const known = this.#written.get(sector);
    if (known) return known;
    const start = sector * SECTOR;
    const copy = Uint8Array.from(this.#base.read(start, Math.min(SECTOR, this.size - start)));
    this.#written.set(sector, copy);
    return copy;
  }
}
