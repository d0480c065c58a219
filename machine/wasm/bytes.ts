/** Bytes and LEB128 numbers, appended (WebAssembly Core Specification 1.0, 5.2). */
export class ByteWriter {
  #buffer = new Uint8Array(1024);
  #used = 0;

  byte(value: number): this {
    if (this.#used === this.#buffer.length) this.#grow(1);
    this.#buffer[this.#used++] = value;
    return this;
  }

  bytes(values: ArrayLike<number>): this {
    if (this.#used + values.length > this.#buffer.length) this.#grow(values.length);
    this.#buffer.set(values, this.#used);
    this.#used += values.length;
    return this;
  }

  /** Unsigned LEB128, below 2^32. */
  unsigned(value: number): this {
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.byte(rest);
  }

  /** Signed LEB128, 64 bits. */
  signed(value: bigint): this {
    let rest = value;
    for (;;) {
      const low = Number(rest & 0x7fn);
      rest >>= 7n;
      const signBit = (low & 0x40) !== 0;
      if ((rest === 0n && !signBit) || (rest === -1n && signBit)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  name(text: string): this {
    const encoded = new TextEncoder().encode(text);
    return this.unsigned(encoded.length).bytes(encoded);
  }

  /** Bytes after their length, which is the form of sections and function bodies. */
  sized(content: ByteWriter): this {
    const bytes = content.finish();
    return this.unsigned(bytes.length).bytes(bytes);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#buffer.slice(0, this.#used);
  }

  #grow(more: number): void {
    const next = new Uint8Array(Math.max(this.#buffer.length * 2, this.#used + more));
    next.set(this.#buffer);
    this.#buffer = next;
  }
}
