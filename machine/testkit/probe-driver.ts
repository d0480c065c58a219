/**
 * The kernel's side of a virtio block device, as a script for the probe player. mock-driver.ts does the same with a device model; here a
 * guest does it, over either transport.
 */

import { RAM_BASE, virtioSlot } from '../spec/virt-board.ts';
import { AVAILABLE_NO_INTERRUPT, DESCRIPTOR_FLAG } from '../spec/virtio.ts';
import type { Transport } from '../virtio/features.ts';
import { MODERN_REGISTER, type MockDescriptor, REGISTER, type RegisterName } from './mock-driver.ts';
import type { AccessWidth, ProbeScript } from './probe-player.ts';

/** RAM of a machine that plays probes, in bytes. */
export const PROBE_RAM = 16 << 20;
export const RAM_END = BigInt(RAM_BASE + PROBE_RAM);
/** An address at which nothing answers. */
export const NOWHERE = 0x10_0000_0000n;

const HALF = BigInt(RAM_BASE + PROBE_RAM / 2);
/** Where the driver keeps things. */
export const AT = {
  ring: HALF,
  table: HALF + 0x1_0000n,
  header: HALF + 0x2_0000n,
  status: HALF + 0x2_1000n,
  data: HALF + 0x3_0000n,
} as const;
const RING_BYTES = 0x8000;
const DATA_BYTES = 0x2000;
/** The value of bytes in memory before the device writes them. */
const UNTOUCHED = 0xee;

const PLIC_PENDING = 0xc00_1000n;
const VERSION_1 = 1n << 32n;

export const NO_INTERRUPT = AVAILABLE_NO_INTERRUPT;
export const { NEXT, WRITE, INDIRECT } = DESCRIPTOR_FLAG;

export const IN = 0;
export const OUT = 1;
export const FLUSH = 4;
export const GET_ID = 8;
export const DISCARD = 11;
export const WRITE_ZEROES = 13;

/** The drives of a machine that plays probes, in the order of `-device`: the first one is in the last slot. */
export type Drive = 'first' | 'second' | 'readOnly' | 'barrier';
const SLOT: Record<Drive, number> = { first: 7, second: 6, readOnly: 5, barrier: 4 };

export interface ProbeHandshake {
  /** Features to accept, in addition to VERSION_1, which is always accepted over the modern transport unless `version1` is false. */
  readonly features?: bigint;
  readonly version1?: boolean;
  readonly queueSize?: number;
  readonly ring?: bigint;
  readonly status?: number;
}

export interface ProbeRequest {
  readonly type?: number;
  readonly sector?: bigint;
  readonly length?: number;
  readonly dataWritable?: boolean;
}

/** Parts of a chain, in order; `next` is filled in. */
export type Parts = readonly Omit<MockDescriptor, 'next'>[];

export class ProbeDriver {
  readonly transport: Transport;
  readonly #script: ProbeScript;
  readonly #slot: bigint;
  readonly #barrier: Barrier | undefined;
  #ring: bigint = AT.ring;
  #size = 8;
  #available = 0;

  constructor(script: ProbeScript, transport: Transport, drive: Drive, barrier?: Barrier) {
    this.#script = script;
    this.#barrier = barrier;
    this.transport = transport;
    this.#slot = BigInt(virtioSlot(SLOT[drive]).base);
  }

  /** A register by name or offset. */
  #register(register: RegisterName | number): bigint {
    const offset = typeof register === 'number' ? register : { ...REGISTER, ...MODERN_REGISTER }[register];
    return this.#slot + BigInt(offset);
  }

  set(register: RegisterName | number, value: number | bigint, width: AccessWidth = 4): this {
    this.#script.write(this.#register(register), width, BigInt(value));
    return this;
  }

  read(label: string, register: RegisterName | number, width: AccessWidth = 4): this {
    this.#script.read(label, this.#register(register), width);
    return this;
  }

  poke(address: bigint, width: AccessWidth, value: number | bigint): this {
    this.#script.write(address, width, BigInt(value));
    return this;
  }

  fill(address: bigint, length: number, byte: number): this {
    this.#script.fill(address, length, byte);
    return this;
  }

  dump(label: string, address: bigint, length: number): this {
    this.#script.dump(label, address, length);
    return this;
  }

  /** Clears the driver's memory and resets the device. */
  restart(): this {
    this.set('Status', 0);
    this.fill(AT.ring, RING_BYTES, 0).fill(AT.data, DATA_BYTES, UNTOUCHED).fill(AT.status, 16, UNTOUCHED);
    this.#available = 0;
    return this;
  }

  handshake(options: ProbeHandshake = {}): this {
    const { features = 0n, queueSize = 8, ring = AT.ring, status = 7 } = options;
    this.restart().set('Status', 3);
    if (this.transport === 'legacy') {
      this.set('GuestFeaturesSel', 0).set('GuestFeatures', features).set('GuestPageSize', 4096);
      this.set('QueueSel', 0).set('QueueNum', queueSize).set('QueueAlign', 4096);
      this.place(queueSize, ring).set('QueuePFN', ring >> 12n);
    } else {
      this.accept(features | (options.version1 === false ? 0n : VERSION_1)).set('Status', 0xb);
      this.place(queueSize, ring).set('QueueSel', 0).setRings().set('QueueReady', 1);
    }
    this.set('Status', this.transport === 'legacy' ? status : status | 8);
    // At DRIVER_OK the device looks at the queue once, by itself.
    return this.pass();
  }

  /** Writes both words of DriverFeatures. */
  accept(features: bigint): this {
    this.set('GuestFeaturesSel', 0).set('GuestFeatures', features & 0xffff_ffffn);
    return this.set('GuestFeaturesSel', 1).set('GuestFeatures', features >> 32n);
  }

  /** Sets where this driver expects the queue, and its size. The device does not learn of it. */
  place(queueSize: number, ring: bigint = AT.ring): this {
    this.#size = queueSize;
    this.#ring = ring;
    return this;
  }

  /** QueueNum and the three addresses of the modern transport. */
  setRings(): this {
    const words = (low: 'QueueDescLow' | 'QueueDriverLow' | 'QueueDeviceLow', address: bigint) =>
      this.set(low, address & 0xffff_ffffn).set(MODERN_REGISTER[low] + 4, address >> 32n);
    this.set('QueueNum', this.#size);
    words('QueueDescLow', this.#ring);
    words('QueueDriverLow', this.availableRing);
    return words('QueueDeviceLow', this.usedRing);
  }

  get availableRing(): bigint {
    return this.#ring + BigInt(16 * this.#size);
  }

  get usedRing(): bigint {
    return (this.availableRing + BigInt(4 + 2 * this.#size) + 4095n) & ~4095n;
  }

  describe(index: number, { address, length, flags = 0, next = 0 }: MockDescriptor, table = this.#ring): this {
    const at = table + BigInt(16 * index);
    return this.poke(at, 8, address)
      .poke(at + 8n, 4, length)
      .poke(at + 12n, 4, flags | (next << 16));
  }

  /** Descriptors `from`, `from` + 1 …, linked. */
  link(parts: Parts, from = 0, table = this.#ring): this {
    parts.forEach((part, i) => {
      const more = i + 1 < parts.length ? NEXT : 0;
      this.describe(from + i, { ...part, flags: (part.flags ?? 0) | more, next: more ? from + i + 1 : 0 }, table);
    });
    return this;
  }

  header(type: number, sector = 0n, address: bigint = AT.header): this {
    return this.poke(address, 8, type).poke(address + 8n, 8, sector);
  }

  /** Header, data and status. */
  chain({ type = IN, sector = 0n, length = 512, dataWritable = (type & 1) === 0 }: ProbeRequest = {}, table = this.#ring): this {
    return this.header(type, sector).link(
      [
        { address: AT.header, length: 16 },
        { address: AT.data, length, flags: dataWritable ? WRITE : 0 },
        { address: AT.status, length: 1, flags: WRITE },
      ],
      0,
      table,
    );
  }

  /** Makes chains available. */
  offer(...heads: number[]): this {
    for (const head of heads) this.poke(this.availableRing + 4n + BigInt(2 * (this.#available++ % this.#size)), 2, head);
    return this.setAvailableIndex(this.#available);
  }

  setAvailableIndex(index: number): this {
    this.#available = index & 0xffff;
    return this.poke(this.availableRing + 2n, 2, this.#available);
  }

  setAvailableFlags(flags: number): this {
    return this.poke(this.availableRing, 2, flags);
  }

  setUsedEvent(index: number): this {
    return this.poke(this.availableRing + 4n + BigInt(2 * this.#size), 2, index);
  }

  /** Notifies without waiting for anything. */
  kick(queue = 0): this {
    return this.set('QueueNotify', queue);
  }

  /** Notifies, and waits until the device has looked at the queue. By then it has answered requests that need no disk. */
  notify(queue = 0): this {
    return this.kick(queue).pass();
  }

  /** Waits until the device has looked at its queue, if there was a notify. */
  pass(): this {
    this.#barrier?.pass();
    return this;
  }

  /** Waits until the used index has this value. */
  done(index = this.#available): this {
    this.#script.until(this.usedRing + 2n, 2, BigInt(index));
    return this;
  }

  until(address: bigint, width: AccessWidth, value: bigint): this {
    this.#script.until(address, width, value);
    return this;
  }

  /** Offers descriptor 0, notifies, waits for the answer. */
  run(): this {
    return this.offer(0).notify().done();
  }

  /** Offers descriptor 0 and notifies; no answer is expected. */
  refused(): this {
    return this.offer(0).notify();
  }

  /** All that a driver can see of an answer. */
  show(prefix = ''): this {
    this.dump(`${prefix}used ring`, this.usedRing, 28).dump(`${prefix}status bytes`, AT.status, 4).dump(`${prefix}data`, AT.data, 40);
    this.read(`${prefix}InterruptStatus`, 'InterruptStatus').read(`${prefix}Status`, 'Status');
    this.#script.read(`${prefix}PLIC pending`, PLIC_PENDING, 4);
    return this;
  }
}

/**
 * QEMU looks at a queue some time after the notify, and at queues in the order of their notifies. So when a later request to another drive
 * has been answered, QEMU has looked at the queue.
 */
export class Barrier {
  readonly #driver: ProbeDriver;

  constructor(script: ProbeScript, transport: Transport) {
    const [ring, header, status] = [HALF + 0x5_0000n, HALF + 0x5_8000n, HALF + 0x5_8020n];
    this.#driver = new ProbeDriver(script, transport, 'barrier').handshake({ ring }).setAvailableFlags(NO_INTERRUPT);
    this.#driver.header(GET_ID, 0n, header).link([
      { address: header, length: 16 },
      { address: status, length: 1, flags: WRITE },
    ]);
  }

  pass(): void {
    this.#driver.offer(0).kick().done();
  }
}

export interface Probe {
  /** On both transports unless said. */
  readonly only?: Transport;
  readonly drive?: Drive;
  readonly play: (driver: ProbeDriver) => void;
}
