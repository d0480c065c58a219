/** What a driver may do to flash memory, sensible or not, and a kernel that does it and prints what it reads. */
import { FLASH } from '../spec/virt-board.ts';
import { assemble } from './assembler.ts';
import { DRAIN_AND_FINISH } from './power-off.ts';
import type { Random } from './random.ts';

export interface FlashStep {
  readonly kind: 'load' | 'store';
  readonly width: 1 | 2 | 4 | 8;
  /** Within the unit; a multiple of the width. */
  readonly offset: number;
  /** Of a store: the lowest bytes count. */
  readonly value: bigint;
}

const STEP_BYTES = 16;
/** The steps lie here; the first word says how many there are. */
export const STEPS_AT = 0x8040_0000;

const COMMANDS = [0x00, 0x10, 0x20, 0x40, 0x50, 0x60, 0x70, 0x90, 0x98, 0xd0, 0xe8, 0xf0, 0xff, 0x77, 0x01];
/** Around the ends of a word, of what the buffer holds, of a block, and of the unit. */
const PLACES = [0, 64, 4096, 256 * 1024, FLASH.size / 2, FLASH.size];
const WIDTHS = [1, 2, 4, 8] as const;

const both = (chip: number): bigint => BigInt(chip) * 0x10001n;

/** Whole commands, with mistakes among them, and loads after each. */
export function drawFlashSteps(random: Random, atLeast: number): FlashStep[] {
  const steps: FlashStep[] = [];
  const step = (kind: FlashStep['kind'], width: FlashStep['width'], near: number, value = 0n) => {
    const at = Math.min(Math.max(near, 0), FLASH.size - 8);
    steps.push({ kind, width, offset: at - (at % width), value });
  };
  const place = () => random.pick(PLACES) + 4 * (random.below(24) - 12);
  const data = () => BigInt(random.below(2 ** 32)) | (BigInt(random.below(2 ** 31)) << 32n);
  const word = () => (random.below(8) === 0 ? random.pick(WIDTHS) : 4);
  const command = (chip: number, at: number) => step('store', word(), at, random.below(8) === 0 ? BigInt(chip) : both(chip));
  while (steps.length < atLeast) {
    const at = place();
    switch (random.below(6)) {
      case 0:
        command(random.pick([0x40, 0x10]), at);
        step('store', word(), at, data());
        break;
      case 1: {
        const words = random.below(7);
        command(0xe8, at);
        command(words, at);
        for (let n = 0; n <= words; n++) step('store', word(), random.below(12) === 0 ? place() : at + 4 * n, data());
        command(random.below(6) === 0 ? random.pick(COMMANDS) : 0xd0, at);
        break;
      }
      case 2:
        command(0x20, at);
        command(random.below(6) === 0 ? random.pick(COMMANDS) : 0xd0, at);
        break;
      case 3:
        command(random.pick(COMMANDS), at);
        break;
      case 4:
        step('store', random.pick(WIDTHS), at, data());
        break;
      default:
        command(0x50, at);
        command(0xff, at);
    }
    for (let n = 0; n < 3; n++) step('load', random.pick(WIDTHS), random.below(2) ? at : place());
  }
  return steps;
}

/** For `-device loader` at STEPS_AT. */
export function encodeFlashSteps(steps: readonly FlashStep[]): Uint8Array {
  const bytes = new Uint8Array(STEP_BYTES * (steps.length + 1));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, steps.length, true);
  steps.forEach(({ kind, width, offset, value }, index) => {
    const at = STEP_BYTES * (index + 1);
    view.setUint32(at, WIDTHS.indexOf(width) + (kind === 'load' ? WIDTHS.length : 0), true);
    view.setUint32(at + 4, offset, true);
    view.setBigUint64(at + 8, BigInt.asUintN(64, value), true);
  });
  return bytes;
}

/** For M mode: carries out the steps on the second unit, and prints the doubleword that each load gives. */
export const FLASH_DRIVER = assemble(
  `
    li s0, ${FLASH.base + FLASH.size}
    li s1, 0x10000000
    li s2, ${STEPS_AT}
    lw s3, 0(s2)
step: beqz s3, end
    addi s3, s3, -1
    addi s2, s2, ${STEP_BYTES}
    lw t0, 0(s2)
    lwu t1, 4(s2)
    ld t2, 8(s2)
    add t1, t1, s0
    ${[
      ['sb t2, 0(t1)', 'j step'],
      ['sh t2, 0(t1)', 'j step'],
      ['sw t2, 0(t1)', 'j step'],
      ['sd t2, 0(t1)', 'j step'],
      ['lbu a0, 0(t1)', 'j print'],
      ['lhu a0, 0(t1)', 'j print'],
      ['lwu a0, 0(t1)', 'j print'],
    ]
      .map(
        ([access, then], index) => `
    li t3, ${index}
    bne t0, t3, not${index}
    ${access}
    ${then}
not${index}:`,
      )
      .join('')}
    ld a0, 0(t1)
print: li a1, 8
next: sb a0, 0(s1)
    srli a0, a0, 8
room: lbu t0, 5(s1)
    andi t0, t0, 0x20
    beqz t0, room
    addi a1, a1, -1
    bnez a1, next
    j step
end:
    ${DRAIN_AND_FINISH}`,
  0x8000_0000n,
).bytes;
