/**
 * Waits for a text in a stream of bytes, one byte at a time (Knuth, Morris, Pratt 1977): constant work for each byte, and
 * nothing of the stream is kept. The text is compared as UTF-8, so a guest may write a character's bytes apart.
 */
export class ConsoleWatch {
  readonly #text: Uint8Array;
  /** For each prefix of the text: the length of its longest proper suffix that is a prefix as well. */
  readonly #border: number[];
  #matched = 0;

  /** `text`: not empty. */
  constructor(text: string) {
    this.#text = new TextEncoder().encode(text);
    this.#border = borders(this.#text);
  }

  /** Takes the next byte; true when the text ends with it. The next match is looked for after it. */
  push(byte: number): boolean {
    while (this.#matched > 0 && this.#text[this.#matched] !== byte) this.#matched = this.#border[this.#matched - 1]!;
    if (this.#text[this.#matched] === byte) this.#matched++;
    if (this.#matched < this.#text.length) return false;
    this.#matched = 0;
    return true;
  }

  /** How many bytes of the text have been met: all that it remembers. */
  get matched(): number {
    return this.#matched;
  }

  set matched(bytes: number) {
    this.#matched = bytes;
  }
}

function borders(text: Uint8Array): number[] {
  const border: number[] = [0];
  let length = 0;
  for (let at = 1; at < text.length; at++) {
    while (length > 0 && text[at] !== text[length]) length = border[length - 1]!;
    if (text[at] === text[length]) length++;
    border.push(length);
  }
  return border;
}
