/**
 * Reads DWARF's encodings out of bytes that anybody may have written: every read is checked against the end and paid for (budget.ts),
 * so that a table which claims to be huge ends in an error and not in a long wait.
 * Reference: DWARF 5, 7.4 (32-bit and 64-bit format), 7.6 (LEB128).
 */
import type { Section } from '../../run/elf.ts';
import { type Budget, DwarfError, type DwarfProblem } from './budget.ts';

/** Bytes of one string that are kept, and in which its end is looked for. */
const LONGEST_STRING = 1024;
const LONGEST_SEARCH = 65_536;

/** Units of work for a cursor. */
const MADE = 5;

const DECODER = new TextDecoder();

export class Cursor {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly budget: Budget;
  at: number;
  readonly end: number;
  readonly #view: DataView;

  /** Reads the section's bytes from `at` to `end`. */
  constructor({ name, bytes }: Pick<Section, 'name' | 'bytes'>, budget: Budget, at = 0, end = bytes.length) {
    this.name = name;
    this.bytes = bytes;
    this.budget = budget;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    budget.spend(MADE);
    if (!(at >= 0 && at <= end && end <= bytes.length)) throw new DwarfError('truncated', name);
    this.at = at;
    this.end = end;
  }

  /** One at the same place. */
  copy(): Cursor {
    return new Cursor(this, this.budget, this.at, this.end);
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  fail(problem: DwarfProblem): never {
    throw new DwarfError(problem, this.name);
  }

  /** Moves on by that many bytes; returns where they begin. */
  skip(length: number): number {
    const { at } = this;
    this.budget.spend();
    if (!(length >= 0) || at + length > this.end) this.fail('truncated');
    this.at = at + length;
    return at;
  }

  /** Goes to a place before the end; returns itself. */
  moveTo(at: number): this {
    if (!(at >= 0 && at <= this.end)) this.fail('truncated');
    this.at = at;
    return this;
  }

  /** A cursor over the next `length` bytes, which this one skips. */
  take(length: number): Cursor {
    const at = this.skip(length);
    return new Cursor(this, this.budget, at, at + length);
  }

  u8(): number {
    return this.#view.getUint8(this.skip(1));
  }

  i8(): number {
    return this.#view.getInt8(this.skip(1));
  }

  u16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  u24(): number {
    return this.u16() | (this.u8() << 16);
  }

  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  i32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.skip(8), true);
  }

  /** An offset into a section: 4 or 8 bytes. */
  offset(is64: boolean): number {
    return is64 ? this.#small(this.u64()) : this.u32();
  }

  #small(value: bigint): number {
    if (value > 0xffff_ffff_ffffn) this.fail('malformed');
    return Number(value);
  }

  /** An address of 4 or 8 bytes. */
  address(size: number): bigint {
    if (size === 8) return this.u64();
    if (size === 4) return BigInt(this.u32());
    return this.fail('unsupported');
  }

  /** Unsigned LEB128, at most 2^53. */
  uleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (value > Number.MAX_SAFE_INTEGER) this.fail('malformed');
      if (byte < 0x80) return value;
      if (scale > 2 ** 63) this.fail('malformed');
    }
  }

  /** Signed LEB128, within ±2^53. */
  sleb(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        const signed = (byte & 0x40) !== 0 ? value - scale * 128 : value;
        if (!Number.isSafeInteger(signed)) this.fail('malformed');
        return signed;
      }
      if (scale > 2 ** 63) this.fail('malformed');
    }
  }

  /** LEB128 of any length, whatever it says. */
  skipLeb(): void {
    while (this.u8() >= 0x80);
  }

  /** Moves past the NUL that ends a string. */
  skipString(): void {
    const nul = this.bytes.subarray(this.at, Math.min(this.end, this.at + LONGEST_SEARCH)).indexOf(0);
    this.budget.spend(1 + ((nul < 0 ? LONGEST_SEARCH : nul) >> 5));
    if (nul < 0) this.fail('truncated');
    this.at += nul + 1;
  }

  /** A NUL-terminated string. */
  string(): string {
    const from = this.at;
    this.skipString();
    return DECODER.decode(this.bytes.subarray(from, Math.min(this.at - 1, from + LONGEST_STRING)));
  }

  /** The length of a unit that begins here, and whether it has the 64-bit format. */
  unitLength(): { length: number; is64: boolean } {
    const length = this.u32();
    if (length < 0xffff_fff0) return { length, is64: false };
    if (length !== 0xffff_ffff) this.fail('malformed');
    return { length: this.#small(this.u64()), is64: true };
  }
}
