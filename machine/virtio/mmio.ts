/**
 * One slot of the board's virtio-mmio transports, with a block device in it or empty.
 *
 * Reference: VIRTIO 1.2, 4.2.2; QEMU 10's hw/virtio/virtio-mmio.c. A slot decodes 0x200 bytes. Registers are 32 bits wide: accesses of
 * other widths read 0 and are ignored, except in the configuration space, which ends after 0x39 bytes and reads all ones beyond.
 * This file has what both interface versions share; a version's own registers are a table of its own.
 */
import type { Device, Disk, Width } from '../ports.ts';
import { createTrace, VirtioDevice, type VirtioPorts } from './device.ts';
import { LEGACY_REGISTERS, LEGACY_VERSION, LegacyTransport } from './mmio-legacy.ts';
import type { TracedDevice } from './trace.ts';

export interface Register<Transport> {
  /** As the specification calls it. */
  readonly name: string;
  readonly offset: number;
  /** Absent: reads 0. */
  readonly read?: (transport: Transport) => number;
  /** Absent: writes are ignored. */
  readonly write?: (transport: Transport, value: number) => void;
}

export interface SlotOptions extends VirtioPorts {
  /** What is in the slot; without it the slot is empty. */
  readonly disk?: Disk;
  /** What GET_ID answers, at most 20 bytes. */
  readonly serial: string;
}

export interface VirtioMmioSlot {
  readonly device: Device;
  readonly trace: TracedDevice;
  /** Completes the requests in flight. */
  settle(): void;
  /** Chains in the available ring that no notify has announced. */
  unnotified(): number;
  /** As at power-on, the trace excepted, which goes on. */
  reset(): void;
}

const MAGIC = 0x7472_6976; // "virt"
const VENDOR = 0x554d_4551; // "QEMU"
const BLOCK_DEVICE = 2;
const CONFIG = 0x100;
const ALL_ONES = [0, 0xff, 0xffff, 0, 0xffff_ffff] as const;
const NAME = 'virtio-mmio';
const WIDTHS: readonly Width[] = [1, 2, 4];

const IDENTITY: readonly Register<unknown>[] = [
  { name: 'MagicValue', offset: 0x000, read: () => MAGIC },
  { name: 'Version', offset: 0x004, read: () => LEGACY_VERSION },
  { name: 'VendorID', offset: 0x00c, read: () => VENDOR },
];

const COMMON: readonly Register<{ readonly device: VirtioDevice }>[] = [
  ...IDENTITY,
  { name: 'DeviceID', offset: 0x008, read: () => BLOCK_DEVICE },
  {
    name: 'QueueNotify',
    offset: 0x050,
    write: ({ device }, queue) => {
      if (queue === 0) device.notify();
    },
  },
  { name: 'InterruptStatus', offset: 0x060, read: ({ device }) => device.interruptStatus },
  { name: 'InterruptACK', offset: 0x064, write: ({ device }, bits) => device.acknowledge(bits) },
  // Shared memory regions: a length of all ones says that there is none (4.2.2.1).
  { name: 'SHMLenLow', offset: 0x0b0, read: () => ALL_ONES[4] },
  { name: 'SHMLenHigh', offset: 0x0b4, read: () => ALL_ONES[4] },
];

/** The register block over a table; offsets that it does not name read 0. */
function registerBlock<Transport extends { readonly device: VirtioDevice }>(
  transport: Transport,
  registers: readonly Register<Transport>[],
): Device {
  const byOffset = new Map(registers.map((register) => [register.offset, register]));
  return {
    name: NAME,
    widths: WIDTHS,
    splits8: true,
    quiet: () => true,
    read(offset, width) {
      if (offset >= CONFIG) return readConfig(transport.device, offset - CONFIG, width);
      return width === 4 ? (byOffset.get(offset)?.read?.(transport) ?? 0) >>> 0 : 0;
    },
    write(offset, value, width) {
      if (offset >= CONFIG) writeConfig(transport.device, offset - CONFIG, value, width);
      else if (width === 4) byOffset.get(offset)?.write?.(transport, value);
    },
  };
}

function readConfig(device: VirtioDevice, offset: number, width: Width): number {
  const config = device.config();
  if (offset + width > config.length) return ALL_ONES[width];
  const bytes = config.subarray(offset, offset + width);
  return bytes.reduceRight((value, byte) => ((value << 8) | byte) >>> 0, 0);
}

function writeConfig(device: VirtioDevice, offset: number, value: number, width: Width): void {
  const config = device.config();
  if (offset + width > config.length) return;
  for (let i = 0; i < width; i++) config[offset + i] = (value >>> (8 * i)) & 0xff;
  device.setConfig(config);
}

/** Answers at any width, unlike a slot with a device. */
function emptySlot(): VirtioMmioSlot {
  const device: Device = {
    name: NAME,
    widths: WIDTHS,
    splits8: true,
    quiet: () => true,
    read: (offset, width) => ((IDENTITY.find((register) => register.offset === offset)?.read?.(undefined) ?? 0) & ALL_ONES[width]) >>> 0,
    write: () => {},
  };
  return { device, trace: createTrace(0n), settle: () => {}, unnotified: () => 0, reset: () => {} };
}

export function createVirtioMmioSlot(options: SlotOptions): VirtioMmioSlot {
  if (options.disk === undefined) return emptySlot();
  const device = new VirtioDevice(options, options.disk, options.serial);
  const transport = new LegacyTransport(device);
  return {
    device: registerBlock(transport, [...COMMON, ...LEGACY_REGISTERS]),
    trace: device.trace,
    settle: () => device.settle(),
    unnotified: () => device.unnotified(),
    reset: () => transport.powerOn(),
  };
}
