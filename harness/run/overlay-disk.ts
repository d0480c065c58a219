/**
 * A disk over a scenario's initial image: writes stay in memory, sector by sector, so what was handed in or named in a
 * rubric is never written, and a run costs only what its guest wrote. How much that may be is bounded, before a write is made: a
 * kernel can fill any disk.
 */
import type { Disk } from '../../machine/index.ts';
import { SECTOR_BYTES as SECTOR } from '../../machine/spec/virtio.ts';
import { contentLength } from '../evidence/sector-bytes.ts';

/** An image that is only read. Offsets and lengths in bytes; callers stay below `size`. */
export interface ImageReader {
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
}

export interface OverlayOptions {
  /** The device refuses writes. */
  readonly readOnly?: boolean;
  /** Called when a write has no room, before each piece of it that is dropped. */
  readonly full?: () => void;
}

/** Written sectors that are held, in bytes, and bytes of them without the zeroes at each sector's end: what evidence holds. */
export const MOST_HELD = 128 * 2 ** 20;
export const MOST_CONTENT = 8 * 2 ** 20;

interface Written {
  /** The whole sector. */
  readonly bytes: Uint8Array;
  /** Of its bytes, those before the zeroes at its end. */
  content: number;
}

export class OverlayDisk implements Disk {
  readonly readOnly: boolean;
  readonly #base: ImageReader;
  readonly #full: () => void;
  /** By sector number. */
  readonly #written = new Map<number, Written>();
  #content = 0;

  constructor(base: ImageReader, { readOnly = false, full = () => {} }: OverlayOptions = {}) {
    this.readOnly = readOnly;
    this.#base = base;
    this.#full = full;
  }

  get size(): number {
    return this.#base.size;
  }

  /** What was written and does not fit, in words; undefined while all of it does. */
  overflow: string | undefined;

  read(offset: number, length: number): Uint8Array {
    // A copy: the base may hand out a view of its own bytes.
    const bytes = new Uint8Array(this.#base.read(offset, length));
    if (this.#written.size === 0) return bytes;
    for (let at = offset; at < offset + length; ) {
      const sector = Math.floor(at / SECTOR);
      const from = at % SECTOR;
      const count = Math.min(SECTOR - from, offset + length - at);
      const written = this.#written.get(sector);
      if (written) bytes.set(written.bytes.subarray(from, from + count), at - offset);
      at += count;
    }
    return bytes;
  }

  write(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const sector = Math.floor((offset + done) / SECTOR);
      const from = (offset + done) % SECTOR;
      const count = Math.min(SECTOR - from, bytes.length - done);
      if (!this.#hasRoom(sector)) return this.#full();
      const written = this.#own(sector);
      written.bytes.set(bytes.subarray(done, done + count), from);
      this.#measure(written);
      done += count;
    }
  }

  flush(): void {}

  /** Sectors whose bytes now differ from the image's, in ascending order: one that was written back as it was does not count. */
  changed(): { sector: number; bytes: Uint8Array }[] {
    return [...this.#written]
      .filter(([sector, { bytes }]) => !Buffer.from(this.#base.read(sector * SECTOR, bytes.length)).equals(bytes))
      .map(([sector, { bytes }]) => ({ sector, bytes }))
      .sort((a, b) => a.sector - b.sector);
  }

  /** Whether one more write to the sector is kept. */
  #hasRoom(sector: number): boolean {
    if (!this.#written.has(sector) && (this.#written.size + 1) * SECTOR > MOST_HELD)
      this.overflow ??= `${MOST_HELD / 2 ** 20} MiB of sectors`;
    if (this.#content > MOST_CONTENT) this.overflow ??= `${MOST_CONTENT / 2 ** 20} MiB of data (zeroes not counted)`;
    return this.overflow === undefined;
  }

  #measure(written: Written): void {
    const content = contentLength(written.bytes);
    this.#content += content - written.content;
    written.content = content;
  }

  #own(sector: number): Written {
    const known = this.#written.get(sector);
    if (known) return known;
    const start = sector * SECTOR;
    const written = { bytes: new Uint8Array(this.#base.read(start, Math.min(SECTOR, this.size - start))), content: 0 };
    this.#written.set(sector, written);
    this.#measure(written);
    return written;
  }
}
