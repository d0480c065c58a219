/**
 * Decisions that are drawn for an input, by its bytes: the same input, from a file as well, is treated in the same way again.
 */
import { createHash } from 'node:crypto';

export class Lots {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(input: Uint8Array) {
    this.#bytes = createHash('sha256').update(input).digest();
  }

  /** True for one input in `many`, at most 256. */
  oneIn(many: number): boolean {
    return this.#bytes[this.#at++ % this.#bytes.length]! % many === 0;
  }
}
