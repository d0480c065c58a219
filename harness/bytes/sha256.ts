/**
 * SHA-256 that returns at once and runs everywhere: a browser's own is asynchronous, and Node's is not in a browser. It is for the identities
 * of rubrics, images and setups, which are short; code that reads or writes files of many megabytes hashes them with Node's.
 *
 * Reference: FIPS 180-4, 4.1.2 (functions), 4.2.2 (constants), 5.1.1 (padding), 5.3.3 (first value), 6.2.2 (computation).
 */
import { hexOf } from './hex.ts';
import { utf8Bytes } from './text.ts';

const BLOCK = 64;
/** In the last block, the message's length in bits is in the last 8 bytes. */
const LENGTH_BYTES = 8;

const PRIMES: readonly number[] = firstPrimes(64);
/** The first 32 bits of the fractions of square roots and of cube roots of the first primes. */
const FIRST_VALUE = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(prime ** (1 / 2)));
const CONSTANTS = Int32Array.from(PRIMES, (prime) => fraction(prime ** (1 / 3)));

function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}

function fraction(root: number): number {
  return Math.floor((root % 1) * 2 ** 32) | 0;
}

export class Sha256 {
  readonly #value = Int32Array.from(FIRST_VALUE);
  readonly #block = new Uint8Array(BLOCK);
  readonly #words = new Int32Array(64);
  /** Bytes so far, of which the last ones wait in the block. */
  #length = 0;

  update(content: string | Uint8Array): this {
    const bytes = typeof content === 'string' ? utf8Bytes(content) : content;
    let at = 0;
    const waiting = this.#length % BLOCK;
    if (waiting > 0) {
      at = Math.min(BLOCK - waiting, bytes.length);
      this.#block.set(bytes.subarray(0, at), waiting);
      if (waiting + at === BLOCK) this.#compute(this.#block, 0);
    }
    for (; at + BLOCK <= bytes.length; at += BLOCK) this.#compute(bytes, at);
    if (at < bytes.length) this.#block.set(bytes.subarray(at));
    this.#length += bytes.length;
    return this;
  }

  /** In hex; nothing can be added afterwards. */
  digest(): string {
    const bits = this.#length * 8;
    const padding = new Uint8Array(BLOCK - ((this.#length + LENGTH_BYTES) % BLOCK) + LENGTH_BYTES);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(bits / 2 ** 32));
    view.setUint32(padding.length - 4, bits >>> 0);
    this.update(padding);
    const bytes = new Uint8Array(32);
    const result = new DataView(bytes.buffer);
    for (const [index, word] of this.#value.entries()) result.setInt32(4 * index, word);
    return hexOf(bytes);
  }

  /** Takes the block of `bytes` that begins at a position. */
  #compute(bytes: Uint8Array, at: number): void {
    const words = this.#words;
    const value = this.#value;
    schedule(words, bytes, at);
    let a = value[0]!;
    let b = value[1]!;
    let c = value[2]!;
    let d = value[3]!;
    let e = value[4]!;
    let f = value[5]!;
    let g = value[6]!;
    let h = value[7]!;
    for (let round = 0; round < 64; round++) {
      const sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
      const choice = (e & f) ^ (~e & g);
      const first = (h + sum1 + choice + CONSTANTS[round]! + words[round]!) | 0;
      const sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
      const majority = (a & b) ^ (a & c) ^ (b & c);
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + sum0 + majority) | 0;
    }
    value[0]! += a;
    value[1]! += b;
    value[2]! += c;
    value[3]! += d;
    value[4]! += e;
    value[5]! += f;
    value[6]! += g;
    value[7]! += h;
  }
}

/** The block's 16 words, and the 48 that are made of them. */
function schedule(words: Int32Array, bytes: Uint8Array, from: number): void {
  for (let word = 0, at = from; word < 16; word++, at += 4) {
    words[word] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  }
  for (let word = 16; word < 64; word++) {
    const before15 = words[word - 15]!;
    const before2 = words[word - 2]!;
    const small0 = rotated(before15, 7) ^ rotated(before15, 18) ^ (before15 >>> 3);
    const small1 = rotated(before2, 17) ^ rotated(before2, 19) ^ (before2 >>> 10);
    words[word] = words[word - 16]! + small0 + words[word - 7]! + small1;
  }
}

/** To the right, as 32 bits. */
function rotated(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** In hex; a text is hashed as UTF-8. */
export function sha256(content: string | Uint8Array): string {
  return new Sha256().update(content).digest();
}
