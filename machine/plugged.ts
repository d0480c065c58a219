/** The devices that a machine's options ask for on virtio-mmio: what makes each, which slot it is in, and what is recorded of it. */
import type { DeviceView, DriveOptions, EntropyOptions, MachineOptions, NetworkOptions } from './machine.ts';
import type { InterruptLine } from './ports.ts';
import { placeInSlots, VIRTIO_SLOTS, virtioSlot } from './spec/virt-board.ts';
import { QUEUE_NOTIFY } from './spec/virtio.ts';
import { BlockDevice, type BlockPorts } from './virtio/block/block.ts';
import { FaultPlan, type PlannedFault } from './virtio/faults.ts';
import type { Transport } from './virtio/features.ts';
import { NetworkDevice } from './virtio/network.ts';
import type { VirtioPorts } from './virtio/ports.ts';
import type { TraceRoom } from './virtio/record/kept-requests.ts';
import type { RecorderOptions } from './virtio/record/recorder.ts';
import { EntropyDevice } from './virtio/rng.ts';
import { createVirtioMmioSlot, type SlotOptions, type VirtioMmioSlot } from './virtio/transport/mmio.ts';

/** A device to be put onto virtio-mmio: the slot that it asks for, and what makes the device. */
interface VirtioDeviceOptions {
  readonly slot?: number;
  readonly plug: (ports: BlockPorts, transport: Transport) => Pick<SlotOptions, 'type' | 'faults'>;
  /** Plans other faults, from now on. */
  readonly plan: (faults: readonly PlannedFault[]) => void;
}

function plugDrive({ disk, serial, faults, present, slot }: DriveOptions): VirtioDeviceOptions {
  const plan = new FaultPlan(faults ?? []);
  return {
    slot,
    plug: (ports, transport) => (present === false ? {} : { type: new BlockDevice(ports, disk, serial, transport), faults: plan }),
    plan: (others) => plan.replace(others),
  };
}

function plugEntropy({ seed, slot }: EntropyOptions): VirtioDeviceOptions {
  return { slot, plug: (_, transport) => ({ type: new EntropyDevice(seed, transport) }), plan: () => {} };
}

function plugNetwork({ mac, slot }: NetworkOptions): VirtioDeviceOptions {
  return { slot, plug: (_, transport) => ({ type: new NetworkDevice(mac, transport) }), plan: () => {} };
}

/** What all slots share, and the interrupt line of each by its source at the PLIC. */
export interface SlotWires extends Omit<VirtioPorts, 'interrupt' | 'recorder' | 'faults'> {
  readonly line: (source: number) => InterruptLine;
  readonly room: TraceRoom;
}

export class PluggedDevices {
  /** All eight, most of them empty. */
  readonly slots: readonly VirtioMmioSlot[];
  /** The slots of `views`. */
  readonly shown: readonly VirtioMmioSlot[];
  /** The drives in their order, and then the entropy device; the network device is not shown. */
  readonly views: readonly DeviceView[];
  readonly #devices: readonly VirtioDeviceOptions[];

  /** Throws a RangeError where a device has no place. */
  constructor(options: MachineOptions, { line, room, ...wires }: SlotWires) {
    const { drives, entropy, network, modernVirtio } = options;
    const shown = [...drives.map(plugDrive), ...(entropy ? [plugEntropy(entropy)] : [])];
    const devices = [...shown, ...(network ? [plugNetwork(network)] : [])];
    const inSlots = placeDevices(devices);
    const transport = modernVirtio ? 'modern' : 'legacy';
    this.#devices = devices;
    this.slots = inSlots.map((device, slot) =>
      createVirtioMmioSlot({
        ...wires,
        interrupt: line(virtioSlot(slot).irq),
        recorder: { room, recording: device === undefined || device >= shown.length ? undefined : recordingOf(options, device) },
        transport,
        ...(device === undefined ? {} : devices[device]!.plug(wires, transport)),
      }),
    );
    this.shown = shown.map((_, index) => this.slots[inSlots.indexOf(index)]!);
    this.views = this.shown.map((slot, index) =>
      viewOf(slot, virtioSlot(inSlots.indexOf(index)), index < drives.length ? index : undefined),
    );
  }

  /** Whether a write to the address notifies a device. */
  notifies(address: number): boolean {
    return this.shown.some((slot, index) => slot.version !== undefined && address === this.views[index]!.address + QUEUE_NOTIFY);
  }

  /** Plans other faults for the drives, in their order. */
  planFaults(faults: readonly (readonly PlannedFault[])[]): void {
    faults.forEach((planned, drive) => {
      this.#devices[drive]!.plan(planned);
    });
  }
}

/** Which device is in each slot, by its number. */
function placeDevices(devices: readonly VirtioDeviceOptions[]): readonly (number | undefined)[] {
  const slots: (number | undefined)[] = new Array(VIRTIO_SLOTS).fill(undefined);
  placeInSlots(devices.map(({ slot }) => slot)).forEach((placement, device) => {
    if ('problem' in placement) throw new RangeError(`no place for device ${device} on virtio-mmio: ${placement.problem}`);
    slots[placement.slot] = device;
  });
  return slots;
}

/** What is recorded of one device's requests. */
function recordingOf({ requests = {} }: MachineOptions, device: number): RecorderOptions['recording'] {
  if (requests === 'counts') return undefined;
  const { first, taken, dropped } = requests;
  return {
    first,
    taken: taken && ((request) => taken(device, request)),
    dropped: dropped && ((request) => dropped(device, request)),
  };
}

function viewOf(slot: VirtioMmioSlot, { base, irq }: ReturnType<typeof virtioSlot>, drive: number | undefined): DeviceView {
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
