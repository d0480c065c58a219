/** What a drive's image holds after the run: what it held before, with the sectors that the run changed. */
import { SECTOR_BYTES } from '../../machine/spec/virtio.ts';
import type { ImageEvidence } from '../evidence/evidence.ts';
import { sectorFromHex } from '../evidence/sector-bytes.ts';
import type { InitialImage } from '../vocabulary/image.ts';

export class FinalImage {
  readonly size: number;
  readonly #initial: InitialImage;
  readonly #changed: ImageEvidence['changed'];

  constructor(initial: InitialImage, { changed }: ImageEvidence) {
    this.size = initial.size;
    this.#initial = initial;
    this.#changed = changed;
  }

  /** A fresh copy of `length` bytes from byte `at`; throws RangeError beyond the end. */
  read(at: number, length: number): Uint8Array {
    const result = this.#initial.read(at, length);
    for (let sector = Math.floor(at / SECTOR_BYTES); sector * SECTOR_BYTES < at + length; sector++) {
      const hex = this.#changed[String(sector)];
      if (hex === undefined) continue;
      const start = Math.max(at, sector * SECTOR_BYTES);
      const end = Math.min(at + length, (sector + 1) * SECTOR_BYTES);
      result.set(sectorFromHex(hex).subarray(start - sector * SECTOR_BYTES, end - sector * SECTOR_BYTES), start - at);
    }
    return result;
  }
}
