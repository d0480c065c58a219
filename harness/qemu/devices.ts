/**
 * What QEMU's `-drive`, `-device`, `-object` and `-netdev` make together: drives and devices meet by the drive's id, in any order.
 *
 * Reference: slots as QEMU's `virt` hands them out (measured: without `bus=`, the highest free one).
 */
import { type Placement, placeInSlots, VIRTIO_SLOTS } from '../../machine/spec/virt-board.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { parseDevice, parseNetdev, parseObject, type VirtioDevice } from './device.ts';
import { drivesById } from './drive.ts';
import { isFlash } from './flash.ts';
import type { Mistakes } from './mistakes.ts';
import type { DriveSettings, LoaderSettings, MachineSettings } from './settings.ts';

/** What was given with -drive, -device, -object, -netdev, -snapshot and -seed. */
export interface DeviceOptions {
  readonly drives: readonly string[];
  readonly devices: readonly string[];
  readonly objects: readonly string[];
  readonly netdevs: readonly string[];
  readonly modernVirtio: boolean;
  /** All images keep their bytes. */
  readonly snapshot: boolean;
  readonly seed?: number;
}

export interface Devices {
  /** In the order of `-device`. */
  readonly drives: readonly DriveSettings[];
  readonly entropy: MachineSettings['entropy'];
  readonly network: MachineSettings['network'];
  readonly loader: readonly LoaderSettings[];
  /** The ids of drives that no device uses. */
  readonly unused: readonly string[];
}

export function resolveDevices(options: DeviceOptions, mistakes: Mistakes): Devices {
  const joined = new Joined(options, mistakes);
  const parsed = options.devices.flatMap((text) => mistakes.attempt(() => parseDevice(text)) ?? []);
  const loader = parsed.flatMap((device) => ('from' in device ? [device] : []));
  const devices = parsed.flatMap((device) => ('from' in device ? [] : [device]));
  const placements = placeInSlots(devices.map(({ slot }) => slot));
  devices.forEach((device, index) => {
    joined.add(device, mistakes.attempt(() => slotOf(placements[index]!)) ?? 0);
  });
  const { drives, entropy, network, unused } = joined;
  return { drives, entropy, network, loader, unused: [...unused] };
}

/** Devices with what they refer to. */
class Joined {
  readonly drives: DriveSettings[] = [];
  entropy: MachineSettings['entropy'];
  network: MachineSettings['network'];
  readonly unused: Set<string>;
  readonly #options: DeviceOptions;
  readonly #mistakes: Mistakes;
  readonly #drives: ReturnType<typeof drivesById>;
  readonly #objects: ReadonlySet<string | undefined>;
  readonly #netdevs: ReadonlySet<string | undefined>;

  constructor(options: DeviceOptions, mistakes: Mistakes) {
    this.#options = options;
    this.#mistakes = mistakes;
    this.#drives = drivesById(
      options.drives.filter((text) => !mistakes.attempt(() => isFlash(text))),
      mistakes,
    );
    this.unused = new Set(this.#drives.byId.keys());
    this.#objects = new Set(options.objects.map((text) => mistakes.attempt(() => parseObject(text))));
    this.#netdevs = new Set(options.netdevs.map((text) => mistakes.attempt(() => parseNetdev(text))));
  }

  add(device: VirtioDevice, slot: number): void {
    switch (device.driver) {
      case 'virtio-blk-device':
        return this.#addDrive(device, slot);
      case 'virtio-rng-device':
        this.#checkOnly(device.driver, this.entropy);
        if (device.rng !== undefined)
          this.#checkBackend(`-device ${device.driver},rng=${device.rng}`, this.#objects, device.rng, '-object rng-builtin');
        this.entropy = { seed: this.#options.seed ?? 0, slot };
        return;
      case 'virtio-net-device':
        this.#checkOnly(device.driver, this.network);
        if (!device.gso && !this.#options.modernVirtio)
          this.#mistakes.add(`-device ${device.driver},gso=off: the legacy device offers GSO; leave it out`);
        if (device.netdev !== undefined)
          this.#checkBackend(`-device ${device.driver},netdev=${device.netdev}`, this.#netdevs, device.netdev, '-netdev user');
        this.network = { mac: device.mac, slot };
    }
  }

  #addDrive({ drive: id, serial }: Extract<VirtioDevice, { driver: 'virtio-blk-device' }>, slot: number): void {
    const drive = this.#drives.byId.get(id);
    if (drive !== undefined && this.unused.delete(id))
      this.drives.push({ ...drive, serial, slot, snapshot: drive.snapshot || this.#options.snapshot });
    else if (drive !== undefined)
      this.#mistakes.add(`-device drive=${id}: another device has this drive already; write a second -drive with its own id`);
    else if (!this.#drives.broken.has(id)) this.#mistakes.add(`-device drive=${id}: there is no -drive with id=${id}`);
  }

  #checkOnly(driver: string, first: object | undefined): void {
    if (first !== undefined) this.#mistakes.add(`-device ${driver}: this machine has at most one; leave the second one out`);
  }

  /** `option`: what makes a backend, without its id. */
  #checkBackend(device: string, ids: ReadonlySet<string | undefined>, id: string, option: string): void {
    const [name] = option.split(' ');
    if (!ids.has(id)) this.#mistakes.add(`${device}: there is no ${name} with id=${id}; write ${option},id=${id}`);
  }
}

function slotOf(placement: Placement): number {
  if (!('problem' in placement)) return placement.slot;
  if (placement.problem === 'full') throw new UsageError(`-device: all ${VIRTIO_SLOTS} virtio-mmio slots are taken; leave one device out`);
  throw new UsageError(`-device bus=virtio-mmio-bus.${placement.slot}: this slot is taken; leave bus= out for a free one`);
}
