/** Flash memory that is programmed and erased: what a driver reads, and what the unit holds afterwards, compared with QEMU's. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { createMachine } from '../index.ts';
import { FLASH } from '../spec/virt-board.ts';
import { drawFlashSteps, encodeFlashSteps, FLASH_DRIVER, type FlashStep, STEPS_AT } from '../testkit/flash-steps.ts';
import { MemoryDisk } from '../testkit/memory-disk.ts';
import { Random } from '../testkit/random.ts';
import { WorkMeter } from '../work-meter.ts';
import { Flash } from './flash.ts';

const QEMU = 'qemu-system-riscv64';

/** What a unit holds before. */
const CONTENTS = new Uint8Array(FLASH.size);
for (let at = 0; at < CONTENTS.length; at += 4) new DataView(CONTENTS.buffer).setUint32(at, Math.imul(at, 0x9e37_79b1), true);

const store = (offset: number, value: number): FlashStep => ({ kind: 'store', width: 4, offset, value: BigInt(value) });
const load = (offset: number): FlashStep => ({ kind: 'load', width: 4, offset, value: 0n });
const command = (chip: number, offset = 0) => store(offset, chip * 0x10001);

function runHere(steps: readonly FlashStep[]) {
  const printed: number[] = [];
  const disk = new MemoryDisk(CONTENTS);
  const machine = createMachine({
    cpu: 'rv64',
    memory: 16 << 20,
    bios: 'none',
    kernel: FLASH_DRIVER,
    loader: [{ bytes: encodeFlashSteps(steps), at: STEPS_AT }],
    drives: [],
    flash: [undefined, disk],
    live: false,
    onConsole: (byte) => printed.push(byte),
  });
  expect(machine.run(1e9)).toEqual({ reason: 'exit', code: 0 });
  machine.release();
  return { read: new BigUint64Array(Uint8Array.from(printed).buffer), holds: disk.bytes };
}

function runInQemu(steps: readonly FlashStep[]) {
  const folder = mkdtempSync(join(tmpdir(), 'bootgrade-flash-'));
  try {
    const files = { kernel: FLASH_DRIVER, steps: encodeFlashSteps(steps), unit: CONTENTS };
    const path = (name: keyof typeof files | 'console') => join(folder, name);
    for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
    const words = [
      ...['-machine', 'virt', '-cpu', 'rv64', '-m', '16', '-bios', 'none', '-display', 'none', '-monitor', 'none'],
      ...['-kernel', path('kernel'), '-device', `loader,file=${path('steps')},addr=${STEPS_AT},force-raw=on`],
      ...['-drive', `if=pflash,unit=1,format=raw,file=${path('unit')}`, '-serial', `file:${path('console')}`],
    ];
    const { status, stderr } = spawnSync(QEMU, words, { encoding: 'utf8', timeout: 60_000 });
    expect(status, stderr).toBe(0);
    return {
      read: new BigUint64Array(Uint8Array.from(readFileSync(path('console'))).buffer),
      holds: new Uint8Array(readFileSync(path('unit'))),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Places at which two arrays differ, not all of them: 32 MiB are too much for a message. */
function differences(a: ArrayLike<unknown>, b: ArrayLike<unknown>): string[] {
  if (a.length !== b.length) return [`${a.length} and ${b.length} long`];
  const found: string[] = [];
  for (let at = 0; at < a.length && found.length < 5; at++) if (a[at] !== b[at]) found.push(`${at}: ${a[at]} and ${b[at]}`);
  return found;
}

const word = (holds: Uint8Array, at: number) => new DataView(holds.buffer).getUint32(at, true);

describe('a driver that does it right', () => {
  it('programs a word, many words by way of the buffer, and erases a block', () => {
    const { read, holds } = runHere([
      command(0x40, 0x2_0000),
      store(0x2_0000, 0x1234_5678),
      load(0x2_0000),
      command(0xff),
      load(0x2_0000),
      command(0xe8, 0x3_0000),
      command(2, 0x3_0000),
      ...[1, 2, 3].map((value, index) => store(0x3_0000 + 4 * index, value)),
      command(0xd0, 0x3_0000),
      load(0x3_0000),
      command(0x20, 0x8_0000),
      command(0xd0, 0x8_0000),
      command(0xff),
    ]);
    expect([...read]).toEqual([0x80_0080n, 0x1234_5678n, 0x80_0080n]);
    expect(word(holds, 0x2_0000)).toBe(0x1234_5678);
    expect([0, 4, 8, 12].map((at) => word(holds, 0x3_0000 + at))).toEqual([1, 2, 3, word(CONTENTS, 0x3_000c)]);
    expect(holds.subarray(0x8_0000, 0xc_0000).every((byte) => byte === 0xff)).toBe(true);
    expect([0x7_fffc, 0xc_0000].map((at) => word(holds, at))).toEqual([0x7_fffc, 0xc_0000].map((at) => word(CONTENTS, at)));
  });

  it('keeps nothing of a buffer that is not confirmed', () => {
    const { holds } = runHere([command(0xe8), command(1), store(0, 1), store(4, 2), command(0xff)]);
    expect(differences(holds, CONTENTS)).toEqual([]);
  });
});

it.skipIf(lacks('QEMU 10')).each([1, 2, 3])('reads and holds what it does in QEMU 10, whatever is done (%i)', (seed) => {
  const steps = drawFlashSteps(new Random(seed), 3000);
  const [here, qemu] = [runHere(steps), runInQemu(steps)];
  expect(differences(here.read, qemu.read)).toEqual([]);
  expect(differences(here.holds, qemu.holds)).toEqual([]);
});

it('goes on where a snapshot was taken, in the middle of the buffer', () => {
  const disk = new MemoryDisk(new Uint8Array(FLASH.size));
  const flash = new Flash(disk, new WorkMeter());
  for (const value of [0xe8, 1, 0x1111]) flash.write(0, value, 4);
  const saved = flash.save();
  const goesOn = (second: number) => {
    for (const value of [second, 0xd0]) flash.write(4, value, 4);
    return [word(disk.bytes, 0), word(disk.bytes, 4)];
  };
  expect(goesOn(0x2222)).toEqual([0x1111, 0x2222]);
  disk.bytes.fill(0);
  flash.restore(saved);
  expect(goesOn(0x3333)).toEqual([0x1111, 0x3333]);
});

it('ends at the meter of work, however often blocks are erased', () => {
  const work = new WorkMeter(100_000);
  const flash = new Flash(new MemoryDisk(new Uint8Array(FLASH.size)), work);
  for (let n = 0; n < 10_000 && !work.over; n++) for (const value of [0x20, 0xd0]) flash.write(0, value, 4);
  expect(work.over).toBe(true);
});
