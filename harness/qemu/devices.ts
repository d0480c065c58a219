/**
 * QEMU's `-drive` and `-device`, as far as devices on virtio-mmio and the loader go: drives and devices meet by the drive's id, in any order.
 *
 * Reference: QEMU's manual, "Block device options"; slots as QEMU's `virt` hands them out (measured: without `bus=`, the
 * highest free one). Left out: image formats other than raw, `-blockdev`, and interfaces other than `if=none`.
 */
import { type Placement, placeInSlots, VIRTIO_SLOTS } from '../../machine/spec/virt-board.ts';
import { utf8Bytes, utf8Text } from '../bytes/text.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { onlyKeys, parseList, switchOf } from './list.ts';
import { parseLoader } from './loader.ts';
import type { Mistakes } from './mistakes.ts';
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

/** undefined where something is wrong with it. */
function parseDrive(text: string, mistakes: Mistakes): Drive | undefined {
  const list = parseList('-drive', text);
  const before = mistakes.lines.length;
  mistakes.attempt(() => onlyKeys('-drive', list, [...DRIVE_KEYS, ...HOST_ONLY]));
  const { file, if: bus, format, media, id } = Object.fromEntries(list);
  if (bus === 'pflash' || bus === 'mtd') mistakes.add(`-drive if=${bus}: this machine has no flash memory; leave it out`);
  else if (bus !== 'none') mistakes.add(`-drive ${bus === undefined ? 'without if=' : `if=${bus}`}: ${NOT_ON_MMIO}`);
  else if (!id) mistakes.add(`-drive ${text}: needs id=NAME for a -device to refer to`);
  if (!file) mistakes.add(`-drive ${text}: no image named; write file=IMAGE,if=none,id=NAME,format=raw`);
  if (format !== undefined && format !== 'raw')
    mistakes.add(`-drive format=${format}: only raw images; convert with: qemu-img convert -O raw ${file ?? 'IMAGE'} disk.img`);
  if (media !== undefined && media !== 'disk') mistakes.add(`-drive media=${media}: only disks; leave media out`);
  const isOn = (key: string, given: string | undefined) => mistakes.attempt(() => switchOf('-drive', key, given ?? 'off')) ?? false;
  const readOnly = isOn('readonly', list.get('readonly') ?? list.get('read-only'));
  const snapshot = isOn('snapshot', list.get('snapshot'));
  return mistakes.lines.length === before ? { id: id!, file: file!, readOnly, snapshot } : undefined;
}

const NOT_ON_MMIO =
  'QEMU puts such a disk on PCI, which this machine does not have; ' +
  'write if=none,id=NAME here and -device virtio-blk-device,drive=NAME beside it';

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
  const serial = utf8Bytes(list.get('serial') ?? '').subarray(0, SERIAL_BYTES);
  return { drive, serial: utf8Text(serial), slot: parseSlot(driver, list.get('bus')) };
}

function parseSlot(driver: string, bus: string | undefined): number | undefined {
  if (bus === undefined) return undefined;
  const slot = Number(/^virtio-mmio-bus\.(\d)$/.exec(bus)?.[1]);
  if (slot < VIRTIO_SLOTS) return slot;
  throw new UsageError(`-device ${driver}: there is no bus "${bus}"; known: virtio-mmio-bus.0 to virtio-mmio-bus.${VIRTIO_SLOTS - 1}`);
}

/** The id of a backend of random bytes: QEMU's `-object`. */
function parseObject(text: string): string {
  const list = parseList('-object', text, 'qom-type');
  const type = list.get('qom-type') ?? '';
  if (!['rng-builtin', 'rng-random', 'rng-egd'].includes(type))
    throw new UsageError(`-object ${type}: this machine has no such backends; leave it out`);
  return list.get('id') ?? '';
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
  return 'this machine has no such device; leave it out (there are virtio-blk-device, virtio-rng-device and loader)';
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

export function resolveDevices(
  { drives: driveTexts, devices: deviceTexts, objects, snapshot, seed = 0 }: DeviceOptions,
  mistakes: Mistakes,
): Devices {
  const { byId, broken } = drivesById(driveTexts, mistakes);
  const backends = new Set(objects.map((text) => mistakes.attempt(() => parseObject(text))));
  const parsed = deviceTexts.flatMap((text) => mistakes.attempt(() => parseDevice(text)) ?? []);
  const loader = parsed.flatMap((device) => ('from' in device ? [device] : []));
  const devices = parsed.flatMap((device) => ('from' in device ? [] : [device]));
  const placements = placeInSlots(devices.map(({ slot }) => slot));
  const unused = new Set(byId.keys());
  const drives: DriveSettings[] = [];
  let entropy: MachineSettings['entropy'];
  devices.forEach((device, index) => {
    const slot = mistakes.attempt(() => slotOf(placements[index]!)) ?? 0;
    if (!('drive' in device)) {
      if (entropy !== undefined) mistakes.add('-device virtio-rng-device: this machine has at most one; leave the second one out');
      if (device.rng !== undefined && !backends.has(device.rng))
        mistakes.add(
          `-device virtio-rng-device,rng=${device.rng}: there is no -object with id=${device.rng}; write -object rng-builtin,id=${device.rng}`,
        );
      entropy = { seed, slot };
      return;
    }
    const drive = byId.get(device.drive);
    if (drive !== undefined && unused.delete(drive.id))
      drives.push({ ...drive, serial: device.serial, slot, snapshot: drive.snapshot || snapshot });
    else if (drive !== undefined)
      mistakes.add(`-device drive=${drive.id}: another device has this drive already; write a second -drive with its own id`);
    else if (!broken.has(device.drive)) mistakes.add(`-device drive=${device.drive}: there is no -drive with id=${device.drive}`);
  });
  return { drives, entropy, loader, unused: [...unused] };
}

/** `broken`: ids of drives with a mistake that was noted. That a device refers to one is none of its own. */
function drivesById(texts: readonly string[], mistakes: Mistakes): { byId: Map<string, Drive>; broken: Set<string> } {
  const byId = new Map<string, Drive>();
  const broken = new Set<string>();
  for (const text of texts) {
    const drive = mistakes.attempt(() => parseDrive(text, mistakes));
    if (drive === undefined) broken.add(/(?:^|,)id=([^,]*)/.exec(text)?.[1] ?? '');
    else if (byId.has(drive.id)) mistakes.add(`-drive id=${drive.id}: two drives have this id; give one of them another id`);
    else byId.set(drive.id, drive);
  }
  return { byId, broken };
}

function slotOf(placement: Placement): number {
  if (!('problem' in placement)) return placement.slot;
  if (placement.problem === 'full') throw new UsageError(`-device: all ${VIRTIO_SLOTS} virtio-mmio slots are taken; leave one device out`);
  throw new UsageError(`-device bus=virtio-mmio-bus.${placement.slot}: this slot is taken; leave bus= out for a free one`);
}
