/** What the guest wrote to its console, kept up to a bound: it may write for ever. */
import { base64Of } from '../bytes/binary.ts';

/** Bytes that are kept; a kernel that writes more is stopped. */
export const CONSOLE_BYTES = 8 * 1024 * 1024;

export class ConsoleLog {
  #bytes = new Uint8Array(4096);
  #length = 0;
  #full = false;

  /** Takes the next byte; false if there is no room for it. */
  push(byte: number): boolean {
    if (this.#length === CONSOLE_BYTES) {
      this.#full = true;
      return false;
    }
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(this.#bytes.length * 2);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
    return true;
  }

  /** The guest wrote more than is kept. */
  get full(): boolean {
    return this.#full;
  }

  /** Bytes that are kept. */
  get length(): number {
    return this.#length;
  }

  base64(): string {
    return base64Of(this.#bytes.subarray(0, this.#length));
  }

  save() {
    return { bytes: this.#bytes.slice(0, this.#length), full: this.#full };
  }

  restore({ bytes, full }: ReturnType<ConsoleLog['save']>): void {
    this.#bytes = new Uint8Array(Math.max(4096, bytes.length));
    this.#bytes.set(bytes);
    this.#length = bytes.length;
    this.#full = full;
  }
}
