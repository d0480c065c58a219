/** A changed sector as evidence has it: hex, without the zeroes at its end, of which a disk has many. */

import { SECTOR_BYTES } from '../../machine/spec/virtio.ts';
import { bytesOfHex, hexOf } from '../bytes/hex.ts';

/** How many of the bytes come before the zeroes at the end. */
export function contentLength(bytes: Uint8Array): number {
  let length = bytes.length;
  // By words, as far as they can be taken: a kernel may write gigabytes.
  if (bytes.byteOffset % 4 === 0 && length % 4 === 0) {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, length / 4);
    let word = words.length;
    while (word > 0 && words[word - 1] === 0) word--;
    length = word * 4;
  }
  while (length > 0 && bytes[length - 1] === 0) length--;
  return length;
}

export function sectorToHex(bytes: Uint8Array): string {
  return hexOf(bytes.subarray(0, contentLength(bytes)));
}

/** The whole sector. */
export function sectorFromHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(SECTOR_BYTES);
  bytes.set(bytesOfHex(hex));
  return bytes;
}
