/**
 * Guest memory for a device's tests: one range of RAM over a plain byte array.
 * Little-endian helpers read and write it as a driver would.
 */
import { hex } from '../hex.ts';
import type { GuestMemory } from '../ports.ts';

export class FlatMemory implements GuestMemory {
  readonly base: bigint;
  readonly bytes: Uint8Array;

  constructor(base: bigint, size: number) {
    this.base = base;
    this.bytes = new Uint8Array(size);
  }

  get end(): bigint {
    return this.base + BigInt(this.bytes.length);
  }

  read(address: bigint, length: number): Uint8Array | undefined {
    const start = this.#offset(address, length);
    return start === undefined ? undefined : this.bytes.slice(start, start + length);
  }

  write(address: bigint, bytes: Uint8Array): boolean {
    const start = this.#offset(address, bytes.length);
    if (start === undefined) return false;
    this.bytes.set(bytes, start);
    return true;
  }

  /** An unsigned little-endian number of `width` bytes. Throws outside RAM, since a test that reads there is wrong. */
  peek(address: bigint, width: 1 | 2 | 4 | 8): bigint {
    const bytes = this.read(address, width);
    if (bytes === undefined) throw new RangeError(`no RAM at ${hex(address)}`);
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  poke(address: bigint, width: 1 | 2 | 4 | 8, value: bigint | number): void {
    const bytes = Uint8Array.from({ length: width }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));
    if (!this.write(address, bytes)) throw new RangeError(`no RAM at ${hex(address)}`);
  }

  #offset(address: bigint, length: number): number | undefined {
    const start = address - this.base;
    if (start < 0n || start + BigInt(length) > BigInt(this.bytes.length)) return undefined;
    return Number(start);
  }
}
