import { describe, expect, test } from 'vitest';
import { parseCpuModel } from '../isa/cpu-model.ts';
import { writeElf } from '../testkit/elf-writer.ts';
import { nodeAt, readCells, readFdt, readStrings } from '../testkit/fdt-reader.ts';
import { type BootInputs, checkFiles, planBoot } from './boot.ts';
import { type GuestFile, GuestFileError, type GuestFileErrorCode } from './error.ts';

const MIB = 1 << 20;
const RAW = Uint8Array.of(0x13, 0, 0, 0);
const INPUTS: BootInputs = { cpu: parseCpuModel('rv64'), memory: 1024 * MIB, kernel: RAW, bios: 'builtin' };
const plan = (inputs: Partial<BootInputs> = {}) => planBoot({ ...INPUTS, ...inputs });
const elfAt = (...addresses: bigint[]) => writeElf({ entry: 0x4444n, segments: addresses.map((address) => ({ address, bytes: RAW })) });
const nextAddress = (rom: Uint8Array) => new DataView(rom.buffer).getBigUint64(0x38, true);
const startAddress = (rom: Uint8Array) => new DataView(rom.buffer).getBigUint64(0x18, true);

function failureOf(inputs: Partial<BootInputs>): [GuestFileErrorCode, GuestFile] | 'accepted' {
  try {
    plan(inputs);
    return 'accepted';
  } catch (error) {
    if (!(error instanceof GuestFileError)) throw error;
    expect(error.message).not.toContain('\n');
    return [error.code, error.file];
  }
}

describe('where a kernel starts (board.md, "Boot")', () => {
  test('builtin SBI: in S mode, at 0x80200000, with hart and device tree in a0 and a1', () => {
    const { entry, loads } = plan();
    const fdtAddress = loads.at(-1)!.address;
    expect(entry).toEqual({ pc: 0x8020_0000n, privilege: 'S', a1: fdtAddress, a2: 0n });
    expect(loads[0]).toEqual({ address: 0x8020_0000n, bytes: RAW, memorySize: 4n, zeroed: 0n });
  });

  test('an ELF is entered at its lowest physical address, whatever its entry says', () => {
    expect(plan({ kernel: elfAt(0x8050_0000n, 0x8030_0000n) }).entry.pc).toBe(0x8030_0000n);
  });

  test('without firmware: in M mode at the start of RAM, with the registers that the reset vector sets', () => {
    const { entry, resetRom, loads } = plan({ bios: 'none' });
    const fdtAddress = loads.at(-1)!.address;
    expect(entry).toEqual({ pc: 0x8000_0000n, privilege: 'M', a1: fdtAddress, a2: 0x1028n });
    expect(new TextDecoder().decode(resetRom.subarray(0x28, 0x2c))).toBe('OSBI'); // a2: the fw_dynamic_info
    expect(startAddress(resetRom)).toBe(0x8000_0000n);
    expect(loads[0]!.address).toBe(0x8000_0000n);
    // As in QEMU: the reset vector jumps to the start of RAM, wherever the kernel is.
    expect(startAddress(plan({ bios: 'none', kernel: elfAt(0x8030_0000n) }).resetRom)).toBe(0x8000_0000n);
  });

  test('a firmware file is entered where it says, and tells its payload through fw_dynamic_info', () => {
    const raw = plan({ bios: new Uint8Array(3 * MIB) });
    expect([raw.entry.pc, startAddress(raw.resetRom)]).toEqual([0x8000_0000n, 0x8000_0000n]);
    expect(nextAddress(raw.resetRom)).toBe(0x8040_0000n); // 2 MiB boundary after 3 MiB
    const elf = plan({ bios: writeElf({ entry: 0x8000_0100n, segments: [{ address: 0x8000_0000n, bytes: RAW }] }) });
    expect([elf.entry.pc, startAddress(elf.resetRom)]).toEqual([0x8000_0100n, 0x8000_0100n]);
    expect(nextAddress(elf.resetRom)).toBe(0x8020_0000n);
    expect(nextAddress(plan({ bios: RAW, kernel: undefined }).resetRom)).toBe(0n);
  });

  test('a Linux Image goes where raw bytes go, with the memory that its header asks for', () => {
    const image = new Uint8Array(0x100);
    const view = new DataView(image.buffer);
    view.setUint32(56, 0x05435352, true);
    view.setBigUint64(8, 0x40_0000n, true); // text_offset: QEMU does not look at it
    view.setBigUint64(16, 0x20_0000n, true);
    expect(plan({ kernel: image }).loads[0]).toMatchObject({ address: 0x8020_0000n, memorySize: 0x20_0000n });
    view.setBigUint64(16, 1n << 41n, true);
    expect(failureOf({ kernel: image })).toEqual(['outside-ram', 'kernel']);
    view.setBigUint64(24, 1n, true);
    expect(failureOf({ kernel: image })).toEqual(['image-header', 'kernel']);
  });

  test('tohost of riscv-tests is passed on', () => {
    expect(plan({ kernel: writeElf({ symbols: { tohost: 0x8020_1000n } }) }).tohost).toBe(0x8020_1000n);
  });
});

describe('initrd and device tree', () => {
  // Measured on QEMU 10 for each memory size.
  test.each([
    [64, 0x8220_0000n, 0x83e0_0000n],
    [128, 0x8420_0000n, 0x87e0_0000n],
    [1000, 0x9f60_0000n, 0xbe60_0000n],
    [1024, 0xa020_0000n, 0xbfe0_0000n],
    [3072, 0xa020_0000n, 0x1_3fe0_0000n],
  ])('with %i MiB', (memory, initrdAddress, fdtAddress) => {
    const initrd = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const result = plan({ memory: memory * MIB, initrd });
    expect(result.loads.find(({ bytes }) => bytes === initrd)?.address).toBe(initrdAddress);
    expect(result.entry.a1).toBe(fdtAddress);
    const chosen = nodeAt(readFdt(result.loads.at(-1)!.bytes), '/chosen').properties;
    expect(readCells(chosen.get('linux,initrd-start'))).toEqual([0, Number(initrdAddress)]);
    expect(readCells(chosen.get('linux,initrd-end'))).toEqual([0, Number(initrdAddress) + 6]);
  });

  test('an initrd is counted from the kernel, wherever that is', () => {
    const initrd = Uint8Array.of(1);
    const addressOf = (inputs: Partial<BootInputs>) => plan({ ...inputs, initrd }).loads.find(({ bytes }) => bytes === initrd)?.address;
    expect(addressOf({ kernel: elfAt(0x802f_f000n) })).toBe(0xa02f_f000n);
    expect(addressOf({ bios: 'none' })).toBe(0xa000_0000n);
  });

  test('the device tree describes this machine', () => {
    const { loads, entry } = plan({ append: 'ostd.log_level=error' });
    const last = loads.at(-1)!;
    expect(last.address).toBe(entry.a1);
    const tree = readFdt(last.bytes);
    expect(readStrings(nodeAt(tree, '/chosen').properties.get('bootargs'))).toEqual(['ostd.log_level=error']);
    expect(tree.children.map(({ name }) => name)).toContain('reserved-memory');
    const bare = readFdt(plan({ bios: 'none' }).loads.at(-1)!.bytes);
    expect(bare.children.map(({ name }) => name)).not.toContain('reserved-memory');
  });
});

describe('files that cannot be booted', () => {
  const cases: readonly [string, Partial<BootInputs>, ReturnType<typeof failureOf>][] = [
    ['nothing at all', { kernel: undefined }, ['missing', 'kernel']],
    ['nothing at all, without firmware', { kernel: undefined, bios: 'none' }, ['missing', 'kernel']],
    ['an initrd without a kernel', { kernel: undefined, bios: RAW, initrd: RAW }, ['missing', 'kernel']],
    ['an empty kernel', { kernel: new Uint8Array(0) }, ['empty', 'kernel']],
    ['an empty firmware', { bios: new Uint8Array(0) }, ['empty', 'firmware']],
    ['a gzip file', { kernel: Uint8Array.of(0x1f, 0x8b, 8, 0) }, ['not-a-kernel', 'kernel']],
    ['an x86 firmware', { bios: writeElf({ machine: 62 }) }, ['elf-machine', 'firmware']],
    ['a segment below RAM', { kernel: elfAt(0x8020_0000n, 0x1000n) }, ['outside-ram', 'kernel']],
    ['the headers alone before RAM', { kernel: elfAt(0x8020_0000n, 0x7fff_fff0n) }, ['outside-ram', 'kernel']],
    [
      'headers before RAM, below the SBI',
      { kernel: writeElf({ segments: [{ address: 0x7fff_fffcn, bytes: new Uint8Array(8) }] }) },
      ['for-machine-mode', 'kernel'],
    ],
    ['a segment beyond RAM', { kernel: elfAt(0x8020_0000n, 0xbfff_fffdn) }, ['outside-ram', 'kernel']],
    ['a kernel at its virtual addresses', { kernel: elfAt(0xffff_ffc0_0000_0000n) }, ['outside-ram', 'kernel']],
    ['terabytes', { kernel: writeElf({ segments: [{ address: 0x8020_0000n, memorySize: 1n << 42n }] }) }, ['outside-ram', 'kernel']],
    [
      'an empty lowest segment outside RAM',
      { kernel: writeElf({ segments: [{ address: 0n }, { address: 0x8020_0000n, bytes: RAW }] }) },
      ['outside-ram', 'kernel'],
    ],
    ['overlapping segments', { kernel: elfAt(0x8020_0000n, 0x8030_0000n, 0x8020_0003n) }, ['overlap', 'kernel']],
    ['an M-mode kernel with the built-in SBI', { kernel: elfAt(0x8000_0000n) }, ['for-machine-mode', 'kernel']],
    ['a kernel in the middle of the built-in SBI', { kernel: elfAt(0x8001_0000n) }, ['overlap', 'kernel']],
    ['bytes for the loader on the kernel', { loader: [{ bytes: RAW, at: 0x8020_0000 }] }, ['overlap', 'loader']],
    ['bytes for the loader below RAM', { loader: [{ bytes: RAW, at: 0x1000 }] }, ['outside-ram', 'loader']],
    ['bytes for the loader on the device tree', { loader: [{ bytes: RAW, at: 0xbfe0_0010 }] }, ['no-room-for-device-tree', 'loader']],
    ['bytes for the loader without an address', { loader: [{ bytes: RAW }] }, ['no-address', 'loader']],
    ['an x86 file for the loader', { loader: [{ bytes: writeElf({ machine: 62 }) }] }, ['elf-machine', 'loader']],
    ['a kernel on the firmware', { bios: RAW, kernel: elfAt(0x8000_0000n) }, ['overlap', 'kernel']],
    ['an initrd on the kernel', { kernel: elfAt(0x8020_0000n, 0xa020_0000n), initrd: RAW }, ['overlap', 'initrd']],
    ['an initrd beyond RAM', { initrd: new Uint8Array(40 * MIB), memory: 64 * MIB }, ['outside-ram', 'initrd']],
    ['a kernel where the device tree goes', { kernel: elfAt(0x8020_0000n, 0xbfe0_0000n) }, ['no-room-for-device-tree', 'kernel']],
    ['an initrd where the device tree goes', { initrd: new Uint8Array(29 * MIB), memory: 64 * MIB }, ['no-room-for-device-tree', 'initrd']],
    ['less RAM than the SBI takes', { memory: 0x1000 }, ['outside-ram', 'kernel']],
  ];
  test.each(cases)('%s', (_, inputs, expected) => {
    expect(failureOf(inputs)).toEqual(expected);
  });

  test('segments that touch do not overlap', () => {
    expect(failureOf({ kernel: elfAt(0x8020_0000n, 0x8020_0004n) })).toBe('accepted');
  });
});

describe('files beside which no kernel could boot', () => {
  const refused = (inputs: Partial<BootInputs>) => {
    try {
      checkFiles({ ...INPUTS, ...inputs });
      return null;
    } catch (error) {
      return (error as GuestFileError).code;
    }
  };

  test('are known without one', () => {
    expect(refused({ bios: writeElf({ machine: 62 }) })).toBe('elf-machine');
    expect(refused({ loader: [{ bytes: RAW, at: 0x8000_0000 }] })).toBe('overlap');
    expect(refused({ initrd: new Uint8Array(33 * MIB), memory: 64 * MIB })).toBe('outside-ram');
  });

  test('are not those that one kernel leaves no room for', () => {
    expect(refused({ initrd: new Uint8Array(31 * MIB), memory: 64 * MIB })).toBeNull();
    expect(refused({ loader: [{ bytes: RAW, at: 0x8020_0000 }] })).toBeNull();
  });
});
