/** What an archive may unpack to: bounds against those that were made to fill a disk or a memory. */

export interface Limits {
  /** Files, folders and links. */
  readonly entries: number;
  /** Of all files together, unpacked. */
  readonly bytes: number;
  /** How many times its own size it may unpack to, beyond `harmless` bytes. */
  readonly ratio: number;
  readonly harmless: number;
}

const MiB = 2 ** 20;

/** Of what one student handed in. Deflate makes at most 1032 bytes of one; a kernel with its debug information becomes 3 to 10 times as large. */
export const SUBMISSION_LIMITS: Limits = { entries: 200_000, bytes: 2048 * MiB, ratio: 200, harmless: 256 * MiB };

/** Of a whole class. */
export const CLASS_LIMITS: Limits = { entries: 2_000_000, bytes: 65_536 * MiB, ratio: 200, harmless: 1024 * MiB };

/** An archive is larger than it may be. The message is the end of a sentence. */
export class TooMuchError extends Error {
  override readonly name = 'TooMuchError';
}

/** Counts what is unpacked. Archives inside an archive share the budget of the outermost. */
export class Budget {
  readonly #limits: Limits;
  readonly #packed: number;
  #entries = 0;
  #bytes = 0;

  /** `packed`: bytes of the outermost archive. */
  constructor(limits: Limits, packed: number) {
    this.#limits = limits;
    this.#packed = packed;
  }

  /** Throws TooMuchError. */
  entry(): void {
    const { entries } = this.#limits;
    if (++this.#entries > entries) throw new TooMuchError(`it holds more than ${entries} files and folders`);
  }

  /** Throws TooMuchError. */
  unpacked(bytes: number): void {
    const { bytes: most, ratio, harmless } = this.#limits;
    this.#bytes += bytes;
    if (this.#bytes > most) throw new TooMuchError(`its files have more than ${Math.round(most / MiB)} MiB`);
    if (this.#bytes > harmless && this.#bytes > ratio * this.#packed) {
      throw new TooMuchError(`it unpacks to more than ${ratio} times its own size, as archives do that are made to fill a disk`);
    }
  }
}
