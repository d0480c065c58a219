/**
 * Where kernel, initrd and device tree go in RAM: QEMU 10's rules for `virt`, each measured (boot.qemu.test.ts).
 *
 * Reference: QEMU, hw/riscv/boot.c. Where QEMU would load something that cannot run (a segment outside RAM), we say so.
 */

import { hex } from '../hex.ts';
import { RAM_BASE } from '../spec/virt-board.ts';
import { type GuestFile, GuestFileError, type GuestFileErrorCode } from './error.ts';

const MIB = 1n << 20n;
const KERNEL_ALIGNMENT = 2n * MIB;
const FDT_ALIGNMENT = 2n * MIB;
const RAM_START = BigInt(RAM_BASE);

/** Who needs a piece of memory. If two pieces overlap, the message blames the one that comes later in this order. */
const OWNERS = ['sbi', 'firmware', 'kernel', 'initrd', 'loader'] as const;
export type Owner = (typeof OWNERS)[number];

/** One piece of memory to fill: `bytes` at `address`. It takes `memorySize` bytes in all. */
export interface Load {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly memorySize: bigint;
  /** How many bytes after `bytes` an ELF file wants to be zero (p_memsz beyond p_filesz). */
  readonly zeroed: bigint;
}

export interface OwnedLoad extends Load {
  readonly owner: Owner;
  /** Which of the loader's files, by its index in the options. */
  readonly index?: number;
}

const NAMES: Readonly<Record<Owner, string>> = {
  sbi: 'the built-in SBI',
  firmware: 'the firmware',
  kernel: 'the kernel',
  initrd: 'the initrd',
  loader: 'what the loader loads',
};

/**
 * Where a kernel goes that does not say where: to the first 2 MiB boundary at or after the end of the firmware, or without firmware to the
 * start of RAM.
 */
export function kernelAddress(firmwareEnd: bigint | undefined): bigint {
  return firmwareEnd === undefined ? RAM_START : alignDown(firmwareEnd + KERNEL_ALIGNMENT - 1n, KERNEL_ALIGNMENT);
}

/** Where the initrd goes: half the size of RAM, but at most 512 MiB, after the kernel's entry. */
export function initrdAddress(kernelEntry: bigint, ramSize: bigint): bigint {
  const half = ramSize / 2n;
  return kernelEntry + (half < 512n * MIB ? half : 512n * MIB);
}

/** The last 2 MiB boundary from which the device tree fits into RAM. */
export function fdtAddress(ramSize: bigint, fdtSize: bigint): bigint {
  return alignDown(RAM_START + ramSize - fdtSize, FDT_ALIGNMENT);
}

/** What a linker puts before the first byte of code: a page of headers, of at most 64 KiB (lld's and ld's largest page size for RISC-V). */
const MOST_HEADERS = 64n << 10n;

/**
 * A file that is linked to the start of RAM without a linker script has its headers in the page before, where nothing is. QEMU loses them,
 * and the kernel runs.
 */
export function withoutHeaders(load: OwnedLoad): OwnedLoad {
  const below = RAM_START - load.address;
  if (!isHeadersBefore(load.address) || below >= load.memorySize) return load;
  const bytes = load.bytes.subarray(Number(below));
  const memorySize = load.memorySize - below;
  return { ...load, address: RAM_START, bytes, memorySize, zeroed: memorySize - BigInt(bytes.length) };
}

export function isHeadersBefore(address: bigint): boolean {
  return address < RAM_START && address >= RAM_START - MOST_HEADERS;
}

/** Throws GuestFileError if a piece does not lie in RAM, or two of them overlap. */
export function checkPlacement(loads: readonly OwnedLoad[], ramSize: bigint): void {
  const ramEnd = RAM_START + ramSize;
  for (const load of loads) {
    if (load.address < RAM_START || load.address + load.memorySize > ramEnd) {
      throw placementError(
        load,
        'outside-ram',
        `${describe(load)} does not lie in RAM (${range(RAM_START, ramEnd)}); ${remedy(load.owner)}`,
      );
    }
  }
  const sorted = loads.filter((load) => load.memorySize > 0n).sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  for (let index = 1; index < sorted.length; index++) {
    const [lower, upper] = [sorted[index - 1]!, sorted[index]!];
    if (lower.address + lower.memorySize <= upper.address) continue;
    const [first, blamed] = OWNERS.indexOf(lower.owner) <= OWNERS.indexOf(upper.owner) ? [lower, upper] : [upper, lower];
    const overlaps = `${describe(blamed)} overlaps ${describe(first)}`;
    if (first.owner === 'sbi' && blamed.owner === 'kernel' && blamed.address === RAM_START)
      throw placementError(blamed, 'for-machine-mode', `${overlaps}; a kernel for M mode needs -bios none`);
    throw placementError(blamed, 'overlap', `${overlaps}; ${remedy(blamed.owner)}`);
  }
}

/**
 * Throws GuestFileError if the device tree would not lie above the firmware, the kernel and the initrd, as QEMU refuses that; what the loader
 * loads may lie above it, too.
 */
export function checkDeviceTree(address: bigint, size: bigint, loads: readonly OwnedLoad[]): void {
  const inTheWay = ({ owner, ...load }: OwnedLoad) =>
    load.address + load.memorySize > address && (owner !== 'loader' || load.address < address + size);
  const above = loads.find(inTheWay);
  if (above) {
    const leaves = `${describe(above)} leaves no room for the device tree, which goes to ${hex(address)}`;
    const advice = above.owner === 'loader' ? remedy('loader') : 'give the machine more memory (-m)';
    throw placementError(above, 'no-room-for-device-tree', `${leaves}; ${advice}`);
  }
}

function placementError(load: OwnedLoad, code: GuestFileErrorCode, message: string): GuestFileError {
  return new GuestFileError(code, guestFile(load.owner), message, load.index);
}

/** The SBI's memory is not a file: it can only overlap with a kernel, and it only fails to fit if RAM is too small. */
function guestFile(owner: Owner): GuestFile {
  return owner === 'sbi' ? 'kernel' : owner;
}

function remedy(owner: Owner): string {
  switch (owner) {
    case 'initrd':
    case 'sbi':
      return 'give the machine more memory (-m)';
    case 'loader':
      return 'load it at an address that is free';
    case 'firmware':
    case 'kernel':
      return 'check its linker script and the memory size (-m)';
  }
}

function describe(load: OwnedLoad): string {
  // An empty one only decides where the kernel is entered.
  const where = load.memorySize === 0n ? hex(load.address) : range(load.address, load.address + load.memorySize);
  return `${NAMES[load.owner]} at ${where}`;
}

function range(start: bigint, end: bigint): string {
  return `${hex(start)}..${hex(end)}`;
}

function alignDown(value: bigint, alignment: bigint): bigint {
  return value - (value % alignment);
}
