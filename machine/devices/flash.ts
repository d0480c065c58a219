/**
 * Flash memory of Intel's command set, as QEMU's `virt` has it: two chips of 16 bits side by side. A unit of bytes cannot be written, as with
 * `readonly=on`: a driver that programs or erases it reads an error in the status. A unit with a medium of its own is programmed word by word
 * or through the chips' buffer, and erased block by block.
 *
 * Reference: QEMU 10, hw/block/pflash_cfi01.c, measured; JEDEC's Common Flash Interface. As in QEMU, programming takes no time and sets bits as well as
 * it clears them, and a block is erased before it is confirmed. Left out: code that runs from the flash sees neither what its own commands make of reads nor
 * what was programmed since power-on.
 */
import { type Device, type FlashUnit, isMedium, type Width } from '../ports.ts';
import { FLASH } from '../spec/virt-board.ts';
import { WORK, type WorkMeter } from '../work-meter.ts';

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

/** Of both chips together, in bytes: a word, what their buffers hold, and a block. */
const BANK = 4;
const BUFFER = 4096;
const BLOCK = 256 * 1024;
const ERASED = new Uint8Array(BLOCK).fill(0xff);

export class Flash implements Device {
  readonly name = 'flash';
  readonly widths = [1, 2, 4] as const;
  readonly splits8 = true;
  readonly #unit: FlashUnit;
  readonly #work: WorkMeter;
  #command = READ_ARRAY;
  /** How many writes of the command have come. */
  #step = 0;
  #status = READY;
  /** Words that are still to come for the buffer. */
  #left = 0;
  /** What the buffer will program, and where. */
  #buffer: { readonly at: number; readonly bytes: Uint8Array } | undefined;

  constructor(unit: FlashUnit, work: WorkMeter) {
    this.#unit = unit;
    this.#work = work;
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
    const [bytes, from] = isMedium(this.#unit) ? [this.#unit.read(offset, width), 0] : [this.#unit, offset];
    let value = 0;
    for (let index = width - 1; index >= 0; index--) value = value * 256 + (bytes[from + index] ?? 0);
    return value;
  }

  write(offset: number, value: number, width: Width): void {
    const byte = value & 0xff;
    if (this.#step === 0) this.#begin(byte, offset);
    else if (this.#step === 1) this.#goOn(byte, offset, value, width);
    else if (this.#step === 2) this.#fill(offset, value, width);
    else this.#confirmBuffer(byte);
  }

  #begin(byte: number, offset: number): void {
    switch (byte) {
      case COMMAND.erase:
        if (!this.#change(offset - (offset % BLOCK), ERASED)) this.#status |= ERASE_ERROR;
        this.#status |= READY;
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

  #goOn(byte: number, offset: number, value: number, width: Width): void {
    switch (this.#command) {
      case COMMAND.program:
      case COMMAND.programToo:
        if (!this.#change(offset, littleEndian(value, width))) this.#status |= PROGRAM_ERROR;
        this.#status |= READY;
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

  /** The first word says which part of the flash the buffer stands for. QEMU takes none where the count says that there is one word. */
  #fill(offset: number, value: number, width: Width): void {
    if (this.#buffer === undefined && this.#left > 0 && isMedium(this.#unit)) {
      const at = offset - (offset % BUFFER);
      this.#buffer = { at, bytes: Uint8Array.from(this.#unit.read(at, BUFFER)) };
    }
    const inside = this.#buffer === undefined ? -1 : offset - this.#buffer.at;
    if (inside >= 0 && inside < BUFFER) this.#buffer!.bytes.set(littleEndian(value, width), inside);
    else this.#status |= PROGRAM_ERROR;
    this.#status |= READY;
    if (this.#left === 0) this.#step = 3;
    this.#left--;
  }

  #confirmBuffer(byte: number): void {
    const buffer = this.#buffer;
    this.#buffer = undefined;
    if (byte !== CONFIRM || buffer === undefined || (this.#status & PROGRAM_ERROR) !== 0) return this.#readArray();
    this.#change(buffer.at, buffer.bytes);
    this.#status |= READY;
    this.#step = 0;
  }

  /** False where the unit cannot be written. */
  #change(offset: number, bytes: Uint8Array): boolean {
    if (!isMedium(this.#unit)) return false;
    this.#work.add(WORK['kibibytes-moved'], Math.ceil(bytes.length / 1024));
    this.#unit.write(offset, bytes);
    this.#unit.wrote?.({ stable: true });
    return true;
  }

  #readArray(): void {
    this.#command = READ_ARRAY;
    this.#step = 0;
  }

  /** All but what the medium holds. */
  save() {
    const buffer = this.#buffer && { at: this.#buffer.at, bytes: this.#buffer.bytes.slice() };
    return { command: this.#command, step: this.#step, status: this.#status, left: this.#left, buffer };
  }

  restore({ command, step, status, left, buffer }: ReturnType<Flash['save']>): void {
    this.#command = command;
    this.#step = step;
    this.#status = status;
    this.#left = left;
    this.#buffer = buffer && { at: buffer.at, bytes: buffer.bytes.slice() };
  }
}

/** What each of the two chips answers; a narrow read sees the first one. */
function both(answer: number, width: Width): number {
  return width === 4 ? answer | (answer << 16) : answer;
}

function littleEndian(value: number, width: Width): Uint8Array {
  return Uint8Array.from({ length: width }, (_, index) => value >>> (8 * index));
}

/** The units that there are: one without a file holds zeroes. */
export function flashUnits(units: readonly (FlashUnit | undefined)[], work: WorkMeter): Flash[] {
  return Array.from({ length: FLASH.units }, (_, unit) => new Flash(units[unit] ?? new Uint8Array(), work));
}
