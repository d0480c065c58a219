/**
 * ACLINT in the layout of SiFive's CLINT: machine-mode software interrupt and timer of hart 0.
 *
 * Reference: RISC-V ACLINT specification 1.0-rc4, chapters 2 (MTIMER) and 3 (MSWI); QEMU's hw/intc/riscv_aclint.c, which decodes
 * 0xc000 bytes and takes accesses of 4 bytes, and of 8 in the timer's part (the bus splits those). Registers of other harts, and
 * the gaps, read 0 and ignore writes. mtime can be written, which changes the `time` CSR as well.
 *
 * After power-on mtimecmp is 0, so MTIP is pending from the start: QEMU's is too (measured).
 */
import { type Alarm, type Clock, type Device, type InterruptLine, NANOSECONDS_PER_TICK } from '../ports.ts';

const MSIP = 0x0000;
const MTIMECMP_LOW = 0x4000;
const MTIMECMP_HIGH = 0x4004;
const MTIME_LOW = 0xbff8;
const MTIME_HIGH = 0xbffc;

export interface AclintPorts {
  readonly clock: Clock;
  /** The hart's MSIP. */
  readonly software: InterruptLine;
  /** The hart's MTIP. */
  readonly timer: InterruptLine;
  /** mtime was written: `time` is from now on the guest clock's ticks plus this, modulo 2^64. */
  readonly timeOffset: (ticks: bigint) => void;
}

const low = (value: bigint): number => Number(value & 0xffff_ffffn);
const high = (value: bigint): number => Number(value >> 32n);
const withLow = (value: bigint, word: number): bigint => ((value >> 32n) << 32n) | BigInt(word);
const withHigh = (value: bigint, word: number): bigint => (BigInt(word) << 32n) | (value & 0xffff_ffffn);

export class Aclint implements Device {
  readonly name = 'aclint';
  readonly widths = [4] as const;
  readonly splits8 = true;
  readonly #ports: AclintPorts;
  #software = false;
  #compare = 0n;
  /** How far writes to mtime have moved the timebase, in ticks modulo 2^64. */
  #offset = 0n;
  readonly #alarm: Alarm;

  constructor(ports: AclintPorts) {
    this.#ports = ports;
    this.#alarm = ports.clock.alarm(() => this.#update());
    this.#update();
  }

  /** mtime in ticks: what the `time` CSR reads. */
  time(): bigint {
    return BigInt.asUintN(64, this.#ticks() + this.#offset);
  }

  /** mtimecmp. */
  get compare(): bigint {
    return this.#compare;
  }

  /** All registers but mtime. */
  quiet(offset: number): boolean {
    return offset !== MTIME_LOW && offset !== MTIME_HIGH;
  }

  read(offset: number): number {
    switch (offset) {
      case MSIP:
        return Number(this.#software);
      case MTIMECMP_LOW:
        return low(this.#compare);
      case MTIMECMP_HIGH:
        return high(this.#compare);
      case MTIME_LOW:
        return low(this.time());
      case MTIME_HIGH:
        return high(this.time());
      default:
        return 0;
    }
  }

  write(offset: number, value: number): void {
    switch (offset) {
      case MSIP:
        this.#software = (value & 1) !== 0;
        this.#ports.software.set(this.#software);
        break;
      case MTIMECMP_LOW:
        this.#setCompare(withLow(this.#compare, value));
        break;
      case MTIMECMP_HIGH:
        this.#setCompare(withHigh(this.#compare, value));
        break;
      case MTIME_LOW:
        this.#setTime(withLow(this.time(), value));
        break;
      case MTIME_HIGH:
        this.#setTime(withHigh(this.time(), value));
        break;
    }
  }

  #ticks(): bigint {
    return BigInt(Math.floor(this.#ports.clock.now() / NANOSECONDS_PER_TICK));
  }

  #setCompare(compare: bigint): void {
    this.#compare = compare;
    this.#update();
  }

  #setTime(time: bigint): void {
    this.#offset = BigInt.asUintN(64, time - this.#ticks());
    this.#ports.timeOffset(this.#offset);
    this.#update();
  }

  /** MTIP is pending whenever mtime >= mtimecmp (ACLINT 2.3). */
  #update(): void {
    this.#alarm.at = undefined;
    const wait = this.#compare - this.time();
    this.#ports.timer.set(wait <= 0n);
    const at = Number(this.#ticks() + wait) * NANOSECONDS_PER_TICK;
    // The clock does not reach further than 104 days: a later alarm would never ring, so it is not set.
    if (wait > 0n && Number.isSafeInteger(at)) this.#alarm.at = at;
  }

  save() {
    return { software: this.#software, compare: this.#compare, offset: this.#offset };
  }

  restore({ software, compare, offset }: ReturnType<Aclint['save']>): void {
    this.#software = software;
    this.#compare = compare;
    this.#offset = offset;
  }
}
