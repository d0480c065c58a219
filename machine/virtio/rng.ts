/**
 * Virtio entropy device: fills the driver's buffers with bytes that are computed from a seed, so that runs can be repeated.
 *
 * Reference: VIRTIO 1.2, 5.4; behaviour is that of QEMU 10's hw/virtio/virtio-rng.c: a request is filled whole. One without a
 * device-writable byte is not answered (QEMU answers it with 0 bytes once another request has room). A reset does not start the sequence again.
 * The bytes are a hash of their position and the seed: they look random enough for a lab's tests, but are not secret.
 * Left out: QEMU's limit of the rate (max-bytes, period).
 */
import { dataOnly, type RoleStretch } from '../spec/block-request.ts';
import { DEVICE_ID } from '../spec/virtio.ts';
import type { ChainSummary, Outcome, TypeState, VirtioType } from './device-type.ts';
import { FEATURE, type Transport } from './features.ts';
import { totalLength } from './queue/buffer.ts';
import type { Chain } from './queue/virtqueue.ts';
import type { TracedDescriptor } from './record/trace.ts';

/** The length field of a used element has 32 bits. */
const LENGTH_MODULUS = 2 ** 32;

export class EntropyDevice implements VirtioType {
  readonly kind = 'entropy';
  readonly id = DEVICE_ID.entropy;
  readonly queues = 1;
  readonly capacity = 0n;
  readonly features: bigint;
  readonly #seed: number;
  /** How many bytes have been given out. */
  #position = 0;

  /** @param seed 0 to 2^32 - 1 */
  constructor(seed: number, transport: Transport) {
    this.#seed = seed;
    this.features = transport === 'legacy' ? FEATURE.ANY_LAYOUT : 0n;
  }

  config(): Uint8Array {
    return new Uint8Array();
  }

  setConfig(): void {}

  driverReady(): void {}

  reset(): void {}

  summary(descriptors: readonly TracedDescriptor[]): ChainSummary {
    return { type: undefined, reserved: undefined, sector: undefined, dataFrom: 0, dataLength: totalLength(descriptors) };
  }

  roles(descriptors: readonly TracedDescriptor[]): RoleStretch[] {
    return dataOnly(descriptors);
  }

  take(_queue: number, { writable }: Chain): Outcome {
    const length = totalLength(writable);
    if (length === 0) return { ignored: true };
    const position = this.#position;
    this.#position += length;
    return { bytes: { position, length }, from: 0, status: undefined, usedLength: length % LENGTH_MODULUS, atOnce: true };
  }

  read(position: number, length: number): Uint8Array {
    return entropy(this.#seed, position, length);
  }

  save(): TypeState {
    return { position: this.#position };
  }

  restore({ position }: TypeState): void {
    this.#position = Number(position);
  }
}

/** `length` bytes of the seed's sequence, from a position on. */
export function entropy(seed: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = byteAt(seed, position + i);
  return bytes;
}

function byteAt(seed: number, position: number): number {
  const word = Math.floor(position / 4);
  const [low, high] = [word >>> 0, Math.floor(word / 2 ** 32)];
  return (mixed(mixed(low ^ mixed(seed)) ^ mixed(seed + high + 1)) >>> (8 * (position % 4))) & 0xff;
}

/** Lets every bit of a word affect all bits. Each step can be undone, so two different words never give the same result. */
function mixed(word: number): number {
  let x = word >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  return (x ^ (x >>> 15)) >>> 0;
}
