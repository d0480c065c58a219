/** Numbers that a driver should not use, and some that it should. */
import {
  ACLINT,
  FIRMWARE_END,
  FW_CFG,
  PLIC,
  RAM_BASE,
  RESET_ROM,
  RTC,
  TEST_FINISHER,
  UART,
  virtioSlot,
} from '../../../machine/spec/virt-board.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { KERNEL, PLAYER_BYTES } from './player.ts';

/** As grading.ts has it. */
export const RAM_BYTES = 16 << 20;
export const RAM_END = BigInt(RAM_BASE + RAM_BYTES);
/** Memory of the kernel's own for what it gives to devices. */
export const FREE = 0x8040_0000n;

export const REGIONS = [
  ...[RESET_ROM, TEST_FINISHER, RTC, ACLINT, PLIC, UART, FW_CFG],
  ...Array.from({ length: 8 }, (_, slot) => virtioSlot(slot)),
  { base: RAM_BASE, size: RAM_BYTES },
  { base: RAM_BASE, size: FIRMWARE_END - RAM_BASE },
];

/** Any width, small ones and those with one bit as often as large ones. */
export function anyNumber(random: Random): bigint {
  const bits = random.bits64();
  return random.pick([() => bits, () => bits >> (bits & 63n), () => 1n << (bits & 63n), () => -(bits & 3n), () => bits & 3n])();
}

/** Around the beginning or the end of something, or anywhere. */
export function anyAddress(random: Random): bigint {
  const { base, size } = random.pick(REGIONS);
  const near = BigInt(random.between(-16, 16));
  return BigInt.asUintN(
    64,
    random.pick([
      () => BigInt(base) + near,
      () => BigInt(base + size) + near,
      () => BigInt(base) + BigInt(random.below(Math.min(size, 0x300))),
      () => BigInt(base) + BigInt(random.below(size)),
      () => FREE + BigInt(random.below(0x10000)),
      () => KERNEL + BigInt(random.below(PLAYER_BYTES)),
      () => anyNumber(random),
    ])(),
  );
}

/** Of a buffer. */
export function anyLength(random: Random): number {
  return random.pick([
    () => 512,
    () => 512 * random.below(9),
    () => 16 * random.below(70_000),
    () => 512 * random.below(300_000),
    () => random.pick([0, 1, 15, 16, 17, 511, 513, 0x7fff_ffff, 0x8000_0000, 0xffff_fe00, 0xffff_ffff]),
    () => Number(random.bits64() & 0xffff_ffffn),
  ])();
}
