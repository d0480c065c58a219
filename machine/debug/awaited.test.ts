/** What loops wait for: each is written as a compiler would, and what ends it is worked out by hand. */
import { describe, expect, it } from 'vitest';
import { createMachine, memoryDisk } from '../index.ts';
import { assemble } from '../testkit/assembler.ts';

/** Loops over a halfword that is 1, with a spill slot at 8(sp); `name`s by the address of the load. */
function loadsOf(loop: string) {
  const { bytes } = assemble(`
    la t0, data
    li sp, 0x80008000
    li a4, 1
    li a6, 5
  ${loop}
  out: wfi
    j out
    .align 3
  data: .dword 0x00010001
    .dword 0x7`);
  const drives = [{ disk: memoryDisk(4096), serial: '' }];
  const machine = createMachine({
    cpu: 'rv64,zbb=true',
    memory: 0x100_0000,
    drives,
    kernel: bytes,
    bios: 'none',
    onConsole: () => undefined,
    live: false,
  });
  expect(machine.run(1e9)).toEqual({ reason: 'hang' });
  return machine.debug.loop()!.loads.filter(({ onStack }) => !onStack);
}

const HALF = 0xffffn;

describe('a loop that polls a value', () => {
  it.each([
    ['until it is another one', 'loop: lhu a5, 0(t0)\n beq a5, a4, loop', { relation: 'other', value: 1n, mask: HALF }],
    ['until it is a given one', 'loop: lhu a5, 0(t0)\n bne a5, a6, loop', { relation: 'equal', value: 5n, mask: HALF }],
    ['and leaves by the branch', 'loop: lhu a5, 0(t0)\n bne a5, a4, out\n j loop', { relation: 'other', value: 1n, mask: HALF }],
    ['that is compared with zero', 'loop: lhu a5, 2(t0)\n bnez a5, loop', { relation: 'equal', value: 0n, mask: HALF }],
    ['of which one bit counts', 'loop: lhu a5, 0(t0)\n andi a5, a5, 2\n beqz a5, loop', { relation: 'other', value: 0n, mask: 2n }],
    ['less a number', 'loop: lhu a5, 0(t0)\n addi a5, a5, -3\n bnez a5, loop', { relation: 'equal', value: 3n, mask: HALF }],
    ['less a register', 'loop: lhu a5, 0(t0)\n subw a5, a5, a4\n beqz a5, loop', { relation: 'other', value: 1n, mask: HALF }],
    ['by exclusive or', 'loop: lhu a5, 0(t0)\n xor a5, a5, a6\n snez a5, a5\n bnez a5, loop', { relation: 'equal', value: 5n, mask: HALF }],
    [
      'that is cut to 16 bits',
      'loop: lw a5, 0(t0)\n slli a5, a5, 48\n srli a5, a5, 48\n beq a5, a4, loop',
      { relation: 'other', value: 1n, mask: HALF },
    ],
    [
      'and keeps it on the stack',
      'loop: lhu a5, 0(t0)\n sh a5, 8(sp)\n lhu a3, 8(sp)\n sub a3, a3, a4\n seqz a3, a3\n sb a3, 10(sp)\n lbu a2, 10(sp)\n andi a2, a2, 1\n bnez a2, loop',
      { relation: 'other', value: 1n, mask: HALF },
    ],
    ['that is too small', 'loop: lhu a5, 0(t0)\n bltu a5, a6, loop', { relation: 'at-least', value: 5n, mask: HALF }],
    ['that is too large', 'loop: ld a5, 8(t0)\n bgeu a5, a6, loop', { relation: 'below', value: 5n, mask: (1n << 64n) - 1n }],
    ['that is compared from the other side', 'loop: lhu a5, 0(t0)\n bgeu a6, a5, loop', { relation: 'at-least', value: 6n, mask: HALF }],
    // A lock that somebody else holds: what this loop has stored itself is not all that can be there.
    [
      'with an atomic swap',
      'lw a3, 0(t0)\n loop: mv a5, a3\n amoswap.w.aq a5, a5, (t0)\n addiw a5, a5, 0\n bnez a5, loop',
      { relation: 'equal', value: 0n, mask: 0xffff_ffffn },
    ],
    [
      'of a lock that it swaps, with the branch first',
      'j in\n loop: beqz a5, out\n in: amoswap.w a5, a4, (t0)\n j loop',
      { relation: 'equal', value: 0n, mask: 0xffffffffn },
    ],
    [
      'of a lock that it sets a bit of',
      'loop: amoor.w a5, a4, (t0)\n andi a5, a5, 1\n bnez a5, loop',
      { relation: 'equal', value: 0n, mask: 1n },
    ],
    // The branch comes first in the round, wherever the search for the loop begins.
    [
      'that was loaded at the end of the round',
      'lhu a5, 0(t0)\n loop: bne a5, a4, out\n nop\n lhu a5, 0(t0)\n j loop',
      { relation: 'other', value: 1n, mask: HALF },
    ],
  ])('%s', (_, loop, awaited) => {
    expect(loadsOf(loop)).toMatchObject([{ decides: true, awaited }]);
  });

  it.each([
    ['in two ways', 'loop: lhu a5, 0(t0)\n bne a5, a4, out\n bltu a5, a4, out\n j loop'],
    ['in a way that nobody follows', 'loop: lhu a5, 0(t0)\n mul a5, a5, a6\n beq a5, a6, loop'],
  ])('%s says nothing of the value', (_, loop) => {
    expect(loadsOf(loop)).toMatchObject([{ decides: true, awaited: undefined }]);
  });

  it('does not wait for what it only loads, nor for the table of a jump', () => {
    const loads = loadsOf(`
    la t3, table
    loop: ld a2, 8(t0)
      lhu a5, 0(t0)
      slli a3, a5, 2
      add a3, a3, t3
      lw a3, 0(a3)
      add a3, a3, t3
      jr a3
      .align 2
    table: .word 0
      .word back - table
    back: j loop`);
    expect(loads.map(({ width, decides }) => [width, decides])).toEqual([
      [8, false],
      [2, true],
      [4, false],
    ]);
  });
});

describe('a loop that moves what it loads by wider or narrower words, as debug builds move structures', () => {
  it.each([
    ['wider', 'loop: lhu a5, 0(t0)\n sw zero, 8(sp)\n sh a5, 8(sp)\n lw a3, 8(sp)\n beq a3, a4, loop'],
    ['narrower', 'loop: lhu a5, 0(t0)\n sd a5, 8(sp)\n lhu a3, 8(sp)\n beq a3, a4, loop'],
    ['from the middle', 'loop: lhu a5, 0(t0)\n sd a5, 8(sp)\n lbu a3, 9(sp)\n beqz a3, loop'],
  ])('depends on it: %s', (_, loop) => {
    expect(loadsOf(loop)).toMatchObject([{ width: 2, value: 1n, decides: true }]);
  });

  it('does not depend on what lies beside it', () => {
    expect(loadsOf('loop: lhu a5, 0(t0)\n sh a5, 8(sp)\n lhu a3, 10(sp)\n beqz a3, loop')).toMatchObject([{ decides: false }]);
  });
});
