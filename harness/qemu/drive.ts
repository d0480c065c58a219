/**
 * QEMU's `-drive`: an image file, for a device that refers to it by its id.
 *
 * Reference: QEMU's manual, "Block device options". Left out: image formats other than raw, `-blockdev`, and interfaces other than `if=none`; flash.ts has
 * `if=pflash`.
 */
import { onlyKeys, parseList, switchOf } from './list.ts';
import type { Mistakes } from './mistakes.ts';

export interface Drive {
  readonly id: string;
  readonly file: string;
  readonly readOnly: boolean;
  readonly snapshot: boolean;
}

/** Keys of -drive that tune the host's side of the file: right to accept, nothing to do. */
export const HOST_ONLY = ['cache', 'aio', 'discard', 'detect-zeroes', 'werror', 'rerror', 'file.locking', 'media', 'index'];

const DRIVE_KEYS = ['file', 'if', 'id', 'format', 'snapshot', 'readonly', 'read-only'];

/** undefined where something is wrong with it. */
function parseDrive(text: string, mistakes: Mistakes): Drive | undefined {
  const list = parseList('-drive', text);
  const before = mistakes.lines.length;
  mistakes.attempt(() => onlyKeys('-drive', list, [...DRIVE_KEYS, ...HOST_ONLY]));
  const { file, if: bus, format, media, id } = Object.fromEntries(list);
  if (bus === 'mtd') mistakes.add('-drive if=mtd: this machine has no such memory; leave it out');
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

/** `broken`: ids of drives with a mistake that was noted. That a device refers to one is none of its own. */
export function drivesById(texts: readonly string[], mistakes: Mistakes): { byId: Map<string, Drive>; broken: Set<string> } {
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
