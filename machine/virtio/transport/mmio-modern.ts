/**
 * Modern virtio-mmio registers (VIRTIO 1.2, 4.2.2, interface version 2), as QEMU 10's hw/virtio/virtio-mmio.c has them on `virt` with
 * `-global virtio-mmio.force-legacy=false`.
 *
 * QEMU's rules that the text does not have: features take effect when FEATURES_OK is set in Status, which is never refused; a queue's
 * addresses and size take effect when QueueReady is written, and survive a reset by the driver; QueueReady 0 stops nothing; queues that do
 * not exist can be selected and even made ready.
 */

import { STATUS_BITS } from '../../spec/virtio.ts';
import type { VirtioDevice } from '../device.ts';
import { QUEUE_MAX } from '../queue/virtqueue.ts';
import type { Register } from './register.ts';

const { FEATURES_OK } = STATUS_BITS;
const LOW_WORD = 0xffff_ffffn;

type Area = 'table' | 'available' | 'used';

interface QueueRegisters {
  /** QueueNum as written; the device may have refused it. */
  size: number;
  /** Low and high words of the areas' addresses. */
  readonly areas: Readonly<Record<Area, Uint32Array>>;
}

/** The transport's own state: what the registers remember and the device does not. */
export class ModernTransport {
  readonly device: VirtioDevice;
  readonly #driverFeatures = new Uint32Array(2);
  /** What the registers of each queue were set to. */
  #queues = new Map<number, QueueRegisters>();
  #ready = new Set<number>();
  #deviceFeaturesSelect = 0;
  #driverFeaturesSelect = 0;
  #queueSelect = 0;

  constructor(device: VirtioDevice) {
    this.device = device;
  }

  get deviceFeatures(): number {
    return Number((this.device.deviceFeatures >> BigInt(32 * this.#deviceFeaturesSelect)) & LOW_WORD);
  }

  /** Every selector other than 0 selects the second word. */
  selectDeviceFeatures(word: number): void {
    this.#deviceFeaturesSelect = word === 0 ? 0 : 1;
  }

  selectDriverFeatures(word: number): void {
    this.#driverFeaturesSelect = word === 0 ? 0 : 1;
  }

  setDriverFeatures(word: number): void {
    this.#driverFeatures[this.#driverFeaturesSelect] = word;
    this.device.trace.driverFeatures = wide(this.#driverFeatures);
  }

  selectQueue(index: number): void {
    if (index < QUEUE_MAX) this.#queueSelect = index;
  }

  /** The number of the selected queue, if there is such a queue. */
  get queue(): number | undefined {
    return this.device.hasQueue(this.#queueSelect) ? this.#queueSelect : undefined;
  }

  #registers(queue: number): QueueRegisters {
    let registers = this.#queues.get(queue);
    if (registers === undefined) {
      registers = { size: 0, areas: { table: new Uint32Array(2), available: new Uint32Array(2), used: new Uint32Array(2) } };
      this.#queues.set(queue, registers);
    }
    return registers;
  }

  setQueueSize(size: number): void {
    const { queue } = this;
    if (queue === undefined) return;
    this.#registers(queue).size = size;
    this.device.setQueueSize(queue, size);
    this.device.checkRings(queue);
  }

  setArea(area: Area, half: 0 | 1, word: number): void {
    if (this.queue !== undefined) this.#registers(this.queue).areas[area][half] = word;
  }

  get queueReady(): boolean {
    return this.#ready.has(this.#queueSelect);
  }

  setQueueReady(ready: boolean): void {
    if (!ready) {
      this.#ready.delete(this.#queueSelect);
      return;
    }
    this.#ready.add(this.#queueSelect);
    const { queue } = this;
    if (queue === undefined) return;
    const { size, areas } = this.#registers(queue);
    this.device.setQueueSize(queue, size);
    this.device.setQueueRings(queue, { table: wide(areas.table), available: wide(areas.available), used: wide(areas.used) });
  }

  setStatus(status: number): void {
    if (status & FEATURES_OK) this.device.setFeatures(wide(this.#driverFeatures));
    this.device.setStatus(status & 0xff);
    if ((status & 0xff) === 0) this.#forget();
  }

  #forget(): void {
    this.#queueSelect = 0;
    this.#ready.clear();
  }

  save() {
    return {
      selects: [this.#deviceFeaturesSelect, this.#driverFeaturesSelect, this.#queueSelect] as const,
      driverFeatures: this.#driverFeatures,
      queues: this.#queues,
      ready: this.#ready,
    };
  }

  restore({ selects, driverFeatures, queues, ready }: ReturnType<ModernTransport['save']>): void {
    [this.#deviceFeaturesSelect, this.#driverFeaturesSelect, this.#queueSelect] = selects;
    this.#driverFeatures.set(driverFeatures);
    this.#queues = queues;
    this.#ready = ready;
  }
}

function wide(words: Uint32Array): bigint {
  const [low = 0, high = 0] = words;
  return (BigInt(high) << 32n) | BigInt(low);
}

const area = (name: string, offset: number, which: Area): Register<ModernTransport>[] => [
  { name: `${name}Low`, offset, write: (transport, value) => transport.setArea(which, 0, value) },
  { name: `${name}High`, offset: offset + 4, write: (transport, value) => transport.setArea(which, 1, value) },
];

export const MODERN_REGISTERS: readonly Register<ModernTransport>[] = [
  { name: 'DeviceFeatures', offset: 0x010, read: (transport) => transport.deviceFeatures },
  { name: 'DeviceFeaturesSel', offset: 0x014, write: (transport, value) => transport.selectDeviceFeatures(value) },
  { name: 'DriverFeatures', offset: 0x020, write: (transport, value) => transport.setDriverFeatures(value) },
  { name: 'DriverFeaturesSel', offset: 0x024, write: (transport, value) => transport.selectDriverFeatures(value) },
  { name: 'QueueSel', offset: 0x030, write: (transport, value) => transport.selectQueue(value) },
  { name: 'QueueNumMax', offset: 0x034, read: (transport) => (transport.queue === undefined ? 0 : QUEUE_MAX) },
  { name: 'QueueNum', offset: 0x038, write: (transport, value) => transport.setQueueSize(value) },
  {
    name: 'QueueReady',
    offset: 0x044,
    read: (transport) => Number(transport.queueReady),
    write: (transport, value) => transport.setQueueReady(value !== 0),
  },
  { name: 'Status', offset: 0x070, read: (transport) => transport.device.status, write: (transport, value) => transport.setStatus(value) },
  ...area('QueueDesc', 0x080, 'table'),
  ...area('QueueDriver', 0x090, 'available'),
  ...area('QueueDevice', 0x0a0, 'used'),
  { name: 'ConfigGeneration', offset: 0x0fc, read: (transport) => transport.device.configGeneration },
];
