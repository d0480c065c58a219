/**
 * The small languages inside QEMU's options: `key=value,key=value` lists, switches, sizes.
 *
 * Reference: QEMU's manual, "Invocation". Left out: the JSON form of -device and -object, and nested keys.
 */
import { parseSwitch } from '../../machine/spec/switch.ts';
import { MOST_RAM } from '../../machine/spec/virt-board.ts';
import { UsageError } from '../vocabulary/usage-error.ts';

/**
 * Reads `key=value,key=value`. A doubled comma is a comma in a value; a first part without `=` is the value of `implied`
 * where there is one; any other key without a value is a switch that is on, as `snapshot` in `-drive file=F,snapshot`.
 */
export function parseList(option: string, text: string, implied?: string): Map<string, string> {
  const list = new Map<string, string>();
  splitList(text).forEach((part, position) => {
    const equals = part.indexOf('=');
    if (equals > 0) list.set(part.slice(0, equals), part.slice(equals + 1));
    else if (position === 0 && implied !== undefined) list.set(implied, part);
    else if (equals < 0 && part !== '') list.set(part, 'on');
    else if (equals === 0) throw new UsageError(`${option} ${text}: part ${position + 1} is not key=value`);
  });
  return list;
}

function splitList(text: string): string[] {
  // A comma between two values is one with no comma beside it; pairs of commas belong to the value, left to right.
  const parts: string[] = [];
  let part = '';
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== ',') part += text[at];
    else if (text[at + 1] === ',') {
      part += ',';
      at++;
    } else {
      parts.push(part);
      part = '';
    }
  }
  parts.push(part);
  return parts;
}

/** Refuses every key of `list` that is not in `known`, all of them at once. */
export function onlyKeys(option: string, list: ReadonlyMap<string, string>, known: readonly string[]): void {
  const unknown = [...list.keys()].filter((key) => !known.includes(key)).map((key) => `"${key}"`);
  if (unknown.length === 0) return;
  throw new UsageError(`${option}: unknown key${unknown.length === 1 ? '' : 's'} ${unknown.join(', ')}; known: ${known.join(', ')}`);
}

export function switchOf(option: string, key: string, text: string): boolean {
  const value = parseSwitch(text);
  if (value === undefined) throw new UsageError(`${option}: ${key}=${text}: say "on" or "off"`);
  return value;
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const UNITS: Readonly<Record<string, number>> = { b: 1, k: 1024, m: MIB, g: GIB, t: 2 ** 40 };

/** What the board has without -m, as QEMU's. */
export const DEFAULT_MEMORY = 128 * MIB;

/** QEMU rounds the size of RAM up to this (`-m 100K` gives 0x1a000 bytes, measured on QEMU 10). */
const MEMORY_GRAIN = 8192;

/** The value of -m in bytes: MiB without a unit, fractions allowed, 0 for the default. */
export function parseMemory(text: string): number {
  const list = parseList('-m', text, 'size');
  onlyKeys('-m', list, ['size', 'slots', 'maxmem']);
  if ((list.get('slots') ?? '0') !== '0') throw new UsageError('-m slots=: this machine has no memory hotplug; leave slots and maxmem out');
  const size = list.get('size') ?? '0';
  const match = /^(\d+(?:\.\d+)?)([bkmgt]?)$/i.exec(size);
  if (!match) throw new UsageError(`-m ${size}: not a size; write for example 512M or 1G (MiB where the unit is left out)`);
  const bytes = Math.ceil((Number(match[1]) * UNITS[match[2]!.toLowerCase() || 'm']!) / MEMORY_GRAIN) * MEMORY_GRAIN;
  if (bytes > MOST_RAM) throw new UsageError(`-m ${size}: this machine has at most ${MOST_RAM / GIB}G of RAM`);
  return bytes === 0 ? DEFAULT_MEMORY : bytes;
}
