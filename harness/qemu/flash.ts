/**
 * QEMU's flash memory: `-drive if=pflash`, the older `-pflash FILE`, and `-blockdev` with `-machine virt,pflash0=` and `pflash1=`.
 * Reference: QEMU's manual, "Invocation". Left out: files that are not raw.
 */
import { FLASH } from '../../machine/spec/virt-board.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { HOST_ONLY } from './drive.ts';
import { onlyKeys, parseList, switchOf } from './list.ts';
import type { Mistakes } from './mistakes.ts';
import type { FlashSettings } from './settings.ts';

const KEYS = ['file', 'if', 'id', 'format', 'unit', 'readonly', 'read-only', 'snapshot'];
/** Of `-blockdev`, for a file by itself or the raw format above it. */
const NODE_KEYS = [
  'node-name',
  'driver',
  'filename',
  'read-only',
  'file.driver',
  'file.filename',
  'auto-read-only',
  'cache.direct',
  'discard',
];

export const isFlash = (text: string): boolean => parseList('-drive', text).get('if') === 'pflash';

/** What was given with -drive, -blockdev and `-machine virt,pflashN=`, by unit. */
export interface FlashOptions {
  readonly drives: readonly string[];
  readonly blockdevs: readonly string[];
  readonly flashNodes: readonly (string | undefined)[];
  /** All files keep their bytes. */
  readonly snapshot: boolean;
}

/** By unit; undefined where there is no flash. As in QEMU, a drive without `unit=` gets the first free one. */
export function resolveFlash(options: FlashOptions, mistakes: Mistakes): readonly (FlashSettings | undefined)[] | undefined {
  const { drives, snapshot } = options;
  const units: (FlashSettings | undefined)[] = [];
  placeNodes(options, units, mistakes);
  for (const text of drives) mistakes.attempt(() => isFlash(text) && place(text, snapshot, units));
  return units.length === 0 ? undefined : Array.from(units);
}

function place(text: string, snapshot: boolean, units: (FlashSettings | undefined)[]): void {
  const list = parseList('-drive', text);
  onlyKeys('-drive if=pflash', list, [...KEYS, ...HOST_ONLY]);
  const { file, format = 'raw', unit } = Object.fromEntries(list);
  if (!file) throw new UsageError(`-drive ${text}: no file named; write file=FILE,if=pflash,format=raw`);
  if (format !== 'raw')
    throw new UsageError(`-drive if=pflash,format=${format}: only raw files; convert with: qemu-img convert -O raw ${file} flash.img`);
  const isOn = (key: string, given: string | undefined) => switchOf('-drive', key, given ?? 'off');
  const isReadOnly = isOn('readonly', list.get('readonly') ?? list.get('read-only'));
  const isLost = snapshot || isOn('snapshot', list.get('snapshot'));
  const free = Array.from({ length: FLASH.units }, (_, index) => index).find((index) => units[index] === undefined);
  const at = unit === undefined ? free : Number(unit);
  if (at === undefined || !Number.isInteger(at) || at < 0 || at >= FLASH.units)
    throw new UsageError(
      `-drive if=pflash${unit === undefined ? '' : `,unit=${unit}`}: flash memory has the units 0 and 1; leave this one out`,
    );
  if (units[at] !== undefined)
    throw new UsageError(`-drive if=pflash,unit=${at}: another drive is this unit already; write the other unit`);
  units[at] = { file, writes: isReadOnly ? 'refused' : isLost ? 'lost' : 'kept' };
}

/** `-snapshot` is about drives: what is written to a node reaches its file all the same. */
function placeNodes({ blockdevs, flashNodes }: FlashOptions, units: (FlashSettings | undefined)[], mistakes: Mistakes): void {
  const nodes = new Map(blockdevs.flatMap((text) => mistakes.attempt(() => [parseNode(text)]) ?? []));
  flashNodes.forEach((name, unit) => {
    if (name === undefined) return;
    const node = nodes.get(name);
    nodes.delete(name);
    if (node !== undefined) units[unit] = node;
    else if (mistakes.lines.length === 0)
      mistakes.add(
        `-machine virt,pflash${unit}=${name}: no node of this name; write -blockdev node-name=${name},driver=file,filename=FILE beside it`,
      );
  });
  for (const name of nodes.keys())
    mistakes.add(`-blockdev node-name=${name}: only for flash memory here, with -machine virt,pflash0=${name}; ${NODE_REMEDY}`);
}

const NODE_REMEDY = 'for a disk write -drive file=IMAGE,if=none,id=x0,format=raw -device virtio-blk-device,drive=x0';

function parseNode(text: string): [string, FlashSettings] {
  const list = parseList('-blockdev', text);
  onlyKeys('-blockdev', list, NODE_KEYS);
  const { 'node-name': name, driver = '', filename, 'file.driver': below, 'file.filename': belowIt } = Object.fromEntries(list);
  const file = driver === 'file' ? filename : driver === 'raw' && below === 'file' ? belowIt : undefined;
  if (!name || !file) throw new UsageError(`-blockdev ${text}: write node-name=NAME,driver=file,filename=FILE; ${NODE_REMEDY}`);
  const isReadOnly = switchOf('-blockdev', 'read-only', list.get('read-only') ?? 'off');
  return [name, { file, writes: isReadOnly ? 'refused' : 'kept' }];
}
