/** Numbers and bytes in hex. */
import { utf8Text } from './text.ts';

/** A number as evidence, checks and reports write it: `0x80200000`. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

/** The two digits of each byte, as characters' codes. */
const PAIRS = Uint8Array.from({ length: 512 }, (_, at) => '0123456789abcdef'.charCodeAt(at % 2 === 0 ? at >> 5 : (at >> 1) & 15));

/** Bytes as pairs of hex digits, in lower case. */
export function hexOf(bytes: Uint8Array): string {
  // By way of bytes: a string that grows by pieces would keep each piece in memory.
  const digits = new Uint8Array(2 * bytes.length);
  for (let at = 0; at < bytes.length; at++) {
    digits[2 * at] = PAIRS[2 * bytes[at]!]!;
    digits[2 * at + 1] = PAIRS[2 * bytes[at]! + 1]!;
  }
  return utf8Text(digits);
}

/** `hex`: pairs of hex digits, of either case, and nothing else. */
export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (digitAt(hex, 2 * at) << 4) | digitAt(hex, 2 * at + 1);
  return bytes;
}

function digitAt(hex: string, at: number): number {
  const code = hex.charCodeAt(at);
  // 0 to 9 come first, and letters of either case differ in one bit.
  return code <= 0x39 ? code - 0x30 : (code & 0x1f) + 9;
}
