/**
 * Compares reset vector and placement with QEMU's, by reading its memory before the first instruction.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { parseCpuModel } from '../isa/cpu-model.ts';
import { writeElf } from '../testkit/elf-writer.ts';
import { type BootInputs, planBoot } from './boot.ts';

const QEMU = 'qemu-system-riscv64';
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-boot-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MIB = 1 << 20;

function file(name: string, bytes: Uint8Array): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

/** Pieces of QEMU's physical memory at reset. */
function qemuMemory(inputs: Omit<BootInputs, 'cpu'>, pieces: readonly { address: bigint; length: number }[]): Uint8Array[] {
  const { bios, kernel, initrd, loader = [], flash = [] } = inputs;
  const options = [
    ...(bios === 'builtin' ? [] : ['-bios', bios === 'none' ? 'none' : file('bios', bios)]),
    ...(kernel ? ['-kernel', file('kernel', kernel)] : []),
    ...(initrd ? ['-initrd', file('initrd', initrd)] : []),
    ...loader.flatMap(({ bytes, at }, n) => [
      '-device',
      `loader,file=${file(`loaded${n}`, bytes)}${at === undefined ? '' : `,addr=${at}`}`,
    ]),
  ];
  options.push(
    ...flash.flatMap((bytes, unit) => {
      return bytes instanceof Uint8Array
        ? ['-drive', `if=pflash,unit=${unit},format=raw,readonly=on,file=${file(`flash${unit}`, bytes)}`]
        : [];
    }),
  );
  const dump = (index: number) => join(folder, `dump${index}`);
  const saves = pieces.map(({ address, length }, index) => `pmemsave 0x${address.toString(16)} ${length} "${dump(index)}"\n`);
  const machine = ['-machine', 'virt', '-m', `${inputs.memory / MIB}M`, '-S', '-display', 'none', '-serial', 'null', '-monitor', 'stdio'];
  const result = spawnSync(QEMU, [...machine, ...options], { input: `${saves.join('')}quit\n`, encoding: 'utf8', timeout: 30_000 });
  expect(result.status, result.stderr).toBe(0);
  return pieces.map((_, index) => new Uint8Array(readFileSync(dump(index))));
}

describe.skipIf(lacks('QEMU 10'))('boot of QEMU 10', () => {
  const raw = Uint8Array.from({ length: 64 }, (_, index) => index + 1);
  const flash = new Uint8Array(32 * MIB).fill(7);
  const elf = writeElf({
    entry: 0x8030_0010n,
    segments: [
      { address: 0x8030_0000n, bytes: raw },
      { address: 0x8090_0000n, bytes: raw, memorySize: 100n },
    ],
  });
  const page = Uint8Array.from({ length: 0x1040 }, (_, index) => index);
  const headers = writeElf({ entry: 0x8000_0000n, segments: [{ address: 0x7fff_f000n, bytes: page, memorySize: 0x2000n }] });
  const cases: readonly [string, Omit<BootInputs, 'cpu'>][] = [
    ['raw kernel, SBI', { memory: 1024 * MIB, bios: 'builtin', kernel: raw }],
    ['raw kernel, no firmware, odd memory', { memory: 1001 * MIB, bios: 'none', kernel: raw }],
    ['ELF kernel, SBI, initrd', { memory: 64 * MIB, bios: 'builtin', kernel: elf, initrd: raw }],
    ['ELF kernel, no firmware, initrd', { memory: 3072 * MIB, bios: 'none', kernel: elf, initrd: raw }],
    ['raw firmware of 3 MiB', { memory: 128 * MIB, bios: new Uint8Array(3 * MIB).fill(1), kernel: raw }],
    ['ELF firmware', { memory: 128 * MIB, bios: elf, kernel: raw }],
    ['loader', { memory: 128 * MIB, bios: 'none', kernel: raw, loader: [{ bytes: elf }, { bytes: raw, at: 0x8040_0000 }] }],
    ['ELF at an address, without a kernel', { memory: 128 * MIB, bios: 'none', loader: [{ bytes: elf, at: 0x8040_0000 }] }],
    ['above the device tree', { memory: 128 * MIB, bios: 'none', kernel: raw, loader: [{ bytes: raw, at: 0x87ff_f000 }] }],
    ['headers before RAM', { memory: 128 * MIB, bios: 'none', kernel: headers }],
    ['firmware with headers before RAM', { memory: 128 * MIB, bios: headers, kernel: raw }],
    ['firmware alone', { memory: 128 * MIB, bios: raw }],
    ['code in flash', { memory: 128 * MIB, bios: 'none', flash: [flash] }],
    ['code in flash, and a kernel', { memory: 128 * MIB, bios: 'none', kernel: elf, flash: [flash, flash] }],
    ['code in flash behind the SBI', { memory: 128 * MIB, bios: 'builtin', flash: [flash] }],
    ['code in flash behind firmware', { memory: 128 * MIB, bios: raw, flash: [flash] }],
    ['a second unit of flash alone', { memory: 128 * MIB, bios: 'none', kernel: raw, flash: [undefined, flash] }],
  ];

  test.each(cases)('%s: the same reset vector (so the same entry and device tree address) and the same bytes in RAM', (_, inputs) => {
    const { resetRom, loads } = planBoot({ ...inputs, cpu: parseCpuModel('rv64') });
    const pieces = [{ address: 0x1000n, bytes: resetRom }, ...loads.slice(0, -1)]; // the last is the device tree
    const fromQemu = qemuMemory(
      inputs,
      pieces.map(({ address, bytes }) => ({ address, length: bytes.length })),
    );
    // Not toEqual, which takes seconds for 3 MiB.
    pieces.forEach(({ address, bytes }, index) => {
      expect(Buffer.compare(fromQemu[index]!, bytes), `bytes at 0x${address.toString(16)}`).toBe(0);
    });
  });
});
