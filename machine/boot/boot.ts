/**
 * What a machine finds at power-on: it is computed from the files and options alone, so that it can be tested without a machine.
 *
 * Reference: QEMU 10, hw/riscv/boot.c and hw/riscv/virt.c (`virt_machine_done`); board.md, "Boot".
 */

import { encodeFdt } from '../device-tree/fdt.ts';
import { virtTree } from '../device-tree/virt.ts';
import type { CpuModel } from '../isa/cpu-model.ts';
import { type FlashUnit, isMedium } from '../ports.ts';
import { isElf } from '../spec/elf.ts';
import type { HandedFiles } from '../spec/fw-cfg.ts';
import { FIRMWARE_END, FLASH, MOST_RAM_BESIDE_FLASH, RAM_BASE, RESET_ROM } from '../spec/virt-board.ts';
import { parseElf } from './elf.ts';
import { type GuestFile, GuestFileError } from './error.ts';
import { imageMemorySize } from './image.ts';
import {
  checkDeviceTree,
  checkPlacement,
  fdtAddress,
  initrdAddress,
  isHeadersBefore,
  kernelAddress,
  type Load,
  type OwnedLoad,
  type Owner,
  withoutHeaders,
} from './placement.ts';
import { RESET_INFO, resetVector } from './reset-vector.ts';

export type { Load } from './placement.ts';

export interface BootInputs {
  readonly cpu: CpuModel;
  /** RAM in bytes. */
  readonly memory: number;
  /** 1 if it is left out. */
  readonly harts?: number;
  readonly kernel?: Uint8Array;
  readonly bios: 'builtin' | 'none' | Uint8Array;
  readonly initrd?: Uint8Array;
  readonly append?: string;
  readonly loader?: readonly LoaderInput[];
  /** Whether the board has the device fw_cfg. */
  readonly fwCfg?: boolean;
  /** What the units of flash memory hold; an empty unit 0 holds no code. */
  readonly flash?: readonly (FlashUnit | undefined)[];
}

/** What QEMU's `-device loader` puts into RAM: the segments of an ELF file where they belong, or bytes at an address. */
export interface LoaderInput {
  readonly bytes: Uint8Array;
  /** Without it the bytes are an ELF file. */
  readonly at?: number;
}

export interface BootPlan {
  /** The first bytes of the read-only memory at RESET_ROM. */
  readonly resetRom: Uint8Array;
  /** For RAM: firmware, kernel, initrd, device tree. They lie in RAM and do not overlap. */
  readonly loads: readonly Load[];
  /** Of every hart, but for a0, which is its number. With the built-in firmware only the first one starts. */
  readonly entry: { readonly pc: bigint; readonly privilege: 'M' | 'S'; readonly a1: bigint; readonly a2: bigint };
  /** Address at which a kernel of riscv-tests reports its result. */
  readonly tohost?: bigint;
  /** What code in flash memory behind firmware finds in fw_cfg, since nothing of it is loaded; undefined where it is loaded, or there is no kernel. */
  readonly handed?: HandedFiles;
}

interface Program {
  readonly loads: readonly OwnedLoad[];
  readonly entry: bigint;
  readonly tohost?: bigint;
}

/** Throws GuestFileError where a file cannot be booted. */
export function planBoot(inputs: BootInputs): BootPlan {
  const ramSize = BigInt(inputs.memory);
  checkFlash(inputs);
  const firmware = loadFirmware(inputs.bios);
  const kernel = loadKernel(inputs, firmware);
  const handed = handedFiles(inputs);
  const initrd = handed === undefined ? loadInitrd(inputs.initrd, kernel, ramSize) : [];
  const loads = [...(firmware?.loads ?? []), ...(kernel?.loads ?? []), ...initrd, ...(inputs.loader ?? []).flatMap(loadByLoader)].map(
    withoutHeaders,
  );
  checkPlacement(loads, ramSize);

  const builtin = inputs.bios === 'builtin';
  const fdt = encodeFdt(
    virtTree({
      cpu: inputs.cpu,
      harts: inputs.harts ?? 1,
      memory: inputs.memory,
      bootargs: inputs.append,
      initrd: rangeOf(initrd),
      builtinSbi: builtin,
      fwCfg: inputs.fwCfg,
      flash: inputs.flash !== undefined,
    }),
  );
  const fdtAt = fdtAddress(ramSize, BigInt(fdt.length));
  checkDeviceTree(fdtAt, BigInt(fdt.length), loads);

  const inFlash = hasCode(inputs) ? BigInt(FLASH.base) : undefined;
  const start = firmware?.entry ?? inFlash ?? BigInt(RAM_BASE);
  // Firmware goes on in flash memory where that has code.
  const next = inputs.bios === 'none' ? kernel?.entry : (inFlash ?? kernel?.entry);
  return {
    resetRom: resetVector(start, fdtAt, next ?? 0n),
    loads: [...loads.filter(isFilled).map(withoutOwner), wholeLoad(fdtAt, fdt)],
    entry:
      builtin && next !== undefined
        ? { pc: next, privilege: 'S', a1: fdtAt, a2: 0n }
        : // The effect of the code in the reset ROM, since this machine only runs code from RAM.
          { pc: start, privilege: 'M', a1: fdtAt, a2: BigInt(RESET_ROM.base + RESET_INFO) },
    tohost: kernel?.tohost,
    handed,
  };
}

/**
 * Throws GuestFileError where no kernel at all could boot beside these files: one is broken, or they do not fit. Of the initrd
 * only the size is looked at, since its place follows the kernel's.
 */
export function checkFiles({ cpu: _, kernel: __, ...inputs }: BootInputs): void {
  const ramSize = BigInt(inputs.memory);
  checkFlash(inputs);
  const lowest = { loads: [], entry: BigInt(RAM_BASE) };
  checkPlacement(
    [
      ...(loadFirmware(inputs.bios)?.loads ?? []),
      ...loadInitrd(inputs.initrd, lowest, ramSize).filter((load) => load.address + load.memorySize > BigInt(RAM_BASE) + ramSize),
      ...(inputs.loader ?? []).flatMap(loadByLoader),
    ].map(withoutHeaders),
    ramSize,
  );
}

const hasCode = ({ flash }: Pick<BootInputs, 'flash'>): boolean => flash?.[0] !== undefined;

/** QEMU's riscv_setup_firmware_boot: what stands in flash memory behind firmware loads the kernel itself. */
function handedFiles(inputs: BootInputs): HandedFiles | undefined {
  const { kernel, initrd, append = '', bios } = inputs;
  return kernel !== undefined && hasCode(inputs) && bios !== 'none' ? { kernel, initrd, append } : undefined;
}

/** As QEMU, which takes a file for a unit only if it fills the unit. */
function checkFlash({ flash, memory }: Pick<BootInputs, 'flash' | 'memory'>): void {
  if (flash === undefined) return;
  flash.forEach((holds, unit) => {
    const size = holds && (isMedium(holds) ? holds.size : holds.length);
    if (size !== undefined && size !== FLASH.size)
      throw new GuestFileError(
        'flash-size',
        'flash',
        `a unit of flash memory has ${FLASH.size} bytes, and not ${size}; truncate -s ${FLASH.size} makes a file so large`,
        unit,
      );
  });
  if (memory > MOST_RAM_BESIDE_FLASH)
    throw new GuestFileError(
      'beside-flash',
      'flash',
      `beside flash memory the machine has at most ${MOST_RAM_BESIDE_FLASH / 2 ** 20}M of RAM; write that after -m`,
      flash.findIndex((bytes) => bytes !== undefined),
    );
}

/** With `-bios none` there is no firmware. The built-in one takes as much memory as OpenSBI, but nothing is loaded there. */
function loadFirmware(bios: BootInputs['bios']): Program | undefined {
  if (bios === 'none') return undefined;
  const base = BigInt(RAM_BASE);
  if (bios === 'builtin') {
    return {
      loads: [{ owner: 'sbi', address: base, bytes: new Uint8Array(0), memorySize: BigInt(FIRMWARE_END) - base, zeroed: 0n }],
      entry: base,
    };
  }
  refuseEmpty(bios, 'firmware');
  if (!isElf(bios)) return { loads: [wholeFile('firmware', base, bios)], entry: base };
  const elf = parseElf(bios, 'firmware');
  return { loads: owned('firmware', elf.segments), entry: elf.entry };
}

/**
 * An ELF kernel is entered at its lowest physical address: QEMU ignores e_entry. With `-bios none` QEMU's reset vector
 * jumps to the start of RAM even if the kernel lies elsewhere.
 */
function loadKernel(inputs: BootInputs, firmware: Program | undefined): Program | undefined {
  const { kernel, bios, loader = [] } = inputs;
  if (!kernel) {
    if (!hasCode(inputs) && (bios === 'builtin' || (bios === 'none' && loader.length === 0)))
      throw new GuestFileError('missing', 'kernel', 'there is nothing to boot; name a kernel (-kernel) or a firmware (-bios)');
    return undefined;
  }
  refuseEmpty(kernel, 'kernel');
  if (handedFiles(inputs) !== undefined) return undefined;
  if (isElf(kernel)) {
    const elf = parseElf(kernel, 'kernel');
    // Even if the lowest segment is empty, it decides where the kernel is entered, so it must lie in RAM like the others.
    const entry = { address: isHeadersBefore(elf.lowest) ? BigInt(RAM_BASE) : elf.lowest, bytes: new Uint8Array(0), memorySize: 0n };
    return { loads: owned('kernel', [entry, ...elf.segments]), entry: elf.lowest, tohost: elf.tohost };
  }
  const address = kernelAddress(firmware && endOf(firmware.loads));
  return { loads: [{ ...wholeFile('kernel', address, kernel), memorySize: imageMemorySize(kernel) }], entry: address };
}

function loadInitrd(initrd: Uint8Array | undefined, kernel: Program | undefined, ramSize: bigint): OwnedLoad[] {
  if (!initrd) return [];
  if (!kernel) throw new GuestFileError('missing', 'kernel', 'an initrd needs a kernel; name one (-kernel)');
  return [wholeFile('initrd', initrdAddress(kernel.entry, ramSize), initrd)];
}

/** As QEMU, which looks whether a file is ELF whatever address is given; the entry of an ELF file means nothing then. */
function loadByLoader({ bytes, at }: LoaderInput, index: number): OwnedLoad[] {
  refuseEmpty(bytes, 'loader', index);
  if (isElf(bytes)) return owned('loader', parseElf(bytes, 'loader', index).segments).map((load) => ({ ...load, index }));
  if (at === undefined)
    throw new GuestFileError('no-address', 'loader', 'not an ELF file, which would say where it belongs; give an address', index);
  return [{ ...wholeFile('loader', BigInt(at), bytes), index }];
}

function refuseEmpty(bytes: Uint8Array, file: GuestFile, index?: number): void {
  if (bytes.length === 0) throw new GuestFileError('empty', file, 'an empty file; build it again', index);
}

function wholeFile(owner: Owner, address: bigint, bytes: Uint8Array): OwnedLoad {
  return { owner, ...wholeLoad(address, bytes) };
}

function wholeLoad(address: bigint, bytes: Uint8Array): Load {
  return { address, bytes, memorySize: BigInt(bytes.length), zeroed: 0n };
}

function owned(owner: Owner, loads: readonly Omit<Load, 'zeroed'>[]): OwnedLoad[] {
  return loads.map((load) => ({ owner, ...load, zeroed: load.memorySize - BigInt(load.bytes.length) }));
}

/** Whether there are bytes to load: the SBI only claims memory, and an empty segment only decides the entry. */
function isFilled(load: OwnedLoad): boolean {
  return load.owner !== 'sbi' && load.memorySize > 0n;
}

function withoutOwner({ owner: _, index: __, ...load }: OwnedLoad): Load {
  return load;
}

function endOf(loads: readonly Load[]): bigint {
  let end = 0n;
  for (const { address, memorySize } of loads) if (address + memorySize > end) end = address + memorySize;
  return end;
}

function rangeOf(loads: readonly Load[]): { start: bigint; end: bigint } | undefined {
  const [load] = loads;
  return load && { start: load.address, end: load.address + load.memorySize };
}
