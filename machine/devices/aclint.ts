/**
 * ACLINT in the layout of SiFive's CLINT: machine-mode software interrupt and timer of each hart.
 *
 * Reference: RISC-V ACLINT specification 1.0-rc4, chapters 2 (MTIMER) and 3 (MSWI); QEMU's hw/intc/riscv_aclint.c, which decodes
 * 0xc000 bytes and takes accesses of 4 bytes, and of 8 in the timer's part (the bus splits those). Registers of harts that are not there, and
 * the gaps, read 0 and ignore writes. mtime can be written, which changes the `time` CSR as well.
 *
 * After power-on mtimecmp is 0, so MTIP is pending from the start: QEMU's is too (measured).
 */
import { type Alarm, type Clock, type Device, type InterruptLine, NANOSECONDS_PER_TICK } from '../ports.ts';

/** A word for each hart. */
const MSIP = 0x0000;
/** A doubleword for each hart. */
const MTIMECMP = 0x4000;
const MTIME_LOW = 0xbff8;
const MTIME_HIGH = 0xbffc;

/** The MSIP and MTIP of a hart. */
export interface AclintLines {
  readonly software: InterruptLine;
  readonly timer: InterruptLine;
}

export interface AclintPorts {
  readonly clock: Clock;
  /** By number. */
  readonly harts: readonly AclintLines[];
  /** mtime was written: `time` is from now on the guest clock's ticks plus this, modulo 2^64. */
  readonly timeOffset: (ticks: bigint) => void;
}

const low = (value: bigint): number => Number(value & 0xffff_ffffn);
const high = (value: bigint): number => Number(value >> 32n);
const withLow = (value: bigint, word: number): bigint => ((value >> 32n) << 32n) | BigInt(word);
const withHigh = (value: bigint, word: number): bigint => (BigInt(word) << 32n) | (value & 0xffff_ffffn);

/** What a hart has here. */
class HartPart {
  readonly lines: AclintLines;
  readonly alarm: Alarm;
  software = false;
  /** mtimecmp. */
  compare = 0n;

  constructor(lines: AclintLines, alarm: Alarm) {
    this.lines = lines;
    this.alarm = alarm;
  }
}

export class Aclint implements Device {
  readonly name = 'aclint';
  readonly widths = [4] as const;
  readonly splits8 = true;
  readonly #ports: AclintPorts;
  readonly #harts: readonly HartPart[];
  /** How far writes to mtime have moved the timebase, in ticks modulo 2^64. */
  #offset = 0n;

  constructor(ports: AclintPorts) {
    this.#ports = ports;
    this.#harts = ports.harts.map(
      (lines, hart) =>
        new HartPart(
          lines,
          ports.clock.alarm(() => this.#update(this.#harts[hart]!)),
        ),
    );
    this.#updateAll();
  }

  /** mtime in ticks: what the `time` CSR reads. */
  time(): bigint {
    return BigInt.asUintN(64, this.#ticks() + this.#offset);
  }

  /** mtimecmp of a hart. */
  compare(hart: number): bigint {
    return this.#harts[hart]!.compare;
  }

  /** All registers but mtime. */
  quiet(offset: number): boolean {
    return offset !== MTIME_LOW && offset !== MTIME_HIGH;
  }

  /** The hart whose MSIP is at an offset, if there is one. */
  #withSoftware(offset: number): HartPart | undefined {
    return offset < MTIMECMP && offset % 4 === 0 ? this.#harts[(offset - MSIP) / 4] : undefined;
  }

  /** The hart whose mtimecmp has a word at an offset, and whether it is the upper one. */
  #withCompare(offset: number): { readonly hart: HartPart; readonly isHigh: boolean } | undefined {
    const hart = offset >= MTIMECMP && offset < MTIME_LOW && offset % 4 === 0 ? this.#harts[(offset - MTIMECMP) >>> 3] : undefined;
    return hart && { hart, isHigh: (offset & 4) !== 0 };
  }

  read(offset: number): number {
    if (offset === MTIME_LOW) return low(this.time());
    if (offset === MTIME_HIGH) return high(this.time());
    const timer = this.#withCompare(offset);
    if (timer) return timer.isHigh ? high(timer.hart.compare) : low(timer.hart.compare);
    return Number(this.#withSoftware(offset)?.software ?? false);
  }

  write(offset: number, value: number): void {
    if (offset === MTIME_LOW) return this.#setTime(withLow(this.time(), value));
    if (offset === MTIME_HIGH) return this.#setTime(withHigh(this.time(), value));
    const timer = this.#withCompare(offset);
    if (timer) {
      timer.hart.compare = (timer.isHigh ? withHigh : withLow)(timer.hart.compare, value);
      return this.#update(timer.hart);
    }
    const hart = this.#withSoftware(offset);
    if (hart === undefined) return;
    hart.software = (value & 1) !== 0;
    hart.lines.software.set(hart.software);
  }

  #ticks(): bigint {
    return BigInt(Math.floor(this.#ports.clock.now() / NANOSECONDS_PER_TICK));
  }

  #setTime(time: bigint): void {
    this.#offset = BigInt.asUintN(64, time - this.#ticks());
    this.#ports.timeOffset(this.#offset);
    this.#updateAll();
  }

  #updateAll(): void {
    for (const hart of this.#harts) this.#update(hart);
  }

  /** MTIP is pending whenever mtime >= mtimecmp (ACLINT 2.3). */
  #update({ alarm, compare, lines }: HartPart): void {
    alarm.at = undefined;
    const wait = compare - this.time();
    lines.timer.set(wait <= 0n);
    const at = Number(this.#ticks() + wait) * NANOSECONDS_PER_TICK;
    // The clock does not reach further than 104 days: a later alarm would never ring, so it is not set.
    if (wait > 0n && Number.isSafeInteger(at)) alarm.at = at;
  }

  save() {
    return { harts: this.#harts.map(({ software, compare }) => ({ software, compare })), offset: this.#offset };
  }

  restore({ harts, offset }: ReturnType<Aclint['save']>): void {
    for (const [index, state] of harts.entries()) Object.assign(this.#harts[index]!, state);
    this.#offset = offset;
  }
}
