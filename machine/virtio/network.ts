/**
 * Virtio network device whose link is down: there is nobody at the other end of its cable. A driver finds it, sets it up and gives it buffers;
 * what it sends is taken and lost, and nothing is ever received.
 *
 * Reference: VIRTIO 1.2, 5.1; behaviour is that of QEMU 10's hw/net/virtio-net.c after `set_link ID off`. Left out: the control queue, and with it
 * the features that need it; offloads, which QEMU's user network does not have either.
 */
import { dataOnly, type RoleStretch } from '../spec/block-request.ts';
import { DEVICE_ID } from '../spec/virtio.ts';
import type { ChainSummary, Outcome, TypeState, VirtioType } from './device-type.ts';
import { FEATURE, type Transport } from './features.ts';
import { totalLength } from './queue/buffer.ts';
import type { TracedDescriptor } from './record/trace.ts';

/** Of a network device (5.1.3); GSO exists only in the legacy interface. */
const NETWORK_FEATURE = { MAC: 1n << 5n, GSO: 1n << 6n, MRG_RXBUF: 1n << 15n, STATUS: 1n << 16n } as const;

/** The queue of buffers for what is received (5.1.2); the other one is for what is sent. */
const RECEIVE = 0;

const MAC_BYTES = 6;
/** The field `status`: its bit 0, LINK_UP, is never set. */
const STATUS_BYTES = 2;

export class NetworkDevice implements VirtioType {
  readonly kind = 'network';
  readonly id = DEVICE_ID.network;
  readonly queues = 2;
  readonly capacity = 0n;
  readonly features: bigint;
  readonly #transport: Transport;
  #mac: Uint8Array;

  /** @param mac six bytes */
  constructor(mac: Uint8Array, transport: Transport) {
    const { MAC, GSO, MRG_RXBUF, STATUS } = NETWORK_FEATURE;
    this.#mac = mac;
    this.#transport = transport;
    this.features = MAC | MRG_RXBUF | STATUS | (transport === 'legacy' ? GSO | FEATURE.ANY_LAYOUT : 0n);
  }

  config(): Uint8Array {
    const config = new Uint8Array(MAC_BYTES + STATUS_BYTES);
    config.set(this.#mac);
    return config;
  }

  /** A driver may change the address only over the legacy interface (5.1.4.3). */
  setConfig(config: Uint8Array): void {
    if (this.#transport === 'legacy') this.#mac = config.slice(0, MAC_BYTES);
  }

  driverReady(): void {}

  reset(): void {}

  summary(descriptors: readonly TracedDescriptor[]): ChainSummary {
    return { type: undefined, reserved: undefined, sector: undefined, dataFrom: 0, dataLength: totalLength(descriptors) };
  }

  roles(descriptors: readonly TracedDescriptor[]): RoleStretch[] {
    return dataOnly(descriptors);
  }

  take(queue: number): Outcome {
    if (queue === RECEIVE) return { ignored: true };
    return { bytes: new Uint8Array(), from: 0, status: undefined, usedLength: 0, atOnce: true };
  }

  /** No answer names bytes of the device's own. */
  read(): Uint8Array {
    return new Uint8Array();
  }

  save(): TypeState {
    return Object.fromEntries([...this.#mac].map((byte, index) => [`mac${index}`, byte]));
  }

  restore(state: TypeState): void {
    this.#mac = Uint8Array.from({ length: MAC_BYTES }, (_, index) => Number(state[`mac${index}`]));
  }
}
