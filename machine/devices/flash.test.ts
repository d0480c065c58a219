/** Flash memory: its commands and the code in it, compared with QEMU's. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks, U_BOOT_M } from '../../testing/tools.ts';
import { createMachine } from '../index.ts';
import { FLASH } from '../spec/virt-board.ts';
import { assemble } from '../testkit/assembler.ts';
import { DRAIN_AND_FINISH } from '../testkit/power-off.ts';
import { PRINT_BYTES } from '../testkit/print-bytes.ts';
import { Random } from '../testkit/random.ts';
import { WorkMeter } from '../work-meter.ts';
import { Flash } from './flash.ts';

const QEMU = 'qemu-system-riscv64';
const CODE = BigInt(FLASH.base);
const SECOND = FLASH.base + FLASH.size;

/** What a driver does to the second unit: words that it writes, and places that it reads after each. */
const COMMANDS: readonly (readonly number[])[] = [
  [0x70],
  [0x50],
  [0x70],
  [0x90],
  [0xff],
  [0x98],
  [0x12],
  [0xff],
  [0x40, 0x1234],
  [0x50],
  [0x20, 0xd0],
  [0xff],
  [0x20, 0xff],
  [0x50],
  [0x60, 0xd0],
  [0x60, 0x01],
  [0x60, 0x33],
  [0xe8, 1, 0x11, 0x22, 0xd0],
  [0x70],
  [0xf0],
  [0x77],
  [0xff],
];
const READ = [0, 4, 8, 64, 1000];

const print = (load: string, bytes: number) => `
    ${load}
    li a1, ${bytes}
    jal ra, print`;

/** Code in the first unit: it calls a function on its next page, tries every command on the second unit, and says where it runs. */
const KERNEL = assemble(
  `
    csrr t0, mhartid
    bnez t0, .
    li s0, ${SECOND}
    li s1, 0x10000000
    ${print('auipc a0, 0', 8)}
    ${print('ld a0, 4(s0)', 8)}
    ${COMMANDS.map((words) =>
      [
        ...words.map((word) => `li t0, ${word * 0x10001}\n sw t0, 0(s0)`),
        ...READ.map((at) => print(`lw a0, ${at}(s0)`, 4)),
        print('lhu a0, 66(s0)', 2),
        print('lbu a0, 0(s0)', 1),
      ].join('\n'),
    ).join('\n')}
    # All that a query tells.
    li t0, 0x980098
    sw t0, 0(s0)
    addi s3, s0, 0
    li s2, 96
query: lw a0, 0(s3)
    li a1, 4
    jal ra, print
    addi s3, s3, 4
    addi s2, s2, -1
    bnez s2, query
    li t0, 0xff00ff
    sw t0, 0(s0)
    # A store into the code's own unit changes nothing.
    auipc s4, 0
    sw zero, 2044(s4)
    ${print('lw a0, 2044(s4)', 4)}
    ${DRAIN_AND_FINISH}
    ${PRINT_BYTES}`,
  CODE,
).bytes;

function unit(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(FLASH.size);
  whole.set(bytes);
  return whole;
}

const UNITS = [unit(KERNEL), unit(Uint8Array.from({ length: 2048 }, (_, index) => (index * 37) & 0xff))] as const;

describe('on the board', () => {
  function printedHere(): number[] {
    const printed: number[] = [];
    const options = { cpu: 'rv64', memory: 128 << 20, bios: 'none', drives: [], flash: UNITS, live: false } as const;
    const machine = createMachine({ ...options, onConsole: (byte) => printed.push(byte) });
    expect(machine.run(1e9)).toEqual({ reason: 'exit', code: 0 });
    machine.release();
    return printed;
  }

  it('runs the code in the first unit', () => {
    expect(printedHere().slice(0, 8)).toEqual([0x10, 0, 0, 0x20, 0, 0, 0, 0]);
  });

  it.skipIf(lacks('QEMU 10'))('answers as QEMU 10 does', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bootgrade-flash-'));
    try {
      const drives = UNITS.flatMap((bytes, index) => {
        writeFileSync(join(folder, `unit${index}`), bytes);
        return ['-drive', `if=pflash,unit=${index},format=raw,readonly=on,file=${join(folder, `unit${index}`)}`];
      });
      const machine = ['-machine', 'virt', '-cpu', 'rv64', '-m', '128', '-bios', 'none', '-display', 'none', '-monitor', 'none'];
      const options = ['-serial', `file:${join(folder, 'console')}`];
      const { status, stderr } = spawnSync(QEMU, [...machine, ...drives, ...options], { encoding: 'utf8', timeout: 60_000 });
      expect(status, stderr).toBe(0);
      expect(printedHere()).toEqual([...readFileSync(join(folder, 'console'))]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('goes on after a snapshot in the middle of a command, and runs code in S mode behind the built-in SBI', () => {
  const printed: number[] = [];
  // Says 0x98 to the second unit, waits, and prints the letter that a query begins with, by an ECALL of the SBI.
  const { bytes } = assemble(
    `
    li s0, ${SECOND}
    li t0, 0x98
    sw t0, 0(s0)
    li t1, 1000
wait: addi t1, t1, -1
    bnez t1, wait
    lbu a0, 64(s0)
    li a7, 1
    ecall
    li a7, 8
    ecall
    j .`,
    CODE,
  );
  const options = { cpu: 'rv64', memory: 64 << 20, bios: 'builtin', drives: [], flash: [unit(bytes)], live: false } as const;
  const machine = createMachine({ ...options, onConsole: (byte) => printed.push(byte) });
  expect(machine.run(500)).toEqual({ reason: 'time' });
  const snapshot = machine.snapshot();
  for (const one of [machine, createMachine({ ...options, onConsole: (byte) => printed.push(byte) })]) {
    one.restore(snapshot);
    expect(one.run(1e9)).toEqual({ reason: 'poweroff' });
  }
  expect(String.fromCharCode(...printed)).toBe('QQ');
});

it.skipIf(lacks('U-Boot'))('is what U-Boot recognizes, as on QEMU 10', () => {
  const keys = [' ', 'flinfo\n', 'poweroff\n'];
  let shown = '';
  const machine = createMachine({
    cpu: 'rv64',
    memory: 256 << 20,
    bios: new Uint8Array(readFileSync(join(U_BOOT_M, 'u-boot.bin'))),
    drives: [],
    flash: [undefined, UNITS[1]],
    live: false,
    onConsole: (byte) => {
      shown += String.fromCharCode(byte);
      const isPrompt = shown.endsWith('Hit any key to stop autoboot') || shown.endsWith('\n=> ');
      if (isPrompt && keys.length > 0) machine.type(new TextEncoder().encode(keys.shift()));
    },
  });
  expect(machine.run(2e9)).toEqual({ reason: 'exit', code: 0 });
  const bank = (unit: number) => `Bank # ${unit}: CFI conformant flash (16 x 16)  Size: 16 MB in 128 Sectors
  Intel Extended command set, Manufacturer ID: 0x89, Device ID: 0x0018
  Erase timeout: 16384 ms, write timeout: 3 ms
  Buffer write timeout: 3 ms, buffer size: 2048 bytes
`;
  const text = shown.replaceAll('\r', '');
  for (const unit of [1, 2]) expect(text).toContain(bank(unit));
});

it('gives words of 32 bits whatever is done to it, and data again after two writes of 0xff', () => {
  const random = new Random(3);
  const flash = new Flash(Uint8Array.of(1, 2, 3, 4), new WorkMeter());
  const commands = [0, 0x10, 0x20, 0x40, 0x50, 0x60, 0x70, 0x90, 0x98, 0xd0, 0xe8, 0xf0, 0xff];
  for (let n = 0; n < 20_000; n++) {
    const value = random.below(2) ? random.pick(commands) : random.below(2 ** 32);
    if (random.below(2)) flash.write(random.below(FLASH.size), value, 4);
    const read = flash.read(random.below(FLASH.size), random.pick([1, 2, 4] as const));
    expect(Number.isInteger(read) && read >= 0 && read < 2 ** 32).toBe(true);
  }
  for (let n = 0; n < 0x1_0000 + 4; n++) flash.write(0, 0xff, 4);
  expect(flash.read(0, 4)).toBe(0x0403_0201);
});

it.each<[string, Partial<Parameters<typeof createMachine>[0]>, string]>([
  [
    'a file that does not fill a unit',
    { flash: [undefined, new Uint8Array(1000)] },
    'a unit of flash memory has 33554432 bytes, and not 1000; truncate -s 33554432',
  ],
  ['too much RAM', { flash: [UNITS[0]], memory: 3 * 2 ** 30 }, 'beside flash memory the machine has at most 2992M of RAM'],
])('refuses %s', (_, options, message) => {
  const others = { cpu: 'rv64', memory: 64 << 20, bios: 'builtin', drives: [], live: false, onConsole: () => {} } as const;
  expect(() => createMachine({ ...others, ...options })).toThrow(message);
});
