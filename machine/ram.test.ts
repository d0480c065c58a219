/** What RAM holds at power-on: zeroes, a given byte, or what a machine left at its reset. QEMU 10.0.2 boots these as 012 and 000. */
import { describe, expect, it } from 'vitest';
import { createMachine, type Machine, type MachineOptions } from './index.ts';
import { assemble } from './testkit/assembler.ts';
import { writeElf } from './testkit/elf-writer.ts';

const START = 0x8020_0000n;
const BSS = START + 0x1000n;

/** Counts its boots in the word at the beginning of its .bss, prints that digit, and resets the machine. */
const { bytes: CODE } = assemble(`
  li t0, ${BSS}
  lbu a0, 0(t0)
  addi t1, a0, 1
  sb t1, 0(t0)
  addi a0, a0, 48
  li a7, 1
  ecall
  li a0, 1
  li a1, 0
  li a6, 0
  li a7, 0x53525354
  ecall`);
const ELF = writeElf({ segments: [{ address: START, virtualAddress: START, bytes: CODE, memorySize: 0x2000n, flags: 7 }] });

/** What is printed at each of three boots; each but the first finds the memory that the one before left. */
function boots(kernel: Uint8Array, first?: MachineOptions['ram']): string {
  let printed = '';
  let machine: Machine | undefined;
  for (let boot = 0; boot < 3; boot++) {
    const ram: MachineOptions['ram'] = machine === undefined ? first : { left: machine.ram() };
    machine = createMachine({
      cpu: 'rv64',
      memory: 16 << 20,
      drives: [],
      kernel,
      bios: 'builtin',
      live: false,
      onConsole: (byte) => {
        printed += String.fromCharCode(byte);
      },
      ...(ram && { ram }),
    });
    expect(machine.run(1e7)).toEqual({ reason: 'reset' });
  }
  return printed;
}

describe('RAM', () => {
  it('survives a reset, but for what QEMU loads again: an ELF file with its .bss', () => {
    expect(boots(CODE)).toBe('012');
    expect(boots(ELF)).toBe('000');
  });

  it('may be filled, also where the .bss of an ELF file is', () => {
    expect(boots(CODE, { fill: 5 })[0]).toBe('5');
    expect(boots(ELF, { fill: 5 })).toBe('500');
  });

  it('that is filled is seen to the last byte, and by snapshots', () => {
    const machine = createMachine({
      cpu: 'rv64',
      memory: 16 << 20,
      ram: { fill: 0xa5 },
      drives: [],
      kernel: CODE,
      bios: 'builtin',
      live: false,
      onConsole: () => undefined,
    });
    const last = () => machine.debug.readMemory(0x8100_0000n - 1n, 1);
    expect(last()).toEqual(new Uint8Array([0xa5]));
    const snapshot = machine.snapshot();
    machine.run(1e7);
    machine.restore(snapshot);
    expect([last(), machine.debug.readMemory(BSS, 1)]).toEqual([new Uint8Array([0xa5]), new Uint8Array([0xa5])]);
  });
});
