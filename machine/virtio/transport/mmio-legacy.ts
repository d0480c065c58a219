/**
 * Legacy virtio-mmio registers (VIRTIO 1.2, 4.2.4, interface version 1), as QEMU 10's hw/virtio/virtio-mmio.c has them on `virt`.
 *
 * QEMU's rules beyond the text: while GuestPageSize was never written QueuePFN is a byte address; QueuePFN 0 resets the whole device;
 * the page size and the feature selectors survive a reset by the driver; only queue 0 exists, others can be selected.
 */

import { DESCRIPTOR_BYTES } from '../../spec/virtio.ts';
import type { VirtioDevice } from '../device.ts';
import { availableLength, QUEUE_MAX } from '../queue/virtqueue.ts';
import type { Register } from './mmio.ts';

/** Alignment of the used ring until the driver sets one. */
const DEFAULT_ALIGN = 4096n;

/** The transport's own state: what the registers remember beside the device. */
export class LegacyTransport {
  readonly device: VirtioDevice;
  deviceFeaturesSelect = 0;
  driverFeaturesSelect = 0;
  readonly #driverFeatures = new Uint32Array(2);
  #pageShift = 0n;
  /** Survives every reset. */
  #align = DEFAULT_ALIGN;
  #queueSelect = 0;

  constructor(device: VirtioDevice) {
    this.device = device;
  }

  get deviceFeatures(): number {
    return this.deviceFeaturesSelect === 0 ? Number(this.device.deviceFeatures & 0xffff_ffffn) : 0;
  }

  /** Only the lower word reaches the device; what the driver wrote into both is kept for the trace. */
  setDriverFeatures(word: number): void {
    if (this.driverFeaturesSelect > 1) return;
    this.#driverFeatures[this.driverFeaturesSelect] = word;
    const [low = 0, high = 0] = this.#driverFeatures;
    this.device.trace.driverFeatures = (BigInt(high) << 32n) | BigInt(low);
    if (this.driverFeaturesSelect === 0) this.device.setFeatures(BigInt(word));
  }

  /** The trailing zeros of the size; 0 for a size of 0. */
  setPageSize(size: number): void {
    this.#pageShift = size === 0 ? 0n : BigInt(31 - Math.clz32(size & -size));
  }

  selectQueue(index: number): void {
    if (index < QUEUE_MAX) this.#queueSelect = index;
  }

  /** The device, where the selected queue exists. */
  get queue(): VirtioDevice | undefined {
    return this.#queueSelect === 0 ? this.device : undefined;
  }

  get pageNumber(): number {
    return this.queue ? Number(BigInt.asUintN(32, this.queue.queueRings.table >> this.#pageShift)) : 0;
  }

  setPageNumber(number: number): void {
    if (number === 0) this.reset();
    else this.#layOut(BigInt(number) << this.#pageShift);
  }

  setQueueSize(size: number): void {
    this.queue?.setQueueSize(size);
    this.#layOut();
  }

  setQueueAlign(align: number): void {
    if (align !== 0 && this.queue) this.#align = BigInt(align);
    this.#layOut();
  }

  setStatus(status: number): void {
    this.device.setStatus(status & 0xff);
    if ((status & 0xff) === 0) this.#forget();
  }

  /** The driver's reset. */
  reset(): void {
    this.device.reset();
    this.#forget();
  }

  /** The board's reset, which takes back what survives the driver's. */
  powerOn(): void {
    this.reset();
    this.deviceFeaturesSelect = 0;
    this.driverFeaturesSelect = 0;
    this.#pageShift = 0n;
  }

  /** One stretch of memory (2.7.2): table, available ring and, at the next multiple of the alignment, used ring. */
  #layOut(table = this.device.queueRings.table): void {
    if (!this.queue || table === 0n) return;
    const { queueSize } = this.queue;
    const available = table + BigInt(DESCRIPTOR_BYTES * queueSize);
    const end = available + BigInt(availableLength(queueSize));
    this.queue.setQueueRings({ table, available, used: ((end + this.#align - 1n) / this.#align) * this.#align });
  }

  #forget(): void {
    this.#queueSelect = 0;
    this.#driverFeatures.fill(0);
  }
}

/** What the specification calls the same registers today. */
export const LEGACY_NAMES: Readonly<Record<string, string>> = {
  HostFeatures: 'DeviceFeatures',
  HostFeaturesSel: 'DeviceFeaturesSel',
  GuestFeatures: 'DriverFeatures',
  GuestFeaturesSel: 'DriverFeaturesSel',
};

export const LEGACY_REGISTERS: readonly Register<LegacyTransport>[] = [
  { name: 'HostFeatures', offset: 0x010, read: (transport) => transport.deviceFeatures },
  {
    name: 'HostFeaturesSel',
    offset: 0x014,
    write: (transport, value) => {
      transport.deviceFeaturesSelect = value;
    },
  },
  { name: 'GuestFeatures', offset: 0x020, write: (transport, value) => transport.setDriverFeatures(value) },
  {
    name: 'GuestFeaturesSel',
    offset: 0x024,
    write: (transport, value) => {
      transport.driverFeaturesSelect = value;
    },
  },
  { name: 'GuestPageSize', offset: 0x028, write: (transport, value) => transport.setPageSize(value) },
  { name: 'QueueSel', offset: 0x030, write: (transport, value) => transport.selectQueue(value) },
  { name: 'QueueNumMax', offset: 0x034, read: (transport) => (transport.queue ? QUEUE_MAX : 0) },
  { name: 'QueueNum', offset: 0x038, write: (transport, value) => transport.setQueueSize(value) },
  { name: 'QueueAlign', offset: 0x03c, write: (transport, value) => transport.setQueueAlign(value) },
  {
    name: 'QueuePFN',
    offset: 0x040,
    read: (transport) => transport.pageNumber,
    write: (transport, value) => transport.setPageNumber(value),
  },
  { name: 'Status', offset: 0x070, read: (transport) => transport.device.status, write: (transport, value) => transport.setStatus(value) },
];
