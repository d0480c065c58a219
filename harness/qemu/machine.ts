/**
 * QEMU's `-machine`, `-smp`, `-accel`, `-global` and `-action`: what of them this board can be.
 *
 * Once they are checked little is left to configure: there is one board, always emulated.
 */

import { MOST_HARTS } from '../../machine/spec/virt-board.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { onlyKeys, parseList, switchOf } from './list.ts';
import type { Mistakes } from './mistakes.ts';

/** Properties of QEMU's `virt` that this board has too: each with the values that say what it is anyway. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  aclint: ['off', 'false', 'no'],
  aia: ['none'],
  'iommu-sys': ['off', 'auto', 'false', 'no'],
  usb: ['off', 'false', 'no'],
};

/** By unit of flash memory. */
const FLASH_NODES = ['pflash0', 'pflash1'];

/** Properties that change nothing that a kernel on this board could see. */
const UNSEEN = ['acpi', 'graphics', 'dump-guest-core', 'mem-merge', 'suppress-vmdesc', 'aia-guests'];

/** What to write instead of properties that say nothing about the board itself. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  dumpdtb: 'QEMU writes its device tree and ends; leave it out',
  dtb: 'the machine makes its own device tree; leave it out',
  kernel: 'it is an option of its own here; write -kernel FILE',
  initrd: 'it is an option of its own here; write -initrd FILE',
  append: 'it is an option of its own here; write -append TEXT',
  firmware: 'it is an option of its own here; write -bios FILE',
};

/** Notes what this board cannot be. The nodes for flash memory that the text names, by unit. */
export function checkMachine(text: string, mistakes: Mistakes): [unit: number, node: string][] {
  const list = parseList('-machine', text, 'type');
  for (const [key, remedy] of Object.entries(ELSEWHERE)) {
    const value = list.get(key);
    if (list.delete(key)) mistakes.add(`-machine virt,${key}=${value}: ${remedy}`);
  }
  const type = list.get('type') ?? 'virt';
  if (type !== 'virt') mistakes.add(`-machine ${type}: the only machine here is QEMU's "virt"; write -machine virt`);
  mistakes.attempt(() => onlyKeys('-machine virt', list, ['type', 'accel', ...FLASH_NODES, ...Object.keys(FIXED), ...UNSEEN]));
  const accel = list.get('accel');
  if (accel !== undefined) mistakes.attempt(() => checkAccel(accel));
  for (const [key, accepted] of Object.entries(FIXED)) {
    const value = list.get(key);
    if (value !== undefined && !accepted.includes(value))
      mistakes.add(`-machine virt,${key}=${value}: not in this machine; leave it out or write ${key}=${accepted[0]}`);
  }
  return FLASH_NODES.flatMap((key, unit) => (list.has(key) ? [[unit, list.get(key)!] as [number, string]] : []));
}

export function checkAccel(text: string): void {
  const accel = parseList('-accel', text, 'accel').get('accel');
  // QEMU's `-machine accel=` is a list of choices, separated by colons, of which the first that works is taken.
  if (!accel?.split(':').includes('tcg'))
    throw new UsageError(`-accel ${text}: this machine is always emulated; leave it out or write tcg`);
}

/** How the harts are arranged: nothing that a kernel on this board could see. */
const ARRANGEMENT = ['sockets', 'dies', 'clusters', 'cores', 'threads'];

/**
 * How many harts. As in QEMU, without `cpus` it is the product of how they are arranged, `maxcpus` is how many it would have with those that are
 * added later, and what is left out of an arrangement is one, but for the first of cores, sockets and threads, which makes up for the rest.
 */
export function parseSmp(text: string): number {
  const list = parseList('-smp', text, 'cpus');
  onlyKeys('-smp', list, ['cpus', 'maxcpus', ...ARRANGEMENT]);
  for (const [key, value] of list) {
    if (!/^[1-9]\d{0,3}$/.test(value)) throw new UsageError(`-smp ${key}=${value}: write a whole number from 1 on`);
  }
  const given = ARRANGEMENT.reduce((harts, key) => harts * Number(list.get(key) ?? 1), 1);
  const harts = Number(list.get('cpus') ?? list.get('maxcpus') ?? given);
  const most = Number(list.get('maxcpus') ?? harts);
  const isOpen = ['cores', 'sockets', 'threads'].some((key) => !list.has(key));
  const product = isOpen ? given * Math.floor(most / given) : given;
  if (ARRANGEMENT.some((key) => list.has(key)) && product !== most)
    throw new UsageError(`-smp ${text}: this arrangement is of ${product} harts, and not of ${most}; write -smp ${harts}`);
  if (harts > MOST_HARTS) throw new UsageError(`-smp ${text}: this machine has at most ${MOST_HARTS} harts; write -smp ${MOST_HARTS}`);
  return harts;
}

/** QEMU's largest. */
const MOST_SHIFT = 10;

/** Guest nanoseconds that each instruction takes by -icount; undefined where QEMU would adjust that while it runs. */
export function parseIcount(text: string): number | undefined {
  const list = parseList('-icount', text, 'shift');
  onlyKeys('-icount', list, ['shift', 'align', 'sleep']);
  const shift = list.get('shift') ?? 'auto';
  if (shift === 'auto') return undefined;
  if (!/^\d{1,2}$/.test(shift) || Number(shift) > MOST_SHIFT)
    throw new UsageError(`-icount shift=${shift}: write a number from 0 to ${MOST_SHIFT}`);
  return 2 ** Number(shift);
}

/** Whether the virtio-mmio slots have the modern transport. */
export function parseGlobal(text: string): boolean {
  const list = parseList('-global', text);
  const driver = list.get('driver');
  const [name, value] =
    driver === undefined ? ([...list][0] ?? ['', '']) : [`${driver}.${list.get('property') ?? ''}`, list.get('value') ?? ''];
  if (name !== 'virtio-mmio.force-legacy')
    throw new UsageError(`-global ${text}: the only property known here is virtio-mmio.force-legacy; leave it out`);
  return !switchOf('-global', 'virtio-mmio.force-legacy', value);
}

/** `-action reboot=shutdown` means `-no-reboot`; the rest are QEMU's defaults or have no cause here. Returns whether a reset reboots. */
export function parseAction(text: string): boolean {
  const list = parseList('-action', text);
  onlyKeys('-action', list, ['reboot', 'shutdown', 'panic', 'watchdog']);
  return list.get('reboot') !== 'shutdown';
}
