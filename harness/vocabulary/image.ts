/**
 * What a disk holds before a run: a size, and extents over zeroes. Sparse, so that a 64 MiB disk with one line of text
 * costs that line. Left out: what the guest changed (evidence) and the device's copy-on-write (machine).
 */

import { SECTOR_BYTES } from '../../machine/spec/virtio.ts';
import { Sha256 } from '../bytes/sha256.ts';

/** Bytes at an offset: given, or one byte repeated. */
export type Extent = { at: number; bytes: Uint8Array } | { at: number; fill: number; length: number };

export function extentLength(extent: Extent): number {
  return 'bytes' in extent ? extent.bytes.length : extent.length;
}

export class InitialImage {
  /** Bytes, a multiple of 512. */
  readonly size: number;
  readonly #extents: readonly Extent[];
  #sha256: string | null = null;

  /** `extents` must be sorted by offset, must not overlap, and must end within `size`. */
  constructor(size: number, extents: readonly Extent[]) {
    let end = 0;
    for (const extent of extents) {
      if (extent.at < end) throw new RangeError(`extent at ${extent.at} overlaps the one before it`);
      end = extent.at + extentLength(extent);
    }
    if (size % SECTOR_BYTES !== 0 || end > size) throw new RangeError(`an image of ${size} bytes cannot hold extents up to ${end}`);
    this.size = size;
    this.#extents = extents.filter((extent) => extentLength(extent) > 0);
  }

  /** A fresh copy of `length` bytes from byte `at`; throws RangeError beyond the end. */
  read(at: number, length: number): Uint8Array {
    if (at < 0 || length < 0 || at + length > this.size) throw new RangeError(`${length} bytes at ${at} lie outside ${this.size} bytes`);
    const result = new Uint8Array(length);
    for (let index = this.#firstEndingAfter(at); index < this.#extents.length; index++) {
      const extent = this.#extents[index]!;
      if (extent.at >= at + length) break;
      const from = Math.max(at, extent.at);
      const to = Math.min(at + length, extent.at + extentLength(extent));
      if (from >= to) continue;
      if ('bytes' in extent) result.set(extent.bytes.subarray(from - extent.at, to - extent.at), from - at);
      else result.fill(extent.fill, from - at, to - at);
    }
    return result;
  }

  /** The index of the first extent that ends after the offset. */
  #firstEndingAfter(at: number): number {
    let [low, high] = [0, this.#extents.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const extent = this.#extents[middle]!;
      if (extent.at + extentLength(extent) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The image with other bytes in these sectors, which are given in ascending order, 512 bytes each. */
  with(sectors: readonly { readonly sector: number; readonly bytes: Uint8Array }[]): InitialImage {
    const written = joined(sectors);
    const kept: Extent[] = [];
    let next = 0;
    for (const extent of this.#extents) {
      const end = extent.at + extentLength(extent);
      let from = extent.at;
      while (next < written.length && written[next]!.at + written[next]!.bytes.length <= from) next++;
      for (let index = next; index < written.length && written[index]!.at < end; index++) {
        const { at, bytes } = written[index]!;
        if (at > from) kept.push(part(extent, from, at));
        from = Math.max(from, at + bytes.length);
      }
      if (from < end) kept.push(part(extent, from, end));
    }
    return new InitialImage(
      this.size,
      [...kept, ...written].sort((a, b) => a.at - b.at),
    );
  }

  /** Every sector that holds a byte other than zero, in ascending order, with its 512 bytes. */
  *nonZeroSectors(): Generator<{ sector: number; bytes: Uint8Array }> {
    let next = 0;
    for (const extent of this.#extents) {
      const last = Math.floor((extent.at + extentLength(extent) - 1) / SECTOR_BYTES);
      for (let sector = Math.max(next, Math.floor(extent.at / SECTOR_BYTES)); sector <= last; sector++) {
        const bytes = this.read(sector * SECTOR_BYTES, SECTOR_BYTES);
        if (bytes.some((byte) => byte !== 0)) yield { sector, bytes };
      }
      next = last + 1;
    }
  }

  /**
   * The image's identity: SHA-256 (lower-case hex) over the line `bootgrade/image/v1 <size in decimal>\n` in ASCII, then for
   * each non-zero sector, ascending, its number as 8 bytes little-endian and its 512 bytes. Two descriptions of the same bytes
   * have the same identity, and zeroes cost nothing.
   */
  get sha256(): string {
    this.#sha256 ??= this.#hash();
    return this.#sha256;
  }

  #hash(): string {
    const hash = new Sha256().update(`bootgrade/image/v1 ${this.size}\n`);
    const number = new Uint8Array(8);
    const view = new DataView(number.buffer);
    for (const { sector, bytes } of this.nonZeroSectors()) {
      view.setBigUint64(0, BigInt(sector), true);
      hash.update(number).update(bytes);
    }
    return hash.digest();
  }
}

/** Sectors that follow each other become one extent. */
function joined(sectors: readonly { readonly sector: number; readonly bytes: Uint8Array }[]): { at: number; bytes: Uint8Array }[] {
  const runs: { first: number; bytes: Uint8Array[] }[] = [];
  for (const { sector, bytes } of sectors) {
    const last = runs.at(-1);
    if (last !== undefined && last.first + last.bytes.length === sector) last.bytes.push(bytes);
    else runs.push({ first: sector, bytes: [bytes] });
  }
  return runs.map(({ first, bytes }) => {
    const all = new Uint8Array(bytes.length * SECTOR_BYTES);
    bytes.forEach((one, index) => {
      all.set(one, index * SECTOR_BYTES);
    });
    return { at: first * SECTOR_BYTES, bytes: all };
  });
}

/** The bytes of an extent from one offset of the image to another, both within it. */
function part(extent: Extent, from: number, to: number): Extent {
  if ('fill' in extent) return { at: from, fill: extent.fill, length: to - from };
  return { at: from, bytes: extent.bytes.subarray(from - extent.at, to - extent.at) };
}

export function initialImage(drive: { size: number; contents: readonly Extent[] }): InitialImage {
  return new InitialImage(drive.size, drive.contents);
}

/** A drive that holds a whole file. A last sector that is not whole ends in zeroes, as with QEMU. */
export function wholeFile(bytes: Uint8Array): { size: number; contents: Extent[] } {
  return { size: Math.ceil(bytes.length / SECTOR_BYTES) * SECTOR_BYTES, contents: [{ at: 0, bytes }] };
}

export function imageOfFile(bytes: Uint8Array): InitialImage {
  return initialImage(wholeFile(bytes));
}
