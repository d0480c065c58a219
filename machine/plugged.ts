/** The devices that a machine's options ask for on virtio-mmio: what makes each, and which slot it is in. */
import type { DeviceView, DriveOptions, EntropyOptions } from './machine.ts';
import { placeInSlots, VIRTIO_SLOTS, type virtioSlot } from './spec/virt-board.ts';
import { BlockDevice, type BlockPorts } from './virtio/block/block.ts';
import { FaultPlan, type PlannedFault } from './virtio/faults.ts';
import type { Transport } from './virtio/features.ts';
import { EntropyDevice } from './virtio/rng.ts';
import type { SlotOptions, VirtioMmioSlot } from './virtio/transport/mmio.ts';

/** A device to be put onto virtio-mmio: the slot that it asks for, and what makes the device. */
export interface VirtioDeviceOptions {
  readonly slot?: number;
  readonly plug: (ports: BlockPorts, transport: Transport) => Pick<SlotOptions, 'type' | 'faults'>;
  /** Plans other faults, from now on. */
  readonly plan: (faults: readonly PlannedFault[]) => void;
}

export function plugDrive({ disk, serial, faults, present, slot }: DriveOptions): VirtioDeviceOptions {
  const plan = new FaultPlan(faults ?? []);
  return {
    slot,
    plug: (ports, transport) => (present === false ? {} : { type: new BlockDevice(ports, disk, serial, transport), faults: plan }),
    plan: (others) => plan.replace(others),
  };
}

export function plugEntropy({ seed, slot }: EntropyOptions): VirtioDeviceOptions {
  return { slot, plug: (_, transport) => ({ type: new EntropyDevice(seed, transport) }), plan: () => {} };
}

/** Which device is in each slot, by its number. */
export function placeDevices(devices: readonly VirtioDeviceOptions[]): readonly (number | undefined)[] {
  const slots: (number | undefined)[] = new Array(VIRTIO_SLOTS).fill(undefined);
  placeInSlots(devices.map(({ slot }) => slot)).forEach((placement, device) => {
    if ('problem' in placement) throw new RangeError(`no place for device ${device} on virtio-mmio: ${placement.problem}`);
    slots[placement.slot] = device;
  });
  return slots;
}

export function viewOf(slot: VirtioMmioSlot, { base, irq }: ReturnType<typeof virtioSlot>, drive: number | undefined): DeviceView {
  const kind = drive === undefined ? 'entropy' : 'block';
  const { trace, version } = slot;
  const asked = {
    unnotified: () => slot.unnotified(),
    queue: () => slot.queue(),
    queueRegisters: () => slot.queueRegisters(),
    interrupt: () => slot.interrupt(),
    accessed: () => slot.accessed(),
  };
  return { kind, drive, address: base, source: irq, version, trace, ...asked };
}
