/** What a step printed: its beginning and its end, whatever lies between. */

export class Output {
  readonly #half: number;
  #head = Buffer.alloc(0);
  #tail: Buffer[] = [];
  #tailBytes = 0;
  /** Bytes in all. */
  bytes = 0;

  /** `most`: bytes that are kept. */
  constructor(most: number) {
    this.#half = Math.ceil(most / 2);
  }

  add(piece: Buffer): void {
    this.bytes += piece.length;
    const room = this.#half - this.#head.length;
    if (room > 0) this.#head = Buffer.concat([this.#head, piece.subarray(0, room)]);
    const rest = piece.subarray(Math.max(0, room));
    if (rest.length === 0) return;
    this.#tail.push(Buffer.from(rest));
    this.#tailBytes += rest.length;
    while (this.#tailBytes - this.#tail[0]!.length >= this.#half) this.#tailBytes -= this.#tail.shift()!.length;
  }

  text(): string {
    const tail = Buffer.concat(this.#tail);
    const kept = tail.subarray(Math.max(0, tail.length - this.#half));
    const lost = this.bytes - this.#head.length - kept.length;
    if (lost === 0) return Buffer.concat([this.#head, kept]).toString('utf8');
    return `${this.#head.toString('utf8')}\n[… ${lost} bytes more …]\n${kept.toString('utf8')}`;
  }
}
