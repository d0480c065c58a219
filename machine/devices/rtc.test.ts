import { describe, expect, it } from 'vitest';
import type { Device } from '../ports.ts';
import { ManualClock, RecordedLine } from '../testkit/manual-clock.ts';
import { POWER_ON, Rtc } from './rtc.ts';

const TIME_LOW = 0x00;
const TIME_HIGH = 0x04;
const ALARM_LOW = 0x08;
const ALARM_HIGH = 0x0c;
const IRQ_ENABLED = 0x10;
const CLEAR_ALARM = 0x14;
const ALARM_STATUS = 0x18;
const CLEAR_INTERRUPT = 0x1c;

function setup() {
  const clock = new ManualClock();
  const line = new RecordedLine();
  const rtc: Device = new Rtc(clock, line);
  const time = (): bigint => {
    const low = BigInt(rtc.read(TIME_LOW, 4));
    return (BigInt(rtc.read(TIME_HIGH, 4)) << 32n) | low;
  };
  const setAlarm = (at: bigint): void => {
    rtc.write(ALARM_HIGH, Number(at >> 32n), 4);
    rtc.write(ALARM_LOW, Number(at & 0xffff_ffffn), 4);
  };
  return { clock, line, rtc, time, setAlarm };
}

describe('goldfish RTC', () => {
  it('starts at a fixed date and goes with the guest clock', () => {
    const { clock, time } = setup();
    expect(new Date(Number(time() / 1_000_000n)).toISOString()).toBe('2024-01-01T00:00:00.000Z');
    clock.advance(123_456_789);
    expect(time()).toBe(POWER_ON + 123_456_789n);
  });

  it('latches the upper half when the lower half is read', () => {
    const { clock, rtc } = setup();
    expect(rtc.read(TIME_HIGH, 4)).toBe(0);
    rtc.read(TIME_LOW, 4);
    clock.advance(2 ** 33);
    expect(rtc.read(TIME_HIGH, 4)).toBe(Number(POWER_ON >> 32n));
  });

  it('can be set, half by half', () => {
    const { rtc, time } = setup();
    rtc.write(TIME_LOW, 7, 4);
    rtc.write(TIME_HIGH, 9, 4);
    expect(time()).toBe((9n << 32n) | 7n);
  });

  it('rings at the alarm and keeps the line up until the interrupt is cleared', () => {
    const { clock, line, rtc, setAlarm } = setup();
    rtc.write(IRQ_ENABLED, 3, 4);
    expect(rtc.read(IRQ_ENABLED, 4)).toBe(1);
    setAlarm(POWER_ON + 1000n);
    expect(rtc.read(ALARM_STATUS, 4)).toBe(1);
    clock.advance(999);
    expect(line.level).toBe(false);
    clock.advance(1);
    expect([line.level, rtc.read(ALARM_STATUS, 4)]).toEqual([true, 0]);
    rtc.write(CLEAR_ALARM, 1, 4);
    expect(line.level).toBe(true);
    rtc.write(CLEAR_INTERRUPT, 1, 4);
    expect(line.level).toBe(false);
  });

  it('rings at once for an alarm in the past, and says so only when enabled', () => {
    const { line, rtc, setAlarm } = setup();
    setAlarm(5n);
    expect([line.level, rtc.read(ALARM_STATUS, 4), rtc.read(ALARM_LOW, 4)]).toEqual([false, 0, 5]);
    rtc.write(IRQ_ENABLED, 1, 4);
    expect(line.level).toBe(true);
  });

  it('forgets a cleared alarm', () => {
    const { clock, line, rtc, setAlarm } = setup();
    rtc.write(IRQ_ENABLED, 1, 4);
    setAlarm(POWER_ON + 1000n);
    rtc.write(CLEAR_ALARM, 0, 4);
    clock.advance(5000);
    expect([line.level, clock.scheduled()]).toEqual([false, 0]);
  });

  it('takes the farthest alarm without scheduling it', () => {
    const { clock, rtc, setAlarm } = setup();
    setAlarm(0xffff_ffff_ffff_ffffn);
    expect([rtc.read(ALARM_STATUS, 4), clock.scheduled()]).toEqual([1, 0]);
  });
});
