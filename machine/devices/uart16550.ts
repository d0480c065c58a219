/**
 * 16550A UART: transmitter, receiver with a FIFO of 16 bytes, and their interrupt.
 *
 * Reference: National Semiconductor PC16550D data sheet; where it leaves the behaviour open, this follows QEMU 10's hw/char/serial.c (8
 * bytes, byte registers, other widths act on the one register at their offset), measured. A byte is transmitted at once. Keys wait
 * in a queue of any length and refill the receiver as fast as the guest reads it: no key is lost to an overrun, but a FIFO reset
 * discards the keys in the FIFO. Left out: modem lines (always as if connected), breaks, parity and framing errors.
 */
import type { Alarm, Clock, Device, InterruptLine } from '../ports.ts';

const IER = { RECEIVED: 0x01, THR_EMPTY: 0x02, LINE_STATUS: 0x04, ALL: 0x0f } as const;
const IIR = { NONE: 0x01, THR_EMPTY: 0x02, RECEIVED: 0x04, LINE_STATUS: 0x06, TIMEOUT: 0x0c, FIFO_ENABLED: 0xc0 } as const;
const FCR = { ENABLE: 0x01, RESET_RECEIVER: 0x02, RESET_TRANSMITTER: 0x04, KEPT: 0xc9 } as const;
const LCR = { STOP_BITS: 0x04, PARITY: 0x08, DIVISOR_LATCH: 0x80 } as const;
const MCR = { OUT2: 0x08, LOOPBACK: 0x10, ALL: 0x1f } as const;
const LSR = { DATA_READY: 0x01, OVERRUN: 0x02, BREAK: 0x10, THR_EMPTY: 0x20, IDLE: 0x40, ERRORS: 0x1e } as const;
/** Carrier, data set ready and clear to send, as if a terminal were connected; nothing ever changes them. */
const MSR_CONNECTED = 0xb0;

const FIFO_SIZE = 16;
/** Receiver trigger level by FCR bits 7:6. */
const TRIGGER_LEVELS = [1, 4, 8, 14] as const;
/** The clock that the divisor divides, in baud. */
const BAUD_BASE = 399_193;

export interface UartPorts {
  readonly clock: Clock;
  readonly interrupt: InterruptLine;
  /** Takes each byte that the guest transmits. */
  readonly transmit: (byte: number) => void;
  /** Called when the guest looks for a key and there is none. */
  readonly polled?: () => void;
}

interface Register {
  readonly name: string;
  read(uart: Uart16550): number;
  write(uart: Uart16550, value: number): void;
}

const ignore = (): void => {};

/** By offset. While LCR's divisor latch bit is set, the first two are the divisor instead. */
const REGISTERS: readonly Register[] = [
  { name: 'RBR/THR', read: (uart) => uart.receive(), write: (uart, value) => uart.transmit(value) },
  { name: 'IER', read: (uart) => uart.ier, write: (uart, value) => uart.setIer(value) },
  { name: 'IIR/FCR', read: (uart) => uart.identifyInterrupt(), write: (uart, value) => uart.setFcr(value) },
  {
    name: 'LCR',
    read: (uart) => uart.lcr,
    write: (uart, value) => {
      uart.lcr = value;
    },
  },
  { name: 'MCR', read: (uart) => uart.mcr, write: (uart, value) => uart.setMcr(value) },
  { name: 'LSR', read: (uart) => uart.lineStatus(), write: ignore },
  { name: 'MSR', read: (uart) => uart.modemStatus(), write: ignore },
  {
    name: 'SCR',
    read: (uart) => uart.scr,
    write: (uart, value) => {
      uart.scr = value;
    },
  },
];

const DIVISOR: readonly Register[] = [
  {
    name: 'DLL',
    read: (uart) => uart.divisor & 0xff,
    write: (uart, value) => {
      uart.divisor = (uart.divisor & 0xff00) | value;
    },
  },
  {
    name: 'DLM',
    read: (uart) => uart.divisor >>> 8,
    write: (uart, value) => {
      uart.divisor = (value << 8) | (uart.divisor & 0xff);
    },
  },
];

export class Uart16550 implements Device {
  readonly name = 'uart16550';
  readonly widths = [1, 2, 4] as const;
  readonly splits8 = true;
  ier = 0;
  lcr = 0;
  mcr: number = MCR.OUT2;
  scr = 0;
  /** 9600 baud on a PC's clock. */
  divisor = 0x0c;
  readonly #ports: UartPorts;
  #fcr = 0;
  #lsr: number = LSR.THR_EMPTY | LSR.IDLE;
  /** The interrupt identification register, without the FIFO bits. */
  #cause: number = IIR.NONE;
  #thrEmptyPending = false;
  #timeoutPending = false;
  readonly #timeout: Alarm;
  /** The receiver buffer register: the byte that was received last, while the FIFO is off. */
  #rbr = 0;
  #fifo: number[] = [];
  /** Keys that the receiver has not taken yet: the chunks as they came, and how many bytes of the first chunk have been taken. */
  #keys: Uint8Array[] = [];
  #taken = 0;

  constructor(ports: UartPorts) {
    this.#ports = ports;
    this.#timeout = ports.clock.alarm(() => {
      this.#timeoutPending = this.#fifo.length > 0;
      this.#update();
    });
  }

  /** Adds keys for the guest, after those that wait already. */
  type(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#keys.push(bytes.slice());
    this.#accept();
  }

  /** Keys that the guest has not read. */
  pending(): number {
    const received = this.#fifoEnabled() ? this.#fifo.length : this.#lsr & LSR.DATA_READY;
    return received - this.#taken + this.#keys.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  register(offset: number): string {
    return this.#register(offset).name;
  }

  /** Reads that change nothing: of LSR while it shows no data and no errors, and of the registers that only hold what was written. */
  quiet(offset: number): boolean {
    return offset === 5 ? (this.#lsr & (LSR.ERRORS | LSR.DATA_READY)) === 0 : offset === 1 || offset === 3 || offset === 4 || offset === 7;
  }

  read(offset: number): number {
    return this.#register(offset).read(this);
  }

  write(offset: number, value: number): void {
    this.#register(offset).write(this, value & 0xff);
  }

  transmit(byte: number): void {
    this.#thrEmptyPending = false;
    this.#update();
    if (this.#loopback()) this.#store(byte);
    else this.#ports.transmit(byte);
    // Sent at once: the holding register is empty again before the guest can look.
    this.#thrEmptyPending = true;
    this.#update();
  }

  receive(): number {
    let byte = this.#rbr;
    if (this.#fifoEnabled()) {
      byte = this.#fifo.shift() ?? 0;
      if (this.#fifo.length > 0) this.#startTimeout();
      this.#timeoutPending = false;
    }
    if (!this.#fifoEnabled() || this.#fifo.length === 0) this.#lsr &= ~(LSR.DATA_READY | LSR.BREAK);
    this.#update();
    this.#accept();
    return byte;
  }

  setIer(value: number): void {
    const changed = (this.ier ^ value) & IER.ALL;
    this.ier = value & IER.ALL;
    // Enabling the interrupt of an empty transmitter raises it, even if the guest has already taken it.
    if (changed & IER.THR_EMPTY) this.#thrEmptyPending = (value & IER.THR_EMPTY) !== 0;
    if (changed) this.#update();
  }

  identifyInterrupt(): number {
    const value = this.#cause | (this.#fifoEnabled() ? IIR.FIFO_ENABLED : 0);
    if (this.#cause === IIR.THR_EMPTY) {
      this.#thrEmptyPending = false;
      this.#update();
    }
    return value;
  }

  setFcr(value: number): void {
    if (value === this.#fcr) return;
    const toggled = ((value ^ this.#fcr) & FCR.ENABLE) !== 0;
    if (toggled || value & FCR.RESET_RECEIVER) {
      this.#lsr &= ~(LSR.DATA_READY | LSR.BREAK);
      this.#timeout.at = undefined;
      this.#timeoutPending = false;
      this.#fifo = [];
    }
    if (toggled || value & FCR.RESET_TRANSMITTER) this.#thrEmptyPending = true;
    this.#fcr = value & FCR.KEPT;
    this.#update();
    this.#accept();
  }

  setMcr(value: number): void {
    this.mcr = value & MCR.ALL;
    this.#accept();
  }

  lineStatus(): number {
    if ((this.#lsr & LSR.DATA_READY) === 0) this.#ports.polled?.();
    const value = this.#lsr;
    this.#lsr &= ~(LSR.BREAK | LSR.OVERRUN);
    if (value !== this.#lsr) this.#update();
    return value;
  }

  /** In loopback the modem outputs (OUT2, OUT1, RTS, DTR) are wired to the inputs (DCD, RI, CTS, DSR). */
  modemStatus(): number {
    if (!this.#loopback()) return MSR_CONNECTED;
    return ((this.mcr & 0x0c) << 4) | ((this.mcr & 0x02) << 3) | ((this.mcr & 0x01) << 5);
  }

  #register(offset: number): Register {
    const divisor = this.lcr & LCR.DIVISOR_LATCH ? DIVISOR[offset & 7] : undefined;
    return divisor ?? REGISTERS[offset & 7]!;
  }

  #fifoEnabled(): boolean {
    return (this.#fcr & FCR.ENABLE) !== 0;
  }

  #loopback(): boolean {
    return (this.mcr & MCR.LOOPBACK) !== 0;
  }

  #triggerLevel(): number {
    return TRIGGER_LEVELS[this.#fcr >>> 6]!;
  }

  /** Moves waiting keys into the receiver while it has room. In loopback the outside is disconnected. */
  #accept(): void {
    while (!this.#loopback() && this.#keys.length > 0) {
      const full = this.#fifoEnabled() ? this.#fifo.length >= FIFO_SIZE : (this.#lsr & LSR.DATA_READY) !== 0;
      if (full) return;
      const chunk = this.#keys[0]!;
      const key = chunk[this.#taken++]!;
      if (this.#taken === chunk.length) {
        this.#keys.shift();
        this.#taken = 0;
      }
      this.#store(key);
    }
  }

  #store(byte: number): void {
    const full = this.#fifoEnabled() ? this.#fifo.length >= FIFO_SIZE : (this.#lsr & LSR.DATA_READY) !== 0;
    if (full) this.#lsr |= LSR.OVERRUN;
    // In an overrun the new byte is lost if the FIFO is on, and the old byte if it is off.
    if (!this.#fifoEnabled()) this.#rbr = byte;
    else if (!full) this.#fifo.push(byte);
    this.#lsr |= LSR.DATA_READY;
    if (this.#fifoEnabled()) this.#startTimeout();
    this.#update();
  }

  /** Bytes below the trigger level raise an interrupt, too, when nothing was received or read for the time of four characters. */
  #startTimeout(): void {
    this.#timeout.at = this.#ports.clock.now() + 4 * this.#characterTime();
  }

  /** Nanoseconds that the line would take for one character: start bit, data, parity, stop bits. */
  #characterTime(): number {
    const bits = 1 + 5 + (this.lcr & 3) + (this.lcr & LCR.PARITY ? 1 : 0) + (this.lcr & LCR.STOP_BITS ? 2 : 1);
    return Math.floor((1e9 * bits * Math.max(this.divisor, 1)) / BAUD_BASE);
  }

  #update(): void {
    this.#cause = this.#findCause();
    this.#ports.interrupt.set(this.#cause !== IIR.NONE);
  }

  /** Highest priority first (PC16550D, table IV). */
  #findCause(): number {
    if (this.ier & IER.LINE_STATUS && this.#lsr & LSR.ERRORS) return IIR.LINE_STATUS;
    if (this.ier & IER.RECEIVED) {
      if (this.#timeoutPending) return IIR.TIMEOUT;
      const enough = !this.#fifoEnabled() || this.#fifo.length >= this.#triggerLevel();
      if (this.#lsr & LSR.DATA_READY && enough) return IIR.RECEIVED;
    }
    return this.ier & IER.THR_EMPTY && this.#thrEmptyPending ? IIR.THR_EMPTY : IIR.NONE;
  }

  save() {
    const { ier, lcr, mcr, scr, divisor } = this;
    return {
      registers: { ier, lcr, mcr, scr, divisor },
      fcr: this.#fcr,
      lsr: this.#lsr,
      cause: this.#cause,
      thrEmptyPending: this.#thrEmptyPending,
      timeoutPending: this.#timeoutPending,
      rbr: this.#rbr,
      fifo: this.#fifo,
      keys: this.#keys,
      taken: this.#taken,
    };
  }

  restore(state: ReturnType<Uart16550['save']>): void {
    Object.assign(this, state.registers);
    this.#fcr = state.fcr;
    this.#lsr = state.lsr;
    this.#cause = state.cause;
    this.#thrEmptyPending = state.thrEmptyPending;
    this.#timeoutPending = state.timeoutPending;
    this.#rbr = state.rbr;
    this.#fifo = state.fifo;
    this.#keys = state.keys;
    this.#taken = state.taken;
  }
}
