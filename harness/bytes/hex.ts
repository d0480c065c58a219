/** Numbers and bytes in hex. */

/** A number as evidence, checks and reports write it: `0x80200000`. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Bytes as pairs of hex digits, in lower case. */
export function hexOf(bytes: Uint8Array): string {
  let hex = '';
  for (const byte of bytes) hex += PAIRS[byte]!;
  return hex;
}

/** `hex`: pairs of hex digits, of either case, and nothing else. */
export function bytesOfHex(hex: string): Uint8Array {
  const bytes = new Uint8Array(hex.length / 2);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}
