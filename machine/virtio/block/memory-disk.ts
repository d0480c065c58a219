/** A disk in memory over an initial image: sparse, and copy-on-write. It holds only the sectors that were written. */
import type { Disk } from '../../ports.ts';
import { SECTOR_BYTES } from '../../spec/virtio.ts';

export interface MemoryDisk extends Disk {
  /** The sectors that were written, by sector number. */
  readonly written: ReadonlyMap<number, Uint8Array>;
}

/**
 * `size` in bytes, a multiple of 512. `initial` is read but never written; beyond its end the disk is zero.
 * Reads and writes outside the disk throw RangeError.
 */
export function memoryDisk(size: number, initial: Uint8Array = new Uint8Array(0)): MemoryDisk {
  if (!Number.isSafeInteger(size) || size < 0 || size % SECTOR_BYTES !== 0)
    throw new RangeError(`disk size ${size} is not a multiple of ${SECTOR_BYTES}`);
  if (initial.length > size) throw new RangeError(`an image of ${initial.length} bytes does not fit a disk of ${size}`);
  const written = new Map<number, Uint8Array>();

  const check = (offset: number, length: number): void => {
    if (offset < 0 || length < 0 || offset + length > size) throw new RangeError(`${length} bytes at ${offset} are outside the disk`);
  };
  const initialBytes = (offset: number, length: number): Uint8Array => {
    const bytes = new Uint8Array(length);
    bytes.set(initial.subarray(offset, offset + length));
    return bytes;
  };
  const writable = (sector: number): Uint8Array => {
    const bytes = written.get(sector) ?? initialBytes(sector * SECTOR_BYTES, SECTOR_BYTES);
    written.set(sector, bytes);
    return bytes;
  };

  return {
    size,
    readOnly: false,
    written,
    read(offset, length) {
      check(offset, length);
      const bytes = initialBytes(offset, length);
      if (written.size === 0) return bytes;
      for (let at = offset; at < offset + length; ) {
        const within = at % SECTOR_BYTES;
        const count = Math.min(SECTOR_BYTES - within, offset + length - at);
        const sector = written.get(Math.floor(at / SECTOR_BYTES));
        if (sector) bytes.set(sector.subarray(within, within + count), at - offset);
        at += count;
      }
      return bytes;
    },
    write(offset, bytes) {
      check(offset, bytes.length);
      for (let done = 0; done < bytes.length; ) {
        const within = (offset + done) % SECTOR_BYTES;
        const count = Math.min(SECTOR_BYTES - within, bytes.length - done);
        writable(Math.floor((offset + done) / SECTOR_BYTES)).set(bytes.subarray(done, done + count), within);
        done += count;
      }
    },
    flush() {},
  };
}
