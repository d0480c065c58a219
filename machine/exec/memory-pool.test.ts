/** What a machine did can never reach the machine that gets its memory. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createMachine, type Machine } from '../index.ts';
import { assemble } from '../testkit/assembler.ts';
import { writeElf } from '../testkit/elf-writer.ts';
import { HOT } from './translator.ts';

const START = 0x8020_0000n;
/** Another one for each test, so that its machines get new memory, or that of each other. */
let memory = 200 * 2 ** 20;
beforeEach(() => {
  memory += 2 ** 20;
});

const usual = HOT.samples;
afterEach(() => {
  HOT.samples = usual;
  vi.unstubAllGlobals();
});

const kernel = (source: string) => writeElf({ entry: START, segments: [{ address: START, bytes: assemble(source).bytes }] });
const ostd = new Uint8Array(readFileSync(join(import.meta.dirname, '../../submissions/class/ostd-passes/kernel.elf')));

/** Stores to every doubleword of 8 MiB, each page of which gets into the TLB, and leaves something in registers. */
const FILLS = kernel(`
    li t0, 0x81000000
    li t1, 0x81800000
    li t2, 0x5ec2e7
    csrw sscratch, t2
    csrw stvec, t2
fill:
    sd t2, 0(t0)
    addi t0, t0, 8
    bltu t0, t1, fill
    li a7, 8
    ecall
`);

/** Prints Z where all that it finds is zero: sscratch, a register that nobody sets, and the 8 MiB; else X. */
const PRINTS = kernel(`
    csrr t3, sscratch
    or t3, t3, s5
    li t0, 0x81000000
    li t1, 0x81800000
look:
    ld t2, 0(t0)
    or t3, t3, t2
    addi t0, t0, 8
    bltu t0, t1, look
    li a0, 90
    beqz t3, print
    li a0, 88
print:
    li a7, 1
    ecall
    li a7, 8
    ecall
`);

interface Ran {
  readonly machine: Machine;
  readonly printed: string;
  readonly left: unknown;
}

function run(bytes: Uint8Array): Ran {
  let printed = '';
  const machine = createMachine({
    cpu: 'rv64,zba=true,zbb=true',
    memory,
    bios: 'builtin',
    drives: [],
    kernel: bytes,
    append: 'ostd.log_level=error',
    onConsole: (byte) => {
      printed += String.fromCharCode(byte);
    },
    live: false,
  });
  const end = machine.run(60_000_000);
  const left = [end, machine.now(), machine.instructions(), machine.workDone(), machine.pc(), machine.debug.registers()];
  return { machine, printed, left };
}

/** The memories that are made from now on. */
function memories(): WebAssembly.Memory[] {
  const made: WebAssembly.Memory[] = [];
  const { Memory } = WebAssembly;
  vi.stubGlobal('WebAssembly', {
    ...Object.fromEntries(Object.getOwnPropertyNames(WebAssembly).map((name) => [name, WebAssembly[name as keyof typeof WebAssembly]])),
    Memory: class extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        super(descriptor);
        made.push(this);
      }
    },
  });
  return made;
}

it.each([
  ['interpreted', usual],
  ['translated as soon as possible', 1],
])('memory that is given back is all zero: %s', (_, samples) => {
  HOT.samples = samples;
  const made = memories();
  const all = [FILLS, ostd].map((bytes) => run(bytes).machine);
  expect(made).toHaveLength(2);
  for (const machine of all) machine.release();
  const zeroes = Buffer.alloc(2 ** 20);
  for (const { buffer } of made) {
    const bytes = Buffer.from(buffer);
    for (let at = 0; at < bytes.length; at += zeroes.length) {
      const part = bytes.subarray(at, at + zeroes.length);
      expect(part.equals(zeroes.subarray(0, part.length)), `at ${at}`).toBe(true);
    }
  }
  // The machines that come next get it.
  for (const machine of all.map(() => run(PRINTS).machine)) machine.release();
  expect(made).toHaveLength(2);
});

it('a kernel that prints all that it finds prints the same after one that fills memory', () => {
  const first = run(PRINTS);
  first.machine.release();
  expect(first.printed).toBe('Z');
  for (const before of [FILLS, ostd, FILLS]) {
    run(before).machine.release();
    const again = run(PRINTS);
    again.machine.release();
    expect({ printed: again.printed, left: again.left }).toEqual({ printed: first.printed, left: first.left });
  }
});

it('a real kernel runs the same in memory that was used', () => {
  const first = run(ostd);
  first.machine.release();
  run(FILLS).machine.release();
  const again = run(ostd);
  expect([again.printed, again.left]).toEqual([first.printed, first.left]);
});

it('a machine that was given back does not run', () => {
  const { machine } = run(PRINTS);
  machine.release();
  machine.release();
  expect(() => machine.run(10)).toThrow('given back');
});
