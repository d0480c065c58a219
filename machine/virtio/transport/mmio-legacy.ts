/**
 * Legacy virtio-mmio registers (VIRTIO 1.2, 4.2.4, interface version 1), as QEMU 10's hw/virtio/virtio-mmio.c has them on `virt`.
 *
 * QEMU's rules that the text does not have: as long as GuestPageSize was never written, QueuePFN is a byte address; QueuePFN 0 resets the
 * whole device;
 * the page size and the feature selectors survive a reset by the driver; queues that do not exist can be selected.
 */

import { DESCRIPTOR_BYTES } from '../../spec/virtio.ts';
import type { VirtioDevice } from '../device.ts';
import { availableLength, QUEUE_MAX } from '../queue/virtqueue.ts';
import type { Register } from './register.ts';

/** Alignment of the used ring until the driver sets one. */
const DEFAULT_ALIGN = 4096n;

/** The transport's own state: what the registers remember and the device does not. */
export class LegacyTransport {
  readonly device: VirtioDevice;
  deviceFeaturesSelect = 0;
  driverFeaturesSelect = 0;
  readonly #driverFeatures = new Uint32Array(2);
  #pageShift = 0n;
  /** For each queue whose alignment the driver has set; it survives every reset. */
  #align: ReadonlyMap<number, bigint> = new Map<number, bigint>();
  #queueSelect = 0;

  constructor(device: VirtioDevice) {
    this.device = device;
  }

  get deviceFeatures(): number {
    return this.deviceFeaturesSelect === 0 ? Number(this.device.deviceFeatures & 0xffff_ffffn) : 0;
  }

  /** Only the lower word reaches the device. Both words are kept for the trace. */
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

  /** The number of the selected queue, if there is such a queue. */
  get queue(): number | undefined {
    return this.device.hasQueue(this.#queueSelect) ? this.#queueSelect : undefined;
  }

  get pageNumber(): number {
    return this.queue === undefined ? 0 : Number(BigInt.asUintN(32, this.device.queueRings(this.queue).table >> this.#pageShift));
  }

  setPageNumber(number: number): void {
    if (number === 0) this.reset();
    else this.#layOut(BigInt(number) << this.#pageShift);
  }

  setQueueSize(size: number): void {
    if (this.queue !== undefined) this.device.setQueueSize(this.queue, size);
    this.#layOut();
  }

  setQueueAlign(align: number): void {
    if (align !== 0 && this.queue !== undefined) this.#align = new Map(this.#align).set(this.queue, BigInt(align));
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

  /** One range of memory (2.7.2): table, available ring and, at the next multiple of the alignment, used ring. */
  #layOut(asked?: bigint): void {
    const { queue, device } = this;
    if (queue === undefined) return;
    const table = asked ?? device.queueRings(queue).table;
    if (table === 0n) return;
    const queueSize = device.queueSize(queue);
    const align = this.#align.get(queue) ?? DEFAULT_ALIGN;
    const available = table + BigInt(DESCRIPTOR_BYTES * queueSize);
    const end = available + BigInt(availableLength(queueSize));
    // A new size or alignment lays the same page number out anew.
    const page = asked === undefined ? undefined : { number: Number(asked >> this.#pageShift), unit: 1n << this.#pageShift };
    device.setQueueRings(queue, { table, available, used: ((end + align - 1n) / align) * align }, page);
  }

  #forget(): void {
    this.#queueSelect = 0;
    this.#driverFeatures.fill(0);
  }

  save() {
    return {
      selects: [this.deviceFeaturesSelect, this.driverFeaturesSelect, this.#queueSelect] as const,
      driverFeatures: this.#driverFeatures,
      pageShift: this.#pageShift,
      align: this.#align,
    };
  }

  restore({ selects, driverFeatures, pageShift, align }: ReturnType<LegacyTransport['save']>): void {
    [this.deviceFeaturesSelect, this.driverFeaturesSelect, this.#queueSelect] = selects;
    this.#driverFeatures.set(driverFeatures);
    this.#pageShift = pageShift;
    this.#align = align;
  }
}

/** The names that the specification uses for the same registers today. */
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
  { name: 'QueueNumMax', offset: 0x034, read: (transport) => (transport.queue === undefined ? 0 : QUEUE_MAX) },
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
