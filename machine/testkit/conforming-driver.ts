/**
 * A driver that follows the specification: it makes each step of VIRTIO 1.2, 3.1.1 and 4.2.3, on either transport. A test of a conformance
 * rule leaves a step out, or replaces it by another one.
 */
import type { Disk, MemoryWatch } from '../ports.ts';
import { memoryDisk } from '../virtio/block/memory-disk.ts';
import type { VirtioType } from '../virtio/device-type.ts';
import type { Transport } from '../virtio/features.ts';
import type { SlotOptions } from '../virtio/transport/mmio.ts';
import { AT, MODERN_REGISTER, MockDriver, type MockRequest, REGISTER } from './mock-driver.ts';

const OFFSET = { ...REGISTER, ...MODERN_REGISTER, QueueDescHigh: 0x84, QueueDriverHigh: 0x94, QueueDeviceHigh: 0xa4 } as const;
export type AnyRegister = keyof typeof OFFSET;

const SECTORS = 128;
const VERSION_1 = 1n << 32n;

export type Step = keyof typeof STEPS;
type Do = (driver: ConformingDriver) => void;

/** In the specification's order. */
const STEPS = {
  identify: (d: ConformingDriver) => {
    d.peek('MagicValue');
    d.peek('Version');
    d.peek('DeviceID');
  },
  reset: (d: ConformingDriver) => d.poke('Status', 0),
  confirmReset: (d: ConformingDriver) => void d.peek('Status'),
  acknowledge: (d: ConformingDriver) => d.poke('Status', 1),
  driver: (d: ConformingDriver) => d.poke('Status', 3),
  readFeatures: (d: ConformingDriver) => {
    for (const word of [0, 1]) {
      d.poke('HostFeaturesSel', word);
      d.peek('HostFeatures');
    }
  },
  writeFeatures: (d: ConformingDriver) => d.acceptFeatures(d.features),
  featuresOk: (d: ConformingDriver) => d.modern && d.poke('Status', 0xb),
  confirmFeatures: (d: ConformingDriver) => void (d.modern && d.peek('Status')),
  readConfig: (d: ConformingDriver) => {
    for (const offset of [0, 4]) d.slot.device.read(0x100 + offset, 4);
  },
  selectQueue: (d: ConformingDriver) => d.poke('QueueSel', 0),
  queueInUse: (d: ConformingDriver) => void d.peek(d.modern ? 'QueueReady' : 'QueuePFN'),
  queueMax: (d: ConformingDriver) => void d.peek('QueueNumMax'),
  pageSize: (d: ConformingDriver) => !d.modern && d.poke('GuestPageSize', 4096),
  queueSize: (d: ConformingDriver) => d.poke('QueueNum', d.queueSize),
  queueAlign: (d: ConformingDriver) => !d.modern && d.poke('QueueAlign', 4096),
  queuePlace: (d: ConformingDriver) => d.placeQueue(AT.ring, d.availableRing, d.usedRing),
  driverOk: (d: ConformingDriver) => d.poke('Status', d.modern ? 0xf : 7),
} as const;

export interface Start {
  readonly without?: readonly Step[];
  readonly instead?: Partial<Record<Step, Do>>;
  readonly features?: bigint;
  readonly queueSize?: number;
}

export class ConformingDriver extends MockDriver {
  readonly modern: boolean;
  features = 0n;
  queueSize = 8;

  constructor(
    transport: Transport = 'legacy',
    device: Disk | VirtioType = memoryDisk(SECTORS * 512),
    watch?: MemoryWatch,
    virtual?: SlotOptions['virtual'],
  ) {
    super(device, 'blk0', transport, watch, undefined, undefined, virtual);
    this.modern = transport === 'modern';
  }

  peek(register: AnyRegister): number {
    return this.slot.device.read(OFFSET[register], 4);
  }

  poke(register: AnyRegister, value: number): void {
    this.slot.device.write(OFFSET[register], value >>> 0, 4);
  }

  /** The accepted features; on the modern transport VERSION_1 is always added. */
  start({ without = [], instead = {}, features = 0n, queueSize = 8 }: Start = {}): this {
    this.features = this.modern ? features | VERSION_1 : features;
    this.queueSize = queueSize;
    this.prepare(queueSize);
    for (const step of Object.keys(STEPS) as Step[]) {
      if (!without.includes(step)) (instead[step] ?? STEPS[step])(this);
    }
    return this;
  }

  acceptFeatures(features: bigint): void {
    for (const word of [0, 1]) {
      this.poke('GuestFeaturesSel', word);
      this.poke('GuestFeatures', Number((features >> BigInt(32 * word)) & 0xffff_ffffn));
    }
  }

  placeQueue(table: bigint, available: bigint, used: bigint): void {
    if (!this.modern) return this.poke('QueuePFN', Number(table >> 12n));
    this.poke('QueueDescLow', Number(table));
    this.poke('QueueDriverLow', Number(available));
    this.poke('QueueDeviceLow', Number(used));
    this.poke('QueueReady', 1);
  }

  /** One request from its chain to its acknowledged interrupt. */
  request(request: MockRequest): this {
    this.chain(request).run();
    return this.handleInterrupt();
  }

  handleInterrupt(): this {
    const bits = this.peek('InterruptStatus');
    if (bits !== 0) this.poke('InterruptACK', bits);
    return this;
  }

  /** Stops the machine. Returns the ids of the rules that were broken. */
  finish(): string[] {
    this.slot.settle();
    return this.slot.trace.findings.map(({ rule }) => rule);
  }
}
