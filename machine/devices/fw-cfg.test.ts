/** fw_cfg: alone, and on the board compared with QEMU's. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { createMachine } from '../index.ts';
import { FLASH } from '../spec/virt-board.ts';
import { assemble } from '../testkit/assembler.ts';
import { FlatMemory } from '../testkit/flat-memory.ts';
import { DRAIN_AND_FINISH } from '../testkit/power-off.ts';
import { PRINT_BYTES } from '../testkit/print-bytes.ts';
import { WorkMeter } from '../work-meter.ts';
import { type ConfigFile, FwCfg } from './fw-cfg.ts';

const QEMU = 'qemu-system-riscv64';
const RAM = 0x8000_0000n;

const file = (name: string, text: string): ConfigFile => ({ name, bytes: new TextEncoder().encode(text) });
const FILES = [file('opt/b', 'hello'), file('opt/a', 'a longer text, as far as it is')];

const DIRECTORY_ENTRIES = 8;
const FIRST_FILE = 0x20;
const FILE_BYTES = 40;
const BIG_ENDIAN_KEY = (key: number) => ((key & 0xff) << 8) | (key >> 8);

let labels = 0;

/** Selects an entry, and prints so many bytes that are loaded by an instruction of so many bytes. */
function prints(key: number, bytes: number, load: 'lbu' | 'lhu' | 'lw' | 'ld'): string {
  const width = { lbu: 1, lhu: 2, lw: 4, ld: 8 }[load];
  const label = `again${labels++}`;
  return `
    li t0, ${BIG_ENDIAN_KEY(key)}
    sh t0, 8(s0)
    li s2, ${bytes / width}
${label}: ${load} a0, 0(s0)
    li a1, ${width}
    jal ra, print
    addi s2, s2, -1
    bnez s2, ${label}`;
}

/** Has a request carried out that lies at 0x80300000, and prints its control word and 24 bytes of the target. */
function transfers(control: number, length: number, target = 0x8040_0000): string {
  const label = `again${labels++}`;
  const bigEndian = (word: number) => Buffer.from([word >>> 24, word >>> 16, word >>> 8, word].map((byte) => byte & 0xff)).readUInt32LE(0);
  return `
    li s3, 0x80300000
    li t0, ${bigEndian(control)}
    sw t0, 0(s3)
    li t0, ${bigEndian(length)}
    sw t0, 4(s3)
    sw zero, 8(s3)
    li t0, ${bigEndian(target)}
    sw t0, 12(s3)
    sw zero, 16(s0)
    li t0, ${bigEndian(0x8030_0000)}
    sw t0, 20(s0)
    lw a0, 0(s3)
    li a1, 4
    jal ra, print
    li s3, 0x80400000
    li s2, 3
${label}: ld a0, 0(s3)
    li a1, 8
    jal ra, print
    addi s3, s3, 8
    addi s2, s2, -1
    bnez s2, ${label}`;
}

const KERNEL = assemble(
  `
    li s0, 0x10100000
    li s1, 0x10000000
    ${prints(0, 8, 'lbu')}
    ${prints(1, 8, 'lw')}
    ${prints(5, 2, 'lhu')}
    ${prints(0x1f, 8, 'ld')}
    ${prints(0x4001, 4, 'lw')}
    ${prints(0x8001, 4, 'lw')}
    ${prints(0x100, 4, 'lw')}
    ld a0, 16(s0)
    li a1, 8
    jal ra, print
    lw a0, 20(s0)
    li a1, 4
    jal ra, print
    # Select and read more than there is; read what is left; skip; write; read to where no memory is; do nothing.
    ${transfers((0 << 16) | 8 | 2, 20)}
    ${transfers(2, 8)}
    ${transfers((1 << 16) | 8 | 4, 2)}
    ${transfers(2, 4)}
    ${transfers((0x19 << 16) | 8 | 16, 4)}
    ${transfers((0x19 << 16) | 8 | 2, 4, 0x1800_0000)}
    ${transfers((0x19 << 16) | 8, 100)}
    ${prints(0x19, 4 + 64 * DIRECTORY_ENTRIES + 4, 'ld')}
    ${Array.from({ length: DIRECTORY_ENTRIES }, (_, index) => prints(FIRST_FILE + index, FILE_BYTES, 'ld')).join('')}
    ${DRAIN_AND_FINISH}
    ${PRINT_BYTES}`,
  RAM,
).bytes;

/** What it printed: the interface, and the files by name, those aside that this machine leaves out. */
function understood(printed: Uint8Array) {
  const end = printed.length - DIRECTORY_ENTRIES * FILE_BYTES;
  const start = end - (8 + 64 * DIRECTORY_ENTRIES);
  const directory = Buffer.from(printed.subarray(start, end));
  const files = Array.from({ length: directory.readUInt32BE(0) }, (_, index) => {
    const entry = directory.subarray(4 + 64 * index, 68 + 64 * index);
    const contents = printed.subarray(end + FILE_BYTES * (entry.readUInt16BE(4) - FIRST_FILE)).subarray(0, FILE_BYTES);
    return [
      entry.toString('latin1', 8).replace(/\0+$/, ''),
      entry.readUInt32BE(0),
      entry.readUInt16BE(6),
      Buffer.from(contents).toString('latin1'),
    ] as const;
  });
  return {
    interface: Buffer.from(printed.subarray(0, start)).toString('hex'),
    files: files.filter(([name]) => !name.includes('smbios')),
  };
}

function printedHere(): Uint8Array {
  const printed: number[] = [];
  const options = { cpu: 'rv64', memory: 128 << 20, bios: 'none', kernel: KERNEL, drives: [], fwCfg: FILES, live: false } as const;
  const machine = createMachine({ ...options, onConsole: (byte) => printed.push(byte) });
  expect(machine.run(1e9)).toEqual({ reason: 'exit', code: 0 });
  return Uint8Array.from(printed);
}

describe('on the board', () => {
  it('shows the files of the machine, by name', () => {
    const { files } = understood(printedHere());
    expect(files.slice(-2)).toEqual([
      ['opt/a', 30, 0, `a longer text, as far as it is${'\0'.repeat(10)}`.slice(0, 40)],
      ['opt/b', 5, 0, `hello${'\0'.repeat(35)}`],
    ]);
  });

  it.skipIf(lacks('QEMU 10'))('answers as QEMU 10 does', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bootgrade-fw-cfg-'));
    try {
      writeFileSync(join(folder, 'kernel'), KERNEL);
      const machine = ['-machine', 'virt,acpi=off', '-cpu', 'rv64', '-m', '128', '-bios', 'none', '-display', 'none', '-monitor', 'none'];
      const files = FILES.flatMap(({ name, bytes }, index) => {
        writeFileSync(join(folder, `file${index}`), bytes);
        return ['-fw_cfg', `name=${name},file=${join(folder, `file${index}`)}`];
      });
      const options = ['-serial', `file:${join(folder, 'console')}`, '-kernel', join(folder, 'kernel')];
      const { status, stderr } = spawnSync(QEMU, [...machine, ...files, ...options], { encoding: 'utf8', timeout: 60_000 });
      expect(status, stderr).toBe(0);
      expect(understood(printedHere())).toEqual(understood(new Uint8Array(readFileSync(join(folder, 'console')))));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** For S mode, in flash memory behind firmware: after a mark it prints what is there of a kernel. */
const LOADER = assemble(
  `
    li s0, 0x10100000
    li s1, 0x10000000
    li a0, 0x5d3e
    li a1, 2
    jal ra, print
    ${[0x07, 0x08, 0x0a, 0x0b, 0x10, 0x13, 0x14].map((key) => prints(key, 8, 'lw')).join('')}
    ${[0x11, 0x12, 0x15].map((key) => prints(key, 32, 'ld')).join('')}
    ${DRAIN_AND_FINISH}
    ${PRINT_BYTES}`,
  BigInt(FLASH.base),
).bytes;

const HANDED = [
  { kernel: 'not ELF, and not loaded', initrd: 'first files', append: 'root=/dev/vda quiet' },
  { kernel: 'a kernel alone', initrd: undefined, append: undefined },
];

describe.each(HANDED)('a kernel behind code in flash memory: $kernel', ({ kernel, initrd, append }) => {
  const unit = new Uint8Array(FLASH.size);
  unit.set(LOADER);
  const bytes = (text: string) => new TextEncoder().encode(text);

  function found(): Uint8Array {
    const printed: number[] = [];
    const handed = { kernel: bytes(kernel), initrd: initrd === undefined ? undefined : bytes(initrd), append };
    const options = { cpu: 'rv64', memory: 128 << 20, bios: 'builtin', drives: [], flash: [unit], live: false, ...handed } as const;
    const machine = createMachine({ ...options, onConsole: (byte) => printed.push(byte) });
    expect(machine.run(1e9)).toEqual({ reason: 'exit', code: 0 });
    return afterMark(Uint8Array.from(printed));
  }

  const afterMark = (printed: Uint8Array) => printed.subarray(Buffer.from(printed).indexOf('>]') + 2);

  it('is in fw_cfg, with its size', () => {
    const printed = Buffer.from(found());
    expect(printed.readUInt32LE(8)).toBe(kernel.length);
    expect(printed.toString('latin1', 56, 56 + kernel.length)).toBe(kernel);
  });

  it.skipIf(lacks('QEMU 10'))('is handed over as QEMU 10 does', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bootgrade-handed-'));
    try {
      const put = (name: string, contents: string | Uint8Array) => {
        writeFileSync(join(folder, name), contents);
        return join(folder, name);
      };
      const words = [
        ...['-machine', 'virt', '-cpu', 'rv64', '-m', '128', '-display', 'none', '-monitor', 'none'],
        ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${put('unit', unit)}`, '-kernel', put('kernel', kernel)],
        ...(initrd === undefined ? [] : ['-initrd', put('initrd', initrd)]),
        ...(append === undefined ? [] : ['-append', append]),
        ...['-serial', `file:${join(folder, 'console')}`],
      ];
      const { status, stderr } = spawnSync(QEMU, words, { encoding: 'utf8', timeout: 60_000 });
      expect(status, stderr).toBe(0);
      expect(found()).toEqual(afterMark(new Uint8Array(readFileSync(join(folder, 'console')))));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the device', () => {
  const device = (files: readonly ConfigFile[], work = new WorkMeter()) => {
    const memory = new FlatMemory(RAM, 1 << 20);
    return { memory, fwCfg: new FwCfg(files, { memory, work, harts: 1 }) };
  };

  it('refuses two files of one name, and more than a directory has room for', () => {
    expect(() => device([file('opt/a', ''), file('opt/a', '')])).toThrow('fw_cfg: opt/a: two files have this name');
    expect(() => device([file('bootorder', '')])).toThrow('the machine has a file of this name already');
    expect(() => device(Array.from({ length: 30 }, (_, index) => file(`opt/${index}`, '')))).toThrow(
      'fw_cfg: opt/22: there is room for 22 files',
    );
  });

  it('copies no more than the meter of work allows, however much is asked for', () => {
    const work = new WorkMeter(1000);
    const { fwCfg, memory } = device([], work);
    const request = new DataView(new ArrayBuffer(16));
    request.setUint32(0, 2);
    request.setUint32(4, 1 << 20);
    request.setBigUint64(8, RAM);
    for (let n = 0; n < 10_000 && !work.over; n++) {
      memory.write(RAM, new Uint8Array(request.buffer));
      fwCfg.dma.write(0, 0, 4);
      fwCfg.dma.write(4, 0x80, 4);
    }
    expect(work.over).toBe(true);
  });

  it('goes on where a snapshot was taken', () => {
    const { fwCfg } = device([]);
    fwCfg.selector.write(0, 0, 2);
    fwCfg.data.read(0, 2);
    const saved = fwCfg.save();
    expect(fwCfg.data.read(0, 2)).toBe(0x554d);
    fwCfg.restore(saved);
    expect(fwCfg.data.read(0, 2)).toBe(0x554d);
    expect(fwCfg.data.read(0, 2)).toBe(0);
  });
});
