/**
 * QEMU's `-drive` and `-device`, as far as block devices on virtio-mmio go: they meet by the drive's id, in any order.
 *
 * Reference: QEMU's manual, "Block device options"; slots as QEMU's `virt` hands them out (measured: without `bus=`, the
 * highest free one). Left out: image formats other than raw, `-blockdev`, and interfaces other than `if=none`.
 */
import { type Placement, placeInSlots, VIRTIO_SLOTS } from '../../machine/spec/virt-board.ts';

import type { DriveSettings } from '../emulator/settings.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { onlyKeys, parseList, parseSwitch } from './qemu-list.ts';

/** The device answers GET_ID with 20 bytes (virtio 1.2, 5.2.6.1); QEMU cuts a longer serial off. */
const SERIAL_BYTES = 20;

interface Drive {
  readonly id: string;
  readonly file: string;
  readonly readOnly: boolean;
  readonly snapshot: boolean;
}

/** Keys of -drive that tune the host's side of the file: right to accept, nothing to do. */
const HOST_ONLY = ['cache', 'aio', 'discard', 'detect-zeroes', 'werror', 'rerror', 'file.locking', 'media', 'index'];

const DRIVE_KEYS = ['file', 'if', 'id', 'format', 'snapshot', 'readonly', 'read-only'];

function parseDrive(text: string): Drive {
  const list = parseList('-drive', text);
  onlyKeys('-drive', list, [...DRIVE_KEYS, ...HOST_ONLY]);
  const file = list.get('file');
  if (!file) throw new UsageError(`-drive ${text}: no image named; write file=IMAGE,if=none,id=NAME,format=raw`);
  const { if: bus, format, media } = Object.fromEntries(list);
  if (bus !== 'none') {
    const given = bus === undefined ? 'without if=' : `if=${bus}`;
    throw new UsageError(`-drive ${given}: write if=none,id=NAME here and -device virtio-blk-device,drive=NAME beside it`);
  }
  if (format !== undefined && format !== 'raw') {
    throw new UsageError(`-drive format=${format}: only raw images; convert with: qemu-img convert -O raw ${file} disk.img`);
  }
  if (media !== undefined && media !== 'disk') throw new UsageError(`-drive media=${media}: only disks`);
  const id = list.get('id');
  if (!id) throw new UsageError(`-drive ${text}: needs id=NAME for a -device to refer to`);
  return {
    id,
    file,
    readOnly: parseSwitch('-drive', 'readonly', list.get('readonly') ?? list.get('read-only') ?? 'off'),
    snapshot: parseSwitch('-drive', 'snapshot', list.get('snapshot') ?? 'off'),
  };
}

interface BlockDevice {
  readonly drive: string;
  readonly serial: string;
  readonly slot: number | undefined;
}

const DEVICE_KEYS = ['driver', 'drive', 'serial', 'bus', 'id'];

function parseDevice(text: string): BlockDevice {
  if (text.trimStart().startsWith('{'))
    throw new UsageError('-device: the JSON form is not known here; write virtio-blk-device,drive=NAME');
  const list = parseList('-device', text, 'driver');
  const driver = list.get('driver') ?? '';
  if (driver !== 'virtio-blk-device') throw new UsageError(`-device ${driver}: ${remedyFor(driver)}`);
  onlyKeys(`-device ${driver}`, list, DEVICE_KEYS);
  const drive = list.get('drive');
  if (!drive) throw new UsageError(`-device ${driver}: needs drive=NAME, the id of a -drive`);
  const bus = list.get('bus');
  const slot = bus === undefined ? undefined : /^virtio-mmio-bus\.(\d)$/.exec(bus)?.[1];
  if (bus !== undefined && !(Number(slot) < VIRTIO_SLOTS)) {
    throw new UsageError(`-device ${driver}: there is no bus "${bus}"; known: virtio-mmio-bus.0 to virtio-mmio-bus.${VIRTIO_SLOTS - 1}`);
  }
  const serial = Buffer.from(list.get('serial') ?? '').subarray(0, SERIAL_BYTES);
  return { drive, serial: serial.toString(), slot: slot === undefined ? undefined : Number(slot) };
}

function remedyFor(driver: string): string {
  if (/^virtio-blk(-pci.*)?$/.test(driver)) return 'this machine has no PCI; write virtio-blk-device, which sits on virtio-mmio';
  return 'this machine has no such device; the only one is virtio-blk-device';
}

/**
 * The machine's disks in the order of `-device`, and the ids of drives that no device uses.
 * `snapshot` is the option of that name: all images keep their bytes.
 */
export function resolveDrives(
  driveTexts: readonly string[],
  deviceTexts: readonly string[],
  snapshot: boolean,
): { drives: DriveSettings[]; unused: string[] } {
  const byId = new Map<string, Drive>();
  for (const drive of driveTexts.map(parseDrive)) {
    if (byId.has(drive.id)) throw new UsageError(`-drive id=${drive.id}: two drives have this id`);
    byId.set(drive.id, drive);
  }
  const devices = deviceTexts.map(parseDevice);
  const placements = placeInSlots(devices.map(({ slot }) => slot));
  const unused = new Set(byId.keys());
  const drives = devices.map((device, index) => {
    const drive = byId.get(device.drive);
    if (!drive) throw new UsageError(`-device drive=${device.drive}: there is no -drive with id=${device.drive}`);
    if (!unused.delete(drive.id)) throw new UsageError(`-device drive=${drive.id}: another device has this drive already`);
    const slot = slotOf(placements[index]!);
    return { ...drive, serial: device.serial, slot, snapshot: drive.snapshot || snapshot };
  });
  return { drives, unused: [...unused] };
}

function slotOf(placement: Placement): number {
  if (!('problem' in placement)) return placement.slot;
  if (placement.problem === 'full') throw new UsageError(`-device: all ${VIRTIO_SLOTS} virtio-mmio slots are taken`);
  throw new UsageError(`-device bus=virtio-mmio-bus.${placement.slot}: this slot is taken`);
}
