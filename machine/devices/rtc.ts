/**
 * Goldfish real-time clock: nanoseconds since 1970, an alarm and its interrupt.
 *
 * Reference: Android's GOLDFISH-VIRTUAL-HARDWARE.TXT and QEMU's hw/rtc/goldfish_rtc.c: 0x24 bytes, 32-bit accesses only.
 * The time is not taken from the host's clock: the guest is always powered on at POWER_ON, and its own clock goes on from there. So
 * a run that prints the date prints the same date every time.
 */
import type { Alarm, Clock, Device, InterruptLine } from '../ports.ts';

/** 2024-01-01T00:00:00Z in nanoseconds. */
export const POWER_ON = 1_704_067_200_000_000_000n;

interface Register {
  readonly name: string;
  readonly offset: number;
  read?(rtc: Rtc): number;
  write?(rtc: Rtc, value: number): void;
}

const low = (value: bigint): number => Number(value & 0xffff_ffffn);
const high = (value: bigint): number => Number(BigInt.asUintN(32, value >> 32n));
const withLow = (value: bigint, word: number): bigint => ((value >> 32n) << 32n) | BigInt(word);
const withHigh = (value: bigint, word: number): bigint => (BigInt(word) << 32n) | (value & 0xffff_ffffn);

const REGISTERS: readonly Register[] = [
  { name: 'TIME_LOW', offset: 0x00, read: (rtc) => rtc.latchTime(), write: (rtc, value) => rtc.setTime(withLow(rtc.time(), value)) },
  { name: 'TIME_HIGH', offset: 0x04, read: (rtc) => rtc.timeHigh, write: (rtc, value) => rtc.setTime(withHigh(rtc.time(), value)) },
  { name: 'ALARM_LOW', offset: 0x08, read: (rtc) => low(rtc.alarm), write: (rtc, value) => rtc.setAlarm(withLow(rtc.alarm, value)) },
  {
    name: 'ALARM_HIGH',
    offset: 0x0c,
    read: (rtc) => high(rtc.alarm),
    write: (rtc, value) => {
      rtc.alarm = withHigh(rtc.alarm, value);
    },
  },
  { name: 'IRQ_ENABLED', offset: 0x10, read: (rtc) => Number(rtc.enabled), write: (rtc, value) => rtc.enable((value & 1) !== 0) },
  { name: 'CLEAR_ALARM', offset: 0x14, write: (rtc) => rtc.clearAlarm() },
  { name: 'ALARM_STATUS', offset: 0x18, read: (rtc) => Number(rtc.armed) },
  { name: 'CLEAR_INTERRUPT', offset: 0x1c, write: (rtc) => rtc.setPending(false) },
];

export class Rtc implements Device {
  readonly name = 'rtc';
  readonly widths = [4] as const;
  /** Upper half of the time at the last read of TIME_LOW, so that the two halves belong together. */
  timeHigh = 0;
  alarm = 0n;
  enabled = false;
  armed = false;
  readonly #alarm: Alarm;
  readonly #clock: Clock;
  readonly #interrupt: InterruptLine;
  #offset = POWER_ON;
  #pending = false;

  /** @param interrupt source 11 of the PLIC on QEMU's board */
  constructor(clock: Clock, interrupt: InterruptLine) {
    this.#clock = clock;
    this.#alarm = clock.alarm(() => this.#ring());
    this.#interrupt = interrupt;
  }

  read(offset: number): number {
    return REGISTERS.find((register) => register.offset === offset)?.read?.(this) ?? 0;
  }

  write(offset: number, value: number): void {
    REGISTERS.find((register) => register.offset === offset)?.write?.(this, value);
  }

  time(): bigint {
    return BigInt.asUintN(64, BigInt(this.#clock.now()) + this.#offset);
  }

  setTime(time: bigint): void {
    this.#offset += time - this.time();
  }

  latchTime(): number {
    const time = this.time();
    this.timeHigh = high(time);
    return low(time);
  }

  setAlarm(alarm: bigint): void {
    this.clearAlarm();
    this.alarm = alarm;
    const wait = alarm - this.time();
    const at = this.#clock.now() + Number(wait);
    if (wait <= 0n) return this.setPending(true);
    this.armed = true;
    // An alarm beyond the clock's range (104 days) never rings, but it counts as armed.
    if (Number.isSafeInteger(at)) this.#alarm.at = at;
  }

  clearAlarm(): void {
    this.armed = false;
    this.#alarm.at = undefined;
  }

  enable(enabled: boolean): void {
    this.enabled = enabled;
    this.#update();
  }

  setPending(pending: boolean): void {
    this.#pending = pending;
    this.#update();
  }

  #ring(): void {
    this.armed = false;
    this.setPending(true);
  }

  #update(): void {
    this.#interrupt.set(this.enabled && this.#pending);
  }

  save() {
    const { timeHigh, alarm, enabled, armed } = this;
    return { timeHigh, alarm, enabled, armed, offset: this.#offset, pending: this.#pending };
  }

  restore({ timeHigh, alarm, enabled, armed, offset, pending }: ReturnType<Rtc['save']>): void {
    this.timeHigh = timeHigh;
    this.alarm = alarm;
    this.enabled = enabled;
    this.armed = armed;
    this.#offset = offset;
    this.#pending = pending;
  }
}
