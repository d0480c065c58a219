import { describe, expect, it } from 'vitest';
import { ManualClock, RecordedLine } from '../testkit/manual-clock.ts';
import { Aclint } from './aclint.ts';

const MSIP = 0;
const MTIMECMP = 0x4000;
const MTIME = 0xbff8;

function setup() {
  const clock = new ManualClock();
  const software = new RecordedLine();
  const timer = new RecordedLine();
  const offsets: bigint[] = [];
  const aclint = new Aclint({ clock, harts: [{ software, timer }], timeOffset: (ticks) => offsets.push(ticks) });
  /** As the bus splits an 8-byte store: low half first. */
  const write64 = (offset: number, value: bigint): void => {
    aclint.write(offset, Number(value & 0xffff_ffffn));
    aclint.write(offset + 4, Number(value >> 32n));
  };
  const read64 = (offset: number): bigint => BigInt(aclint.read(offset)) | (BigInt(aclint.read(offset + 4)) << 32n);
  return { clock, software, timer, aclint, offsets, read64, write64 };
}

describe('ACLINT', () => {
  it('has the timer interrupt pending at power-on, as mtimecmp is 0', () => expect(setup().timer.level).toBe(true));

  it('ticks every 100 guest nanoseconds', () => {
    const { clock, aclint, read64 } = setup();
    clock.advance(1999);
    expect(read64(MTIME)).toBe(19n);
    clock.advance(1);
    expect([read64(MTIME), aclint.time()]).toEqual([20n, 20n]);
  });

  it('raises MTIP in the nanosecond in which mtime reaches mtimecmp', () => {
    const { clock, timer, write64 } = setup();
    clock.advance(150);
    write64(MTIMECMP, 100n);
    expect(timer.level).toBe(false);
    clock.advance(10_000 - 150 - 1);
    expect(timer.level).toBe(false);
    clock.advance(1);
    expect(timer.level).toBe(true);
  });

  it('lowers MTIP when mtimecmp moves into the future, and forgets the earlier alarm', () => {
    const { clock, timer, write64 } = setup();
    write64(MTIMECMP, 10n);
    write64(MTIMECMP, 1000n);
    clock.advance(5000);
    expect([timer.level, clock.scheduled()]).toEqual([false, 1]);
    clock.advance(100_000);
    expect(timer.level).toBe(true);
  });

  it('never rings for all-ones, and schedules nothing', () => {
    const { clock, timer, read64, write64 } = setup();
    write64(MTIMECMP, 0xffff_ffff_ffff_ffffn);
    expect([timer.level, clock.scheduled(), read64(MTIMECMP)]).toEqual([false, 0, 0xffff_ffff_ffff_ffffn]);
  });

  it('lets mtime be written, and the timer follows', () => {
    const { clock, timer, aclint, offsets, read64, write64 } = setup();
    write64(MTIMECMP, 0x1122_3344_5566_7790n);
    write64(MTIME, 0x1122_3344_5566_7788n);
    expect(read64(MTIME)).toBe(0x1122_3344_5566_7788n);
    expect(timer.level).toBe(false);
    clock.advance(800);
    expect([timer.level, aclint.time()]).toEqual([true, 0x1122_3344_5566_7790n]);
    expect(offsets.at(-1)).toBe(0x1122_3344_5566_7788n);
  });

  it('writes one half and keeps the other', () => {
    const { aclint, read64, write64 } = setup();
    write64(MTIMECMP, 0xffff_ffff_ffff_ffffn);
    aclint.write(MTIMECMP, 0);
    expect(read64(MTIMECMP)).toBe(0xffff_ffff_0000_0000n);
    aclint.write(MTIMECMP + 4, 7);
    expect(read64(MTIMECMP)).toBe(0x7_0000_0000n);
  });

  it('has one bit of MSIP', () => {
    const { aclint, software } = setup();
    aclint.write(MSIP, 3);
    expect([aclint.read(MSIP), software.level]).toEqual([1, true]);
    aclint.write(MSIP, 2);
    expect([aclint.read(MSIP), software.level]).toEqual([0, false]);
  });

  it('knows no other hart', () => {
    const { aclint } = setup();
    aclint.write(4, 1);
    aclint.write(MTIMECMP + 8, 1);
    expect([aclint.read(4), aclint.read(MTIMECMP + 8), aclint.read(0x2000)]).toEqual([0, 0, 0]);
  });
});
