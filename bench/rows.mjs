// The rows of `npm run bench`: work that ours and QEMU do, and what the ratio should be at most.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGuests } from './guests/build.mjs';
import { measure, measureAll } from './measure.mjs';

/** @import { Command, Taken, Typed } from './measure.mjs' */

/**
 * Ours and QEMU's; `goal`: the ratio of the times on the clock that is wanted (issue 14); `slow`: a row that takes minutes.
 *
 * @typedef {{ title: string, goal: number, slow?: boolean, ours: () => Promise<Taken>, qemus: () => Promise<Taken> }} Row
 */

/** @param {string} path */
const inProject = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const BOOTGRADE = inProject('dist/bootgrade.mjs');
export const QEMU = 'qemu-system-riscv64';
const SHELL = '[INIT] Starting Shell...';
const OSTD = inProject('submissions/class/ostd-passes/kernel.elf');
/** It waits for an answer to a request that it never announces. */
const HANGS = inProject('submissions/class/no-notify/kernel.elf');
const SMALL = inProject('submissions/class/passes/kernel.elf');

/** Debian's u-boot-qemu. */
const UBOOT = '/usr/lib/u-boot/qemu-riscv64_smode/uboot.elf';
const UBOOT_KEYS = /** @type {const} */ ([
  ['Hit any key to stop autoboot', ' '],
  ['=> ', 'virtio scan\n'],
  ['=> ', 'virtio read 0x84000000 0 1\n'],
]);
const UBOOT_HAS_READ = '1 blocks read: OK';
/** Guests that no package of ours has, by environment variable: a Linux Image and its initial RAM disk that powers off; a debug build of an OSTD kernel. */
const { BENCH_LINUX, BENCH_INITRD, BENCH_OSTD_DEBUG } = process.env;

/** @param {readonly string[]} args */
const bootgrade = (...args) => ({ program: process.execPath, args: [BOOTGRADE, ...args] });

/**
 * One kernel, run by both with the same arguments. With `until`, QEMU is killed; ours has an option for it and ends by itself. What is typed, both
 * get from standard input.
 *
 * @param {string} title
 * @param {number} goal
 * @param {readonly string[]} args
 * @param {{ until?: string, types?: readonly Typed[] }} [more]
 * @returns {Row}
 */
function boots(title, goal, args, { until, types } = {}) {
  const own = until === undefined ? [] : ['--until', until];
  return {
    title,
    goal,
    ours: () => measure({ ...bootgrade('run', ...own, ...args), types }),
    qemus: () => measure({ program: QEMU, args, until, types }),
  };
}

/**
 * The lab's own command line.
 *
 * @param {string} disk
 * @param {string} kernel
 */
function labArguments(disk, kernel) {
  const machine = '-cpu rv64,zba=true,zbb=true -machine virt -m 1G --no-reboot -nographic'.split(' ');
  const drive = ['-device', 'virtio-blk-device,drive=x0,serial=blk0', '-drive', `file=${disk},if=none,id=x0,format=raw,snapshot=on`];
  return [...machine, ...drive, '-kernel', kernel, '-append', 'ostd.log_level=error'];
}

/** @param {string} kernel */
const bareArguments = (kernel) => ['-machine', 'virt', '-m', '128M', '-nographic', '-bios', 'none', '-kernel', kernel];

/**
 * A class of copies of kernels, no two of which are the same file. Gives the class's folder.
 *
 * @param {string} folder
 * @param {string} name
 * @param {readonly string[]} kernels
 */
function classOf(folder, name, kernels) {
  const path = join(folder, name);
  kernels.forEach((kernel, index) => {
    const own = join(path, `s${String(index).padStart(4, '0')}`);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'kernel.elf'), Buffer.concat([readFileSync(kernel), Buffer.from(`copy ${index}`)]));
  });
  return path;
}

/** @param {string} folder */
function disk(folder) {
  const path = join(folder, 'blk.img');
  const image = Buffer.alloc(64 << 20);
  image.write('Hello World from Image!');
  writeFileSync(path, image);
  return path;
}

const RUBRIC = `rubric: 1
title: Bench
machine: { cpu: "rv64,zba=true,zbb=true", memory: 1G, append: ostd.log_level=error, drives: { blk: { size: 64M, contents: [{ at: 0, text: Hello World from Image! }] } } }
submission: { kernel: kernel.elf }
scenarios:
  one: { until: { console: "${SHELL}" }, limit: 10s guest }
  two: { extends: one, drives: { blk: { contents: [{ at: 0, text: Different bytes }] } } }
checks: [{ id: shell, points: 1, console: "${SHELL}" }]
`;

/**
 * @template Item
 * @param {number} count
 * @param {Item} item
 * @returns {Item[]}
 */
const times = (count, item) => Array.from({ length: count }, () => item);

/**
 * @param {string} folder
 * @param {boolean} hasCompiler
 * @returns {Row[]}
 */
export function rowsIn(folder, hasCompiler) {
  const image = disk(folder);
  const lab = inProject('rubrics/lab13.yaml');
  /** @type {(rubric: string, submissions: string, ...more: readonly string[]) => Promise<Taken>} */
  const grade = (file, submissions, ...more) =>
    measure(bootgrade('grade', file, submissions, '--quiet', '--out', join(folder, `out-${Math.random()}`), ...more));
  /** @type {(kernel: string) => Command} */
  const qemu = (kernel) => ({ program: QEMU, args: labArguments(image, kernel), until: SHELL });
  const plain = join(folder, 'plain.yaml');
  writeFileSync(plain, RUBRIC);
  const hundred = () => classOf(folder, 'hundred', times(100, OSTD));
  const withHangs = () => classOf(folder, 'hangs', times(10, [HANGS, ...times(9, OSTD)]).flat());
  const thousand = () => classOf(folder, 'thousand', times(1000, SMALL));
  /** @type {Row[]} */
  const rows = [
    boots('OSTD sample, run to its shell', 0.8, labArguments(image, OSTD), { until: SHELL }),
    {
      title: 'grade, two scenarios, against two boots',
      goal: 0.6,
      ours: () => grade(lab, inProject('submissions/class/ostd-passes')),
      qemus: () => measureAll(times(2, qemu(OSTD)), 1),
    },
    {
      title: 'class of 100 OSTD kernels, two scenarios, 2 workers',
      goal: 0.15,
      slow: true,
      ours: () => grade(lab, hundred(), '--jobs', '2'),
      qemus: () => measureAll(times(200, qemu(OSTD)), 2),
    },
    {
      title: 'the same where every tenth hangs, limit 10 s',
      goal: 0.02,
      slow: true,
      ours: () => grade(plain, withHangs(), '--jobs', '2'),
      qemus: () => measureAll([...times(180, qemu(OSTD)), ...times(20, { ...qemu(HANGS), timeout: 10_000 })], 2),
    },
    {
      title: 'a thousand small C kernels, 2 workers',
      goal: 0.05,
      slow: true,
      ours: () => grade(plain, thousand(), '--jobs', '2'),
      qemus: () => measureAll(times(1000, qemu(SMALL)), 2),
    },
  ];
  if (hasCompiler) rows.push(...guestRows(folder));
  return [...rows, ...foundGuests(image)];
}

/** @type {Readonly<Record<string, readonly [title: string, goal: number]>>} */
const GUESTS = {
  'mixed-1G': ['mixed integer loop, 1 G instructions', 0.8],
  'mixed-100M': ['mixed integer loop, 100 M', 1.3],
  'cold-x4': ['cold code, 61 M', 0.8],
  'float-100M': ['floating-point loop, 100 M', 1.5],
  'memory-1G': ['memset and memcpy of 1 GB', 1.5],
};

/** @param {string} folder */
function guestRows(folder) {
  const guests = buildGuests(folder);
  return Object.entries(GUESTS).map(([name, [title, goal]]) => boots(title, goal, bareArguments(guests[name] ?? '')));
}

/** What rows are left out, and what they need. */
export function missingGuests() {
  const missing = [];
  if (BENCH_LINUX === undefined || BENCH_INITRD === undefined)
    missing.push('BENCH_LINUX and BENCH_INITRD do not name an Image and a RAM disk: Linux is left out');
  if (BENCH_OSTD_DEBUG === undefined) missing.push('BENCH_OSTD_DEBUG does not name a debug build of an OSTD kernel: it is left out');
  if (!existsSync(UBOOT)) missing.push(`${UBOOT} is missing (Debian: u-boot-qemu): U-Boot is left out`);
  return missing;
}

/**
 * Rows whose guests are there.
 *
 * @param {string} image of a disk
 * @returns {Row[]}
 */
function foundGuests(image) {
  /** @type {Row[]} */
  const rows = [];
  if (BENCH_LINUX !== undefined && BENCH_INITRD !== undefined) {
    const args = ['-machine', 'virt', '-m', '256M', '-nographic', '-kernel', BENCH_LINUX, '-initrd', BENCH_INITRD];
    rows.push(boots('Linux to power-off', 1.3, args));
  }
  if (BENCH_OSTD_DEBUG !== undefined)
    rows.push(boots('debug build of an OSTD kernel', 1, labArguments(image, BENCH_OSTD_DEBUG), { until: SHELL }));
  if (existsSync(UBOOT)) {
    const args = ['-machine', 'virt', '-m', '256M', '-nographic', '-kernel', UBOOT];
    const drive = ['-device', 'virtio-blk-device,drive=x0', '-drive', `file=${image},if=none,id=x0,format=raw,snapshot=on`];
    rows.push(boots('U-Boot to its prompt and one virtio read', 0.6, [...args, ...drive], { until: UBOOT_HAS_READ, types: UBOOT_KEYS }));
  }
  return rows;
}
