/**
 * The buffers of a descriptor chain, read and written as one string of bytes.
 *
 * The driver chooses the addresses, so a buffer may lie outside RAM, or half outside. As in QEMU, bytes outside read as zero, writes to
 * them are lost, and the driver gets no error. (In QEMU a buffer at a device's registers would access the registers; here it does not.)
 */
import type { GuestMemory } from '../../ports.ts';

export interface Buffer {
  readonly address: bigint;
  readonly length: number;
}

interface Part extends Buffer {
  readonly ram: boolean;
}

const advance = (address: bigint, by: number): bigint => BigInt.asUintN(64, address + BigInt(by));

/**
 * Cuts a buffer where RAM begins or ends. On this board RAM is one range; a buffer that begins and ends outside of it counts as outside.
 */
function cut(memory: GuestMemory, { address, length }: Buffer): Part[] {
  const isRam = (at: number): boolean => memory.read(advance(address, at), 1) !== undefined;
  if (length === 0) return [];
  const ram = isRam(0);
  if (isRam(length - 1) === ram) return [{ address, length, ram }];
  // Bisects for the first byte that is on the other side than byte 0: `low` is on the same side, `high` is not.
  let low = 0;
  let high = length - 1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isRam(middle) === ram) low = middle;
    else high = middle;
  }
  return [
    { address, length: high, ram },
    { address: advance(address, high), length: length - high, ram: !ram },
  ];
}

export function totalLength(buffers: readonly Buffer[]): number {
  return buffers.reduce((sum, buffer) => sum + buffer.length, 0);
}

/** How many bytes of the buffer lie outside RAM. */
export function unmappedLength(memory: GuestMemory, buffer: Buffer): number {
  return totalLength(cut(memory, buffer).filter((part) => !part.ram));
}

/** The pieces of the buffers that hold bytes `from` to `from + length` of their concatenation; fewer if it ends before. */
export function slice(buffers: readonly Buffer[], from: number, length: number): Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  for (const buffer of buffers) {
    const first = Math.max(from - start, 0);
    const last = Math.min(from + length - start, buffer.length);
    if (first < last) pieces.push({ address: advance(buffer.address, first), length: last - first });
    start += buffer.length;
    if (start >= from + length) break;
  }
  return pieces;
}

/** Bytes `from` to `from + length` of the concatenation; fewer if it ends before. The caller must bound `length`. */
export function gather(memory: GuestMemory, buffers: readonly Buffer[], from: number, length: number): Uint8Array {
  const pieces = slice(buffers, from, length);
  const bytes = new Uint8Array(totalLength(pieces));
  let at = 0;
  for (const part of pieces.flatMap((piece) => cut(memory, piece))) {
    const found = part.ram ? memory.read(part.address, part.length) : undefined;
    if (found) bytes.set(found, at);
    at += part.length;
  }
  return bytes;
}

/** Writes `bytes` into the concatenation, from byte `from` on; the buffers must have room for them. */
export function scatter(memory: GuestMemory, buffers: readonly Buffer[], from: number, bytes: Uint8Array): void {
  let at = 0;
  for (const part of slice(buffers, from, bytes.length).flatMap((piece) => cut(memory, piece))) {
    if (part.ram) memory.write(part.address, bytes.subarray(at, at + part.length));
    at += part.length;
  }
}
