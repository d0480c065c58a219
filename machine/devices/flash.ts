/**
 * Flash memory of Intel's command set, as QEMU's `virt` has it: two chips of 16 bits side by side. It cannot be written, as with `readonly=on`: a driver
 * that programs or erases it reads an error in the status.
 *
 * Reference: QEMU 10, hw/block/pflash_cfi01.c, measured; JEDEC's Common Flash Interface. Left out: code that runs from the flash does not see what its own
 * commands make of reads.
 */
import type { Device, Width } from '../ports.ts';
import { FLASH } from '../spec/virt-board.ts';

/** What is written first; each is the lowest byte of the word. */
const COMMAND = {
  program: 0x40,
  programToo: 0x10,
  erase: 0x20,
  clear: 0x50,
  lock: 0x60,
  status: 0x70,
  id: 0x90,
  query: 0x98,
  buffer: 0xe8,
} as const;
const CONFIRM = 0xd0;
const READ_ARRAY = 0;

/** Bits of the status. */
const READY = 0x80;
const ERASE_ERROR = 0x20;
const PROGRAM_ERROR = 0x10;

/** Manufacturer and device, by address in words. */
const IDENTITY: readonly number[] = [0x89, 0x18];

/** Answers to a query from word 0x10 on: what a chip is, times and sizes; each of the two has 128 blocks of 128 KiB. */
const QUERY: readonly number[] = [
  ...[0x51, 0x52, 0x59, 0x01, 0x00, 0x31, 0x00, 0x00, 0x00, 0x00, 0x00, 0x45, 0x55, 0x00, 0x00, 0x07],
  ...[0x07, 0x0a, 0x00, 0x04, 0x04, 0x04, 0x00, 0x18, 0x02, 0x00, 0x0b, 0x00, 0x01, 0x7f, 0x00, 0x00],
  ...[0x02, 0x50, 0x52, 0x49, 0x31, 0x30, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01],
];
const QUERY_FROM = 0x10;

/** Of both chips together, in bytes. */
const BANK = 4;

export class Flash implements Device {
  readonly name = 'flash';
  readonly widths = [1, 2, 4] as const;
  readonly splits8 = true;
  readonly #contents: Uint8Array;
  #command = READ_ARRAY;
  /** How many writes of the command have come. */
  #step = 0;
  #status = READY;
  /** Words that are still to come for the buffer. */
  #left = 0;

  /** @param contents all of a unit, or less: the rest is zeroes */
  constructor(contents: Uint8Array) {
    this.#contents = contents;
  }

  /** Reads change nothing. */
  quiet(): boolean {
    return true;
  }

  read(offset: number, width: Width): number {
    switch (this.#command) {
      case READ_ARRAY:
        return this.#data(offset, width);
      case COMMAND.id:
        return both(IDENTITY[(offset / BANK) & 0xff] ?? 0, width);
      case COMMAND.query:
        return both(QUERY[Math.floor(offset / BANK) - QUERY_FROM] ?? 0, width);
      default:
        return both(this.#status, width);
    }
  }

  #data(offset: number, width: Width): number {
    let value = 0;
    for (let index = width - 1; index >= 0; index--) value = value * 256 + (this.#contents[offset + index] ?? 0);
    return value;
  }

  write(_: number, value: number): void {
    const byte = value & 0xff;
    if (this.#step === 0) this.#begin(byte);
    else if (this.#step === 1) this.#goOn(byte, value);
    else if (this.#step === 2) this.#fill();
    // Nothing was put into the buffer that could be kept.
    else this.#readArray();
  }

  #begin(byte: number): void {
    switch (byte) {
      case COMMAND.erase:
        this.#status |= ERASE_ERROR | READY;
        return this.#expect(byte);
      case COMMAND.buffer:
        this.#status |= READY;
        return this.#expect(byte);
      case COMMAND.program:
      case COMMAND.programToo:
      case COMMAND.lock:
      case COMMAND.query:
        return this.#expect(byte);
      case COMMAND.status:
      case COMMAND.id:
        this.#command = byte;
        return;
      case COMMAND.clear:
        this.#status = 0;
        return this.#readArray();
      default:
        return this.#readArray();
    }
  }

  /** The command needs a second write. */
  #expect(command: number): void {
    this.#command = command;
    this.#step = 1;
  }

  #goOn(byte: number, value: number): void {
    switch (this.#command) {
      case COMMAND.program:
      case COMMAND.programToo:
        this.#status |= PROGRAM_ERROR | READY;
        this.#step = 0;
        return;
      case COMMAND.erase:
      case COMMAND.lock:
        if (byte !== CONFIRM && !(this.#command === COMMAND.lock && byte === 1)) return this.#readArray();
        this.#status |= READY;
        this.#step = 0;
        return;
      case COMMAND.buffer:
        this.#left = value & 0xffff;
        this.#step = 2;
        return;
      default:
        if (byte === 0xff) this.#readArray();
    }
  }

  #fill(): void {
    this.#status |= PROGRAM_ERROR | READY;
    if (this.#left === 0) this.#step = 3;
    this.#left--;
  }

  #readArray(): void {
    this.#command = READ_ARRAY;
    this.#step = 0;
  }

  save() {
    return { command: this.#command, step: this.#step, status: this.#status, left: this.#left };
  }

  restore({ command, step, status, left }: ReturnType<Flash['save']>): void {
    this.#command = command;
    this.#step = step;
    this.#status = status;
    this.#left = left;
  }
}

/** What each of the two chips answers; a narrow read sees the first one. */
function both(answer: number, width: Width): number {
  return width === 4 ? answer | (answer << 16) : answer;
}

/** The units that there are: a unit without a file holds zeroes. */
export function flashUnits(files: readonly (Uint8Array | undefined)[]): Flash[] {
  return Array.from({ length: FLASH.units }, (_, unit) => new Flash(files[unit] ?? new Uint8Array()));
}
