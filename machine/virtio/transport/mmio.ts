/**
 * One slot of the board's virtio-mmio transports, with a device in it or empty.
 *
 * Reference: VIRTIO 1.2, 4.2.2; QEMU 10's hw/virtio/virtio-mmio.c. A slot decodes 0x200 bytes. Registers are 32 bits wide: accesses of
 * other widths read 0, and writes are ignored, except in the configuration space, which reads as all ones after its end.
 * This file has what both interface versions share. Each version has a table of its own registers.
 */

import type { Device, Width } from '../../ports.ts';
import { QUEUE_NOTIFY } from '../../spec/virtio.ts';
import { WORK, type WorkMeter } from '../../work-meter.ts';
import { VirtioDevice } from '../device.ts';
import type { VirtioType } from '../device-type.ts';
import type { Transport } from '../features.ts';
import type { VirtioPorts } from '../ports.ts';
import type { Rings } from '../queue/virtqueue.ts';
import { createTrace } from '../record/recorder.ts';
import type { TracedDevice } from '../record/trace.ts';
import type { EventOf, InterruptHandling, VirtioEvent } from '../rules/event.ts';
import { LEGACY_NAMES, LEGACY_REGISTERS, LegacyTransport } from './mmio-legacy.ts';
import { MODERN_REGISTERS, ModernTransport } from './mmio-modern.ts';
import type { Register } from './register.ts';

export interface SlotOptions extends VirtioPorts {
  readonly transport: Transport;
  /** The device in the slot; without it the slot is empty. */
  readonly type?: VirtioType;
}

/** Guest addresses of a queue's areas, and its number of entries. */
export interface QueuePlace extends Rings {
  readonly size: number;
  /** Where the driver seems to have the descriptor table, if the queue does not lie in memory and that can be guessed. */
  readonly meantTable: bigint | undefined;
}

/** A device's interrupt, and what is to be handled: for explanations. */
export interface InterruptState {
  /** InterruptStatus. */
  readonly status: number;
  /** How many used elements queue 0 has got since its reset, modulo 2^16. */
  readonly usedIndex: number;
  /** Whether the driver asks for no interrupts (VIRTQ_AVAIL_F_NO_INTERRUPT). */
  readonly refused: boolean;
}

export interface VirtioMmioSlot {
  readonly device: Device;
  readonly trace: TracedDevice;
  /** At the machine's end: completes the requests in flight. `interrupt`: what the driver did with interrupts of the device. */
  settle(interrupt?: InterruptHandling): void;
  /** Chains in the available ring that no notify has announced. */
  unnotified(): number;
  /** Queue 0 as the driver has set it up; undefined before that, and in an empty slot. */
  queue(): QueuePlace | undefined;
  /** What the driver wrote last to the registers that say where queue 0 lies, by name; without those that it did not write. */
  queueRegisters(): ReadonlyMap<string, number>;
  /** Undefined for an empty slot. */
  interrupt(): InterruptState | undefined;
  /** What the register Version says; undefined for an empty slot. */
  readonly version: number | undefined;
  /** Whether the kernel has read or written any register. */
  accessed(): boolean;
  save(): SavedSlot;
  restore(state: SavedSlot): void;
}

const MAGIC = 0x7472_6976; // "virt"
const VENDOR = 0x554d_4551; // "QEMU"
const CONFIG = 0x100;
const ALL_ONES = [0, 0xff, 0xffff, 0, 0xffff_ffff] as const;
const NAME = 'virtio-mmio';
const WIDTHS: readonly Width[] = [1, 2, 4];

const VERSION: Record<Transport, number> = { legacy: 1, modern: 2 };

const identity = (transport: Transport): readonly Register<unknown>[] => [
  { name: 'MagicValue', offset: 0x000, read: () => MAGIC },
  { name: 'Version', offset: 0x004, read: () => VERSION[transport] },
  { name: 'VendorID', offset: 0x00c, read: () => VENDOR },
];

const COMMON: readonly Register<{ readonly device: VirtioDevice }>[] = [
  { name: 'DeviceID', offset: 0x008, read: ({ device }) => device.deviceId },
  {
    name: 'QueueNotify',
    offset: QUEUE_NOTIFY,
    write: ({ device }, queue) => {
      if (device.hasQueue(queue)) device.notify(queue);
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
  work: WorkMeter,
): Device {
  const byOffset = new Map(registers.map((register) => [register.offset, register]));
  return {
    name: NAME,
    widths: WIDTHS,
    splits8: true,
    quiet: () => true,
    aboutToSplit(offset) {
      if (offset >= CONFIG) transport.device.observe({ kind: 'config-read-wide', offset: offset - CONFIG });
    },
    register: (offset) => (offset >= CONFIG ? 'configuration space' : byOffset.get(offset & ~3)?.name),
    read(offset, width) {
      work.add(WORK['virtio-registers']);
      if (offset >= CONFIG) return readConfig(transport.device, offset - CONFIG, width);
      const register = byOffset.get(offset);
      const value = width === 4 ? (register?.read?.(transport) ?? 0) >>> 0 : 0;
      transport.device.observe(accessEvent('read', register, { offset, width, value }));
      return value;
    },
    write(offset, value, width) {
      work.add(WORK['virtio-registers'], 2);
      if (offset >= CONFIG) return writeConfig(transport.device, offset - CONFIG, value, width);
      const register = byOffset.get(offset);
      if (width === 4) register?.write?.(transport, value);
      // Reported after the write took effect: a reset first completes the requests in flight, and the rules must see them before the reset.
      transport.device.observe(accessEvent('write', register, { offset, width, value }));
    },
  };
}

function accessEvent(
  direction: 'read' | 'write',
  register: Register<never> | undefined,
  { offset, width, value }: { readonly offset: number; readonly width: Width; readonly value: number },
): VirtioEvent {
  const name = register && (LEGACY_NAMES[register.name] ?? register.name);
  const refused = (why: EventOf<'refused-access'>['why']): VirtioEvent => {
    return { kind: 'refused-access', why, register: name, foreign: nameInAnyVersion(offset), offset, width };
  };
  if (width !== 4) return refused('width');
  if (register === undefined || name === undefined) return refused('unknown');
  if (register[direction] === undefined) return refused(direction === 'read' ? 'write-only' : 'read-only');
  return { kind: `register-${direction}`, register: name, value };
}

/** The name that an offset has in the one or the other version of the interface. */
function nameInAnyVersion(offset: number): string | undefined {
  return [...LEGACY_REGISTERS, ...MODERN_REGISTERS].find((register) => register.offset === offset)?.name;
}

function readConfig(device: VirtioDevice, offset: number, width: Width): number {
  device.observe({ kind: 'config-read', offset, width });
  const config = device.config();
  if (offset + width > config.length) return ALL_ONES[width];
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = (value << 8) | config[offset + i]!;
  return value >>> 0;
}

function writeConfig(device: VirtioDevice, offset: number, value: number, width: Width): void {
  device.observe({ kind: 'config-write', offset, width });
  const config = device.config().slice();
  if (offset + width > config.length) return;
  for (let i = 0; i < width; i++) config[offset + i] = (value >>> (8 * i)) & 0xff;
  device.setConfig(config);
}

/** An empty slot. It gives its identity at any width, where a slot with a device gives 0 at widths other than 4. */
function emptySlot(transport: Transport): Slot {
  const registers = identity(transport);
  const device: Device = {
    name: NAME,
    widths: WIDTHS,
    splits8: true,
    quiet: () => true,
    read: (offset, width) => ((registers.find((register) => register.offset === offset)?.read?.(undefined) ?? 0) & ALL_ONES[width]) >>> 0,
    write: () => {},
  };
  return {
    device,
    trace: createTrace(0n),
    settle: () => {},
    unnotified: () => 0,
    queue: () => undefined,
    queueRegisters: () => new Map<string, number>(),
    interrupt: () => undefined,
    version: undefined,
    save: () => undefined,
    restore: () => {},
  };
}

/** What a snapshot holds of a slot with a device. */
export type SlotState = { readonly device: ReturnType<VirtioDevice['save']> } & (
  | { readonly transport: 'legacy'; readonly registers: ReturnType<LegacyTransport['save']> }
  | { readonly transport: 'modern'; readonly registers: ReturnType<ModernTransport['save']> }
);

export interface SavedSlot {
  readonly accessed: boolean;
  /** Undefined for an empty slot. */
  readonly state: SlotState | undefined;
}

/** A slot that does not know whether it was looked at. */
interface Slot extends Omit<VirtioMmioSlot, 'accessed' | 'save' | 'restore'> {
  save(): SlotState | undefined;
  restore(state: SlotState | undefined): void;
}

export function createVirtioMmioSlot(options: SlotOptions): VirtioMmioSlot {
  const slot = options.type === undefined ? emptySlot(options.transport) : fullSlot(options, options.type);
  const { device } = slot;
  let accessed = false;
  return {
    ...slot,
    device: {
      ...device,
      read(offset, width) {
        accessed = true;
        return device.read(offset, width);
      },
      write(offset, value, width) {
        accessed = true;
        device.write(offset, value, width);
      },
    },
    accessed: () => accessed,
    save: () => ({ accessed, state: slot.save() }),
    restore(saved) {
      accessed = saved.accessed;
      slot.restore(saved.state);
    },
  };
}

function fullSlot(options: SlotOptions, type: VirtioType): Slot {
  const { transport, work } = options;
  const device = new VirtioDevice(options, type, transport);
  return {
    ...(transport === 'legacy' ? legacySlot(device, work) : modernSlot(device, work)),
    trace: device.trace,
    version: VERSION[transport],
    settle: (interrupt = 'none') => device.finish(interrupt),
    unnotified: () => device.unnotified(),
    interrupt: () => device.interruptState(),
    queueRegisters: () => device.queueRegisters,
    queue() {
      const rings = device.queueRings(0);
      if (rings.table === 0n) return undefined;
      return { ...rings, size: device.queueSize(0), meantTable: device.meantPlace(0)?.table };
    },
  };
}

type Registers = Pick<Slot, 'device' | 'save' | 'restore'>;

function legacySlot(device: VirtioDevice, work: WorkMeter): Registers {
  const registers = new LegacyTransport(device);
  return {
    device: registerBlock(registers, [...identity('legacy'), ...COMMON, ...LEGACY_REGISTERS], work),
    save: () => ({ transport: 'legacy', registers: registers.save(), device: device.save() }),
    restore(state) {
      if (state?.transport !== 'legacy') throw new Error('a snapshot of another machine');
      registers.restore(state.registers);
      device.restore(state.device);
    },
  };
}

function modernSlot(device: VirtioDevice, work: WorkMeter): Registers {
  const registers = new ModernTransport(device);
  return {
    device: registerBlock(registers, [...identity('modern'), ...COMMON, ...MODERN_REGISTERS], work),
    save: () => ({ transport: 'modern', registers: registers.save(), device: device.save() }),
    restore(state) {
      if (state?.transport !== 'modern') throw new Error('a snapshot of another machine');
      registers.restore(state.registers);
      device.restore(state.device);
    },
  };
}
