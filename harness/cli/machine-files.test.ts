/** Firmware, initrd, what the loader loads, flash memory, fw_cfg and images that are files of the course, from the rubric to what a kernel finds in its machine. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

const RAM = 0x8000_0000n;
const AFTER_FIRMWARE = 0x8020_0000n;

function program(base: bigint, source: string): Uint8Array {
  return writeElf({ segments: [{ address: base, bytes: assemble(source, base).bytes }] });
}

/** Prints the text at an address by the UART (registers of a 16550: data at 0). */
const print = (address: number, label: string) => `
    li s0, 0x10000000
    li s1, ${address}
  ${label}: lbu t0, 0(s1)
    beqz t0, ${label}_end
    sb t0, 0(s0)
    addi s1, s1, 1
    j ${label}
  ${label}_end: nop`;

/** The test finisher powers off when it is told 0x5555. */
const POWER_OFF = 'li t0, 0x100000\n li t1, 0x5555\n sw t1, 0(t0)\n forever: j forever';

async function grade(machine: string, kernel: Uint8Array, checks: string): Promise<SubmissionResult> {
  folder.put('class/s1001/kernel.elf', kernel);
  const rubric = folder.put(
    'lab.yaml',
    `rubric: 1
title: Files
machine: ${machine}
submission: { kernel: kernel.elf }
scenarios: { boot: { limit: 10ms guest } }
checks:
${checks}
`,
  );
  const { environment, out, err } = capture();
  await bootgrade(['grade', rubric, folder.at('class'), '--out', folder.at('out'), '--json', '--no-explain'], environment);
  expect(err()).not.toContain('lab.yaml:');
  return (JSON.parse(out()) as { results: SubmissionResult[] }).results[0]!;
}

const console = (text: string) => ` - { id: prints, points: 1, console: "${text}" }\n - { id: off, points: 1, stop: poweroff }`;

describe('a machine with files of the course', () => {
  it('has bytes and an ELF file where the loader puts them, and a kernel for M mode without firmware', async () => {
    folder.put('note.txt', 'a note, \0');
    folder.put('more.elf', writeElf({ segments: [{ address: 0x8050_0000n, bytes: new TextEncoder().encode('and more\0') }] }));
    const kernel = program(RAM, `${print(0x8040_0000, 'one')}${print(0x8050_0000, 'two')}${print(0x8060_0000, 'three')}\n${POWER_OFF}`);
    const loader = '[{ file: note.txt, at: 0x80400000 }, { file: more.elf }, { text: "!", at: 0x80600000 }]';
    const graded = await grade(`{ bios: none, loader: ${loader} }`, kernel, console('a note, and more!'));
    expect(graded).toMatchObject({ outcome: 'passed', score: 2 });
  });

  it('starts in a firmware of the course, and the kernel lies after it', async () => {
    folder.put(
      'fw/own.bin',
      assemble(`${print(0x8000_0100, 'hello')}\n li t0, ${AFTER_FIRMWARE}\n jr t0\n .align 8\n .string "fw;"`, RAM).bytes,
    );
    folder.put('note', 'kernel\0');
    const kernel = program(AFTER_FIRMWARE, `${print(0x8040_0000, 'one')}\n${POWER_OFF}`);
    const graded = await grade('{ bios: fw/own.bin, loader: [{ file: note, at: 0x80400000 }] }', kernel, console('fw;kernel'));
    expect(graded).toMatchObject({ outcome: 'passed', score: 2 });
  });

  it('has an initrd and a whole file as a drive', async () => {
    folder.put('rd.img', 'from the initrd\0');
    folder.put('fs.img', `${'x'.repeat(600)}`);
    // With 128M an initrd lies 64M after the kernel (hw/riscv/boot.c of QEMU).
    const kernel = program(AFTER_FIRMWARE, `${print(0x8420_0000, 'one')}\n${POWER_OFF}`);
    const checks = `${console('from the initrd')}\n - { id: kept, points: 1, image: { at: 599, equals: { hex: "78 00" } } }`;
    const graded = await grade('{ initrd: rd.img, drives: { fs: { image: fs.img } } }', kernel, checks);
    expect(graded).toMatchObject({ outcome: 'passed', score: 3 });
  });
});

describe('a machine with devices for firmware', () => {
  it('starts in flash memory, which goes on to the kernel', async () => {
    const flash = new Uint8Array(32 * 2 ** 20);
    flash.set(assemble(`${print(0x2000_0100, 'hello')}\n li t0, ${RAM}\n jr t0\n .align 8\n .string "flash;"`, 0x2000_0000n).bytes);
    folder.put('boot.fd', flash);
    const kernel = program(RAM, `${print(0x2000_0101, 'one')}\n${POWER_OFF}`);
    const graded = await grade('{ bios: none, flash: [boot.fd] }', kernel, console('flash;lash;'));
    expect(graded).toMatchObject({ outcome: 'passed', score: 2 });
  });

  it('keeps what is written to flash memory as evidence, and the course file as it was', async () => {
    const vars = new Uint8Array(32 * 2 ** 20).fill(0xff, 16, 4096);
    folder.put('vars.fd', vars);
    const word = (value: string, at: string) => `li t0, ${value}\n sw t0, ${at}(s1)\n`;
    const program0 = `li s1, 0x22000000\n ${word('0x400040', '8')} ${word('0x21796568', '8')} ${word('0xff00ff', '8')}`;
    const kernel = program(RAM, `${program0} ${print(0x2200_0008, 'one')}\n ${POWER_OFF}`);
    const checks = `${console('hey!')}
 - { id: written, points: 1, image: { drive: flash1, at: 8, equals: { text: "hey!" } } }
 - { id: rest, points: 1, image: { drive: flash1, unchanged: true, except: [{ at: 8, length: 4 }] } }
 - { id: not, points: 1, image: { drive: flash1, unchanged: true } }`;
    const machine = '{ bios: none, flash: [null, { file: vars.fd, writable: true }], drives: { blk: { size: 4K } } }';
    const graded = await grade(machine, kernel, checks);
    expect(graded).toMatchObject({ outcome: 'failed', score: 4 });
    expect(graded.checks.find(({ id }) => id === 'not')).toMatchObject({ reason: 'bytes changed that should not have, in sector 0' });
    expect(readFileSync(folder.at('vars.fd')).equals(vars)).toBe(true);
  });

  it('has files in fw_cfg, and a network device in the last slot', async () => {
    folder.put('more', 'more');
    // The first file of the course has the number 0x23; numbers are big-endian.
    const select = (key: number) => `li s1, 0x10100000\n li t0, ${key << 8}\n sh t0, 8(s1)`;
    const read = 'lbu t0, 0(s1)\n sb t0, 0(s0)\n'.repeat(4);
    const id = 'li s1, 0x10008000\n lw t0, 8(s1)\n addi t0, t0, 48\n sb t0, 0(s0)';
    const kernel = program(RAM, `li s0, 0x10000000\n ${select(0x23)}\n ${read}\n ${select(0x24)}\n ${read}\n ${id}\n ${POWER_OFF}`);
    const machine = '{ bios: none, network: {}, fw-cfg: [{ name: opt/b, file: more }, { name: opt/a, text: some }] }';
    const graded = await grade(machine, kernel, console('somemore1'));
    expect(graded).toMatchObject({ outcome: 'passed', score: 2 });
  });
});

describe('a kernel for M mode under a rubric with firmware', () => {
  it('is not the fault of who handed it in, and the report names the key', async () => {
    const graded = await grade('{}', program(RAM, POWER_OFF), console('x'));
    expect(graded).toMatchObject({ outcome: 'errored', score: null });
    expect(JSON.stringify(graded)).toContain('has to write `bios: none` below `machine` in the rubric');
  });
});
