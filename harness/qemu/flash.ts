/** QEMU's `-drive if=pflash`: files for the units of flash memory. Left out: flash that can be written, and `-machine pflash0=`. */
import { FLASH } from '../../machine/spec/virt-board.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { HOST_ONLY } from './drive.ts';
import { onlyKeys, parseList, switchOf } from './list.ts';
import type { Mistakes } from './mistakes.ts';

const KEYS = ['file', 'if', 'id', 'format', 'unit', 'readonly', 'read-only'];

export const isFlash = (text: string): boolean => parseList('-drive', text).get('if') === 'pflash';

/** By unit; undefined where there is no flash. As in QEMU, a drive without `unit=` gets the first free one. */
export function resolveFlash(drives: readonly string[], mistakes: Mistakes): readonly (string | undefined)[] | undefined {
  const units: (string | undefined)[] = [];
  for (const text of drives) mistakes.attempt(() => isFlash(text) && place(text, units));
  return units.length === 0 ? undefined : Array.from(units);
}

function place(text: string, units: (string | undefined)[]): void {
  const list = parseList('-drive', text);
  onlyKeys('-drive if=pflash', list, [...KEYS, ...HOST_ONLY]);
  const { file, format = 'raw', unit } = Object.fromEntries(list);
  if (!file) throw new UsageError(`-drive ${text}: no file named; write file=FILE,if=pflash,format=raw,readonly=on`);
  if (format !== 'raw')
    throw new UsageError(`-drive if=pflash,format=${format}: only raw files; convert with: qemu-img convert -O raw ${file} flash.img`);
  if (!switchOf('-drive', 'readonly', list.get('readonly') ?? list.get('read-only') ?? 'off'))
    throw new UsageError('-drive if=pflash: what is written to flash memory is not kept here; add readonly=on');
  const free = Array.from({ length: FLASH.units }, (_, index) => index).find((index) => units[index] === undefined);
  const at = unit === undefined ? free : Number(unit);
  if (at === undefined || !Number.isInteger(at) || at < 0 || at >= FLASH.units)
    throw new UsageError(
      `-drive if=pflash${unit === undefined ? '' : `,unit=${unit}`}: flash memory has the units 0 and 1; leave this one out`,
    );
  if (units[at] !== undefined)
    throw new UsageError(`-drive if=pflash,unit=${at}: another drive is this unit already; write the other unit`);
  units[at] = file;
}
