/**
 * QEMU's `-device`, as far as devices on virtio-mmio and the loader go, and the host's side of some: `-object`, `-netdev` and `-seed`.
 *
 * Left out: the JSON form.
 */
import { VIRTIO_SLOTS } from '../../machine/spec/virt-board.ts';
import { utf8Bytes, utf8Text } from '../bytes/text.ts';
import { DEFAULT_MAC, isMac } from '../vocabulary/mac.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { onlyKeys, parseList, switchOf } from './list.ts';
import { parseLoader } from './loader.ts';
import type { LoaderSettings } from './settings.ts';

/** The device answers GET_ID with 20 bytes (virtio 1.2, 5.2.6.1); QEMU cuts a longer serial off. */
const SERIAL_BYTES = 20;

interface BlockDevice {
  readonly driver: 'virtio-blk-device';
  readonly drive: string;
  readonly serial: string;
  readonly slot: number | undefined;
}

interface EntropyDevice {
  readonly driver: 'virtio-rng-device';
  /** The backend that it names, of which only the name matters: the bytes come from the seed. */
  readonly rng: string | undefined;
  readonly slot: number | undefined;
}

interface NetworkDevice {
  readonly driver: 'virtio-net-device';
  readonly netdev: string | undefined;
  readonly mac: string;
  /** Whether the legacy device offers VIRTIO_NET_F_GSO, which the modern one does not have. */
  readonly gso: boolean;
  readonly slot: number | undefined;
}

const BLOCK_KEYS = ['driver', 'drive', 'serial', 'bus', 'id'];
const ENTROPY_KEYS = ['driver', 'rng', 'bus', 'id', 'max-bytes', 'period'];
const NETWORK_KEYS = ['driver', 'netdev', 'mac', 'bus', 'id', 'gso'];

const ON = ['on', 'true', 'yes'];
const OFF = ['off', 'false', 'no'];

/** Properties with the values that say what a device is here, and in QEMU on virtio-mmio, anyway. `scsi` is one of older QEMU. */
const FIXED = {
  'virtio-blk-device': {
    scsi: OFF,
    'num-queues': ['1'],
    logical_block_size: ['512'],
    physical_block_size: ['512'],
    'config-wce': ON,
    'write-cache': [...ON, 'auto'],
    ...ringsFixed(),
  },
  'virtio-rng-device': ringsFixed(),
  'virtio-net-device': {
    ...Object.fromEntries(
      [
        'csum',
        'guest_csum',
        'guest_tso4',
        'guest_tso6',
        'guest_ecn',
        'guest_ufo',
        'host_tso4',
        'host_tso6',
        'host_ecn',
        'host_ufo',
        'mq',
      ].map((key) => [key, OFF]),
    ),
    ...ringsFixed(),
  },
} as const satisfies Record<string, Readonly<Record<string, readonly string[]>>>;

function ringsFixed() {
  return { packed: OFF, indirect_desc: ON, event_idx: ON };
}

/** Of QEMU's side of a device. */
const UNSEEN = ['bootindex', 'share-rw', 'iothread', 'request-merging'];

/** Refuses keys that are not known, and known ones with values that this device does not have. */
function checkProperties(driver: keyof typeof FIXED, list: ReadonlyMap<string, string>, own: readonly string[]): void {
  const fixed: Readonly<Record<string, readonly string[]>> = FIXED[driver];
  const strange = [...list].find(([key, value]) => Object.hasOwn(fixed, key) && !fixed[key]!.includes(value));
  if (strange !== undefined) {
    const [key, value] = strange;
    throw new UsageError(`-device ${driver},${key}=${value}: not in this machine; leave it out or write ${key}=${fixed[key]![0]}`);
  }
  const others = new Map([...list].filter(([key]) => !Object.hasOwn(fixed, key) && !UNSEEN.includes(key)));
  onlyKeys(`-device ${driver}`, others, own);
}

/** A device on virtio-mmio. */
export type VirtioDevice = BlockDevice | EntropyDevice | NetworkDevice;

/** What is to be loaded, or a device. */
export function parseDevice(text: string): VirtioDevice | LoaderSettings {
  if (text.trimStart().startsWith('{'))
    throw new UsageError('-device: the JSON form is not known here; write virtio-blk-device,drive=NAME');
  const list = parseList('-device', text, 'driver');
  const driver = list.get('driver') ?? '';
  switch (driver) {
    case 'virtio-blk-device':
      return parseBlockDevice(list);
    case 'virtio-rng-device':
      checkProperties(driver, list, ENTROPY_KEYS);
      return { driver, rng: list.get('rng'), slot: parseSlot(driver, list.get('bus')) };
    case 'virtio-net-device':
      return parseNetworkDevice(list);
    case 'loader':
      return parseLoader(list);
    default:
      throw new UsageError(`-device ${driver}: ${remedyFor(driver)}`);
  }
}

function parseBlockDevice(list: ReadonlyMap<string, string>): BlockDevice {
  const driver = 'virtio-blk-device';
  checkProperties(driver, list, BLOCK_KEYS);
  const drive = list.get('drive');
  if (!drive) throw new UsageError(`-device ${driver}: needs drive=NAME, the id of a -drive`);
  const serial = utf8Bytes(list.get('serial') ?? '').subarray(0, SERIAL_BYTES);
  return { driver, drive, serial: utf8Text(serial), slot: parseSlot(driver, list.get('bus')) };
}

function parseNetworkDevice(list: ReadonlyMap<string, string>): NetworkDevice {
  const driver = 'virtio-net-device';
  checkProperties(driver, list, NETWORK_KEYS);
  const mac = list.get('mac') ?? DEFAULT_MAC;
  if (!isMac(mac)) throw new UsageError(`-device ${driver},mac=${mac}: not an address of a device; write for example mac=${DEFAULT_MAC}`);
  const gso = switchOf(`-device ${driver}`, 'gso', list.get('gso') ?? 'on');
  return { driver, netdev: list.get('netdev'), mac, gso, slot: parseSlot(driver, list.get('bus')) };
}

function parseSlot(driver: string, bus: string | undefined): number | undefined {
  if (bus === undefined) return undefined;
  const slot = Number(/^virtio-mmio-bus\.(\d)$/.exec(bus)?.[1]);
  if (slot < VIRTIO_SLOTS) return slot;
  throw new UsageError(`-device ${driver}: there is no bus "${bus}"; known: virtio-mmio-bus.0 to virtio-mmio-bus.${VIRTIO_SLOTS - 1}`);
}

/** Of the host's side alone: what they write down or run on, no kernel sees. */
const HOST_OBJECTS = ['filter-dump', 'iothread'];

/** The id of a backend of random bytes: QEMU's `-object`. */
export function parseObject(text: string): string {
  const list = parseList('-object', text, 'qom-type');
  const type = list.get('qom-type') ?? '';
  if (HOST_OBJECTS.includes(type)) return '';
  if (!['rng-builtin', 'rng-random', 'rng-egd'].includes(type))
    throw new UsageError(`-object ${type}: this machine has no such backends; leave it out`);
  return list.get('id') ?? '';
}

/** Types of QEMU's -netdev. */
const NETDEVS = ['user', 'tap', 'bridge', 'socket', 'stream', 'dgram', 'hubport', 'vde', 'l2tpv3', 'vhost-user', 'vhost-vdpa', 'passt'];

/** The id of a network of the host's: its other keys mean nothing, since no link is up. */
export function parseNetdev(text: string): string {
  const list = parseList('-netdev', text, 'type');
  const type = list.get('type') ?? '';
  if (!NETDEVS.includes(type)) throw new UsageError(`-netdev ${type}: QEMU has no such network; write -netdev user,id=n`);
  const id = list.get('id');
  if (!id) throw new UsageError(`-netdev ${text}: needs id=NAME for a -device to refer to`);
  return id;
}

/** The value of -seed. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed < 2 ** 32) return seed;
  throw new UsageError(`-seed ${text}: not a number from 0 to ${2 ** 32 - 1}`);
}

function remedyFor(driver: string): string {
  if (/^virtio-blk(-pci.*)?$/.test(driver)) return 'this machine has no PCI; write virtio-blk-device, which sits on virtio-mmio';
  if (/^(virtio-net(-pci.*)?|e1000.*|rtl8139|vmxnet3|igb|ne2k_pci)$/.test(driver))
    return 'this machine has no PCI; write virtio-net-device, which sits on virtio-mmio';
  if (/^virtio-rng(-pci.*)?$/.test(driver)) return 'this machine has no PCI; write virtio-rng-device, which sits on virtio-mmio';
  return 'this machine has no such device; leave it out (there are virtio-blk-device, virtio-rng-device, virtio-net-device and loader)';
}
