/**
 * A mock driver of the legacy virtio-mmio block device: plays the kernel's part against a slot, well-behaved or not.
 * Register offsets and layouts are written out from VIRTIO 1.2 (2.7.2, 4.2.2, 4.2.4, 5.2.6), not taken from the device.
 */

import type { Disk, MemoryWatch } from '../ports.ts';
import { DESCRIPTOR_FLAG } from '../spec/virtio.ts';
import { BlockDevice } from '../virtio/block/block.ts';
import type { VirtioType } from '../virtio/device-type.ts';
import { FaultPlan, type PlannedFault } from '../virtio/faults.ts';
import type { Transport } from '../virtio/features.ts';
import { TraceRoom } from '../virtio/record/kept-requests.ts';
import type { RecorderOptions } from '../virtio/record/recorder.ts';
import { createVirtioMmioSlot, type SlotOptions, type VirtioMmioSlot } from '../virtio/transport/mmio.ts';
import { WorkMeter } from '../work-meter.ts';
import { FlatMemory } from './flat-memory.ts';
import { ManualClock, RecordedLine } from './manual-clock.ts';

export const REGISTER = {
  MagicValue: 0x00,
  Version: 0x04,
  DeviceID: 0x08,
  VendorID: 0x0c,
  HostFeatures: 0x10,
  HostFeaturesSel: 0x14,
  GuestFeatures: 0x20,
  GuestFeaturesSel: 0x24,
  GuestPageSize: 0x28,
  QueueSel: 0x30,
  QueueNumMax: 0x34,
  QueueNum: 0x38,
  QueueAlign: 0x3c,
  QueuePFN: 0x40,
  QueueNotify: 0x50,
  InterruptStatus: 0x60,
  InterruptACK: 0x64,
  Status: 0x70,
} as const;

/** Registers that only the modern transport has; for each address, that of the low word. */
export const MODERN_REGISTER = {
  QueueReady: 0x44,
  QueueDescLow: 0x80,
  QueueDriverLow: 0x90,
  QueueDeviceLow: 0xa0,
  ConfigGeneration: 0xfc,
} as const;

const OFFSETS = { ...REGISTER, ...MODERN_REGISTER } as const;
export type RegisterName = keyof typeof OFFSETS;

export const RAM = 0x8000_0000n;
export const RAM_SIZE = 1 << 20;
/** Where the driver keeps things. */
export const AT = { ring: 0x8000_1000n, table: 0x8001_0000n, header: 0x8002_0000n, status: 0x8002_1000n, data: 0x8003_0000n } as const;

const { NEXT, WRITE } = DESCRIPTOR_FLAG;
/** What a status byte holds until the device writes it. */
export const NO_STATUS = 0xee;

export interface MockDescriptor {
  readonly address: bigint;
  readonly length: number;
  /** 1 next, 2 device-writable, 4 indirect. */
  readonly flags?: number;
  readonly next?: number;
}

export interface Handshake {
  readonly features?: bigint;
  readonly queueSize?: number;
  readonly align?: number;
}

export interface MockRequest {
  readonly type: number;
  readonly sector?: bigint;
  readonly length?: number;
  /** True for an IN and false for an OUT, unless it is given. */
  readonly dataWritable?: boolean;
}

export class MockDriver {
  readonly memory = new FlatMemory(RAM, RAM_SIZE);
  readonly clock = new ManualClock();
  readonly line = new RecordedLine();
  readonly work = new WorkMeter();
  readonly slot: VirtioMmioSlot;
  /** Index of the available ring, which counts on and wraps around at 65536. */
  #available = 0;
  #size = 0;
  #align = 4096;
  readonly #transport: Transport;

  /** @param device what is in the slot: a disk, or a device of any kind */
  constructor(
    device?: Disk | VirtioType,
    serial = 'blk0',
    transport: Transport = 'legacy',
    watch?: MemoryWatch,
    faults?: readonly PlannedFault[],
    recorder: RecorderOptions = { room: new TraceRoom(), recording: {} },
    virtual?: SlotOptions['virtual'],
  ) {
    this.#transport = transport;
    this.slot = createVirtioMmioSlot({
      memory: this.memory,
      clock: this.clock,
      interrupt: this.line,
      instructions: () => BigInt(this.clock.now()),
      consoleBytes: () => 7,
      pc: () => 0x100n,
      virtual,
      work: this.work,
      recorder,
      transport,
      watch: watch && (() => watch),
      faults: faults && new FaultPlan(faults),
      type:
        device === undefined || 'take' in device
          ? device
          : new BlockDevice({ memory: this.memory, work: this.work }, device, serial, transport),
    });
  }

  read(register: RegisterName): number {
    return this.slot.device.read(OFFSETS[register], 4);
  }

  write(register: RegisterName, value: number): void {
    this.slot.device.write(OFFSETS[register], value, 4);
  }

  /** Reset, feature negotiation, queue set-up, DRIVER_OK. */
  handshake({ features = 0n, queueSize = 8, align = 4096 }: Handshake = {}): this {
    this.prepare(queueSize, align);
    this.write('Status', 0);
    this.write('Status', 3);
    this.write('GuestFeaturesSel', 0);
    this.write('GuestFeatures', Number(features & 0xffff_ffffn));
    if (this.#transport === 'legacy') this.#placeLegacy();
    else this.#placeModern(features);
    return this;
  }

  #placeLegacy(): void {
    this.write('GuestPageSize', 4096);
    this.write('QueueSel', 0);
    this.write('QueueNum', this.#size);
    this.write('QueueAlign', this.#align);
    this.write('QueuePFN', Number(AT.ring >> 12n));
    this.write('Status', 7);
  }

  #placeModern(features: bigint): void {
    this.write('GuestFeaturesSel', 1);
    this.write('GuestFeatures', Number(features >> 32n));
    this.write('Status', 0xb);
    this.write('QueueSel', 0);
    this.write('QueueNum', this.#size);
    this.write('QueueDescLow', Number(AT.ring));
    this.write('QueueDriverLow', Number(this.availableRing));
    this.write('QueueDeviceLow', Number(this.usedRing));
    this.write('QueueReady', 1);
    this.write('Status', 0xf);
  }

  /** Zeroes all memory, and begins with a queue of this size. */
  prepare(queueSize: number, align = 4096): void {
    this.memory.bytes.fill(0);
    this.#size = queueSize;
    this.#align = align;
    this.#available = 0;
  }

  get availableRing(): bigint {
    return AT.ring + BigInt(16 * this.#size);
  }

  get usedRing(): bigint {
    const end = this.availableRing + BigInt(4 + 2 * this.#size);
    return ((end + BigInt(this.#align) - 1n) / BigInt(this.#align)) * BigInt(this.#align);
  }

  /** Writes a descriptor into the queue's table, or into one at `table`. */
  describe(index: number, { address, length, flags = 0, next = 0 }: MockDescriptor, table: bigint = AT.ring): this {
    const at = table + BigInt(16 * index);
    this.memory.poke(at, 8, address);
    this.memory.poke(at + 8n, 4, length);
    this.memory.poke(at + 12n, 2, flags);
    this.memory.poke(at + 14n, 2, next);
    return this;
  }

  header(type: number, sector = 0n, address: bigint = AT.header): this {
    this.memory.poke(address, 4, type);
    this.memory.poke(address + 4n, 4, 0);
    this.memory.poke(address + 8n, 8, sector);
    return this;
  }

  /** Descriptors 0, 1, 2: header, data, status. */
  chain({ type, sector = 0n, length = 512, dataWritable = (type & 1) === 0 }: MockRequest, table: bigint = AT.ring): this {
    this.header(type, sector);
    this.memory.poke(AT.status, 1, NO_STATUS);
    this.describe(0, { address: AT.header, length: 16, flags: NEXT, next: 1 }, table);
    this.describe(1, { address: AT.data, length, flags: NEXT | (dataWritable ? WRITE : 0), next: 2 }, table);
    return this.describe(2, { address: AT.status, length: 1, flags: WRITE }, table);
  }

  /** Makes a chain available. */
  offer(head = 0): this {
    this.memory.poke(this.availableRing + 4n + BigInt(2 * (this.#available % this.#size)), 2, head);
    return this.setAvailableIndex(this.#available + 1);
  }

  setAvailableIndex(index: number): this {
    this.#available = index & 0xffff;
    this.memory.poke(this.availableRing + 2n, 2, this.#available);
    return this;
  }

  setAvailableFlags(flags: number): this {
    this.memory.poke(this.availableRing, 2, flags);
    return this;
  }

  setUsedEvent(index: number): this {
    this.memory.poke(this.availableRing + 4n + BigInt(2 * this.#size), 2, index);
    return this;
  }

  availableEvent(): number {
    return Number(this.memory.peek(this.usedRing + 4n + BigInt(8 * this.#size), 2));
  }

  notify(): this {
    this.write('QueueNotify', 0);
    return this;
  }

  /** Lets the device's time pass. */
  wait(nanoseconds = 20_000): this {
    this.clock.advance(nanoseconds);
    return this;
  }

  /** Offers descriptor 0, notifies and waits. */
  run(): this {
    return this.offer().notify().wait();
  }

  usedIndex(): number {
    return Number(this.memory.peek(this.usedRing + 2n, 2));
  }

  usedElement(position = 0): { id: number; length: number } {
    const at = this.usedRing + 4n + BigInt(8 * position);
    return { id: Number(this.memory.peek(at, 4)), length: Number(this.memory.peek(at + 4n, 4)) };
  }

  status(): number {
    return Number(this.memory.peek(AT.status, 1));
  }

  data(length = 512): Uint8Array {
    return this.memory.read(AT.data, length) ?? new Uint8Array(0);
  }

  setData(bytes: Uint8Array): this {
    this.memory.write(AT.data, bytes);
    return this;
  }
}
