/**
 * QEMU's `-drive` and `-device`, as far as block devices on virtio-mmio go: they meet by the drive's id, in any order.
 *
 * Reference: QEMU's manual, "Block device options"; slots as QEMU's `virt` hands them out (measured: without `bus=`, the
 * highest free one). Left out: image formats other than raw, `-blockdev`, and interfaces other than `if=none`.
 */
import { type Placement, placeInSlots, VIRTIO_SLOTS } from '../../machine/spec/virt-board.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { onlyKeys, parseList, parseSwitch } from './list.ts';
import { parseLoader } from './loader.ts';
import type { DriveSettings, LoaderSettings, MachineSettings } from './settings.ts';

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

interface EntropyDevice {
  /** The backend that it names, of which only the name matters: the bytes come from the seed. */
  readonly rng: string | undefined;
  readonly slot: number | undefined;
}

const BLOCK_KEYS = ['driver', 'drive', 'serial', 'bus', 'id'];
const ENTROPY_KEYS = ['driver', 'rng', 'bus', 'id', 'max-bytes', 'period'];

function parseDevice(text: string): BlockDevice | EntropyDevice | LoaderSettings {
  if (text.trimStart().startsWith('{'))
    throw new UsageError('-device: the JSON form is not known here; write virtio-blk-device,drive=NAME');
  const list = parseList('-device', text, 'driver');
  const driver = list.get('driver') ?? '';
  switch (driver) {
    case 'virtio-blk-device':
      return parseBlockDevice(list);
    case 'virtio-rng-device':
      onlyKeys(`-device ${driver}`, list, ENTROPY_KEYS);
      return { rng: list.get('rng'), slot: parseSlot(driver, list.get('bus')) };
    case 'loader':
      return parseLoader(list);
    default:
      throw new UsageError(`-device ${driver}: ${remedyFor(driver)}`);
  }
}

function parseBlockDevice(list: ReadonlyMap<string, string>): BlockDevice {
  const driver = 'virtio-blk-device';
  onlyKeys(`-device ${driver}`, list, BLOCK_KEYS);
  const drive = list.get('drive');
  if (!drive) throw new UsageError(`-device ${driver}: needs drive=NAME, the id of a -drive`);
  const serial = Buffer.from(list.get('serial') ?? '').subarray(0, SERIAL_BYTES);
  return { drive, serial: serial.toString(), slot: parseSlot(driver, list.get('bus')) };
}

function parseSlot(driver: string, bus: string | undefined): number | undefined {
  if (bus === undefined) return undefined;
  const slot = Number(/^virtio-mmio-bus\.(\d)$/.exec(bus)?.[1]);
  if (slot < VIRTIO_SLOTS) return slot;
  throw new UsageError(`-device ${driver}: there is no bus "${bus}"; known: virtio-mmio-bus.0 to virtio-mmio-bus.${VIRTIO_SLOTS - 1}`);
}

/** Backends of random bytes, by their id: QEMU's `-object`. */
function parseObjects(texts: readonly string[]): Set<string> {
  return new Set(
    texts.map((text) => {
      const list = parseList('-object', text, 'qom-type');
      const type = list.get('qom-type') ?? '';
      if (!['rng-builtin', 'rng-random', 'rng-egd'].includes(type))
        throw new UsageError(`-object ${type}: this machine has no such backends`);
      return list.get('id') ?? '';
    }),
  );
}

/** The value of -seed. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed < 2 ** 32) return seed;
  throw new UsageError(`-seed ${text}: not a number from 0 to ${2 ** 32 - 1}`);
}

function remedyFor(driver: string): string {
  if (/^virtio-blk(-pci.*)?$/.test(driver)) return 'this machine has no PCI; write virtio-blk-device, which sits on virtio-mmio';
  if (/^virtio-rng(-pci.*)?$/.test(driver)) return 'this machine has no PCI; write virtio-rng-device, which sits on virtio-mmio';
  return 'this machine has no such device; it has virtio-blk-device, virtio-rng-device and loader';
}

/** What was given with -drive, -device, -object, -snapshot and -seed. */
export interface DeviceOptions {
  readonly drives: readonly string[];
  readonly devices: readonly string[];
  readonly objects: readonly string[];
  /** All images keep their bytes. */
  readonly snapshot: boolean;
  readonly seed?: number;
}

export interface Devices {
  /** In the order of `-device`. */
  readonly drives: readonly DriveSettings[];
  readonly entropy: MachineSettings['entropy'];
  readonly loader: readonly LoaderSettings[];
  /** The ids of drives that no device uses. */
  readonly unused: readonly string[];
}

export function resolveDevices({ drives: driveTexts, devices: deviceTexts, objects, snapshot, seed = 0 }: DeviceOptions): Devices {
  const byId = new Map<string, Drive>();
  for (const drive of driveTexts.map(parseDrive)) {
    if (byId.has(drive.id)) throw new UsageError(`-drive id=${drive.id}: two drives have this id`);
    byId.set(drive.id, drive);
  }
  const backends = parseObjects(objects);
  const parsed = deviceTexts.map(parseDevice);
  const loader = parsed.flatMap((device) => ('from' in device ? [device] : []));
  const devices = parsed.flatMap((device) => ('from' in device ? [] : [device]));
  const placements = placeInSlots(devices.map(({ slot }) => slot));
  const unused = new Set(byId.keys());
  const drives: DriveSettings[] = [];
  let entropy: MachineSettings['entropy'];
  devices.forEach((device, index) => {
    const slot = slotOf(placements[index]!);
    if ('drive' in device) {
      const drive = byId.get(device.drive);
      if (!drive) throw new UsageError(`-device drive=${device.drive}: there is no -drive with id=${device.drive}`);
      if (!unused.delete(drive.id)) throw new UsageError(`-device drive=${drive.id}: another device has this drive already`);
      drives.push({ ...drive, serial: device.serial, slot, snapshot: drive.snapshot || snapshot });
      return;
    }
    if (entropy !== undefined) throw new UsageError('-device virtio-rng-device: this machine has at most one');
    if (device.rng !== undefined && !backends.has(device.rng))
      throw new UsageError(`-device virtio-rng-device,rng=${device.rng}: there is no -object with id=${device.rng}`);
    entropy = { seed, slot };
  });
  return { drives, entropy, loader, unused: [...unused] };
}

function slotOf(placement: Placement): number {
  if (!('problem' in placement)) return placement.slot;
  if (placement.problem === 'full') throw new UsageError(`-device: all ${VIRTIO_SLOTS} virtio-mmio slots are taken`);
  throw new UsageError(`-device bus=virtio-mmio-bus.${placement.slot}: this slot is taken`);
}
