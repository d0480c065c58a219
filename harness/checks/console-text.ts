/** What a console shows, or a part of it: to be searched, and cut up for a report (bounded, and safe to print). */

import { binaryOfBase64, bytesOfBinary } from '../bytes/binary.ts';
import { utf8Text } from '../bytes/text.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { withPlainLineEnds } from '../evidence/line-ends.ts';
import { printable, quoted } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';

/** A part of a console, from its byte `start` to before its byte `end`. All positions are bytes of the whole console. */
export class Shown {
  /** The whole console, one character for each byte. */
  readonly binary: string;
  readonly start: number;
  readonly end: number;
  #text: string | undefined;

  constructor(binary: string, start = 0, end = binary.length) {
    this.binary = binary;
    this.start = start;
    this.end = end;
  }

  part(start: number, end: number): Shown {
    return start === this.start && end === this.end ? this : new Shown(this.binary, start, end);
  }

  get isWhole(): boolean {
    return this.start === 0 && this.end === this.binary.length;
  }

  /** The part as text: bytes that are not UTF-8 become U+FFFD, and CR LF becomes LF. */
  get text(): string {
    this.#text ??= plainText(this.binary.slice(this.start, this.end));
    return this.#text;
  }

  /** Where the text is found first, at or after `from`; -1: nowhere. */
  indexOf(binary: string, from = this.start): number {
    const at = this.binary.indexOf(binary, Math.max(from, this.start));
    return at === -1 || at + binary.length > this.end ? -1 : at;
  }

  /** The byte at which a character of `text` begins. */
  byteOf(character: number): number {
    const { text, binary } = this;
    if (text.length === this.end - this.start) return this.start + character;
    const lineStart = text.lastIndexOf('\n', character - 1) + 1;
    const start = afterLineFeeds(binary, lineFeeds(text, lineStart), this.start);
    const newline = binary.indexOf('\n', start);
    const line = binary.slice(start, newline === -1 ? this.end : Math.min(newline, this.end));
    return start + longestPrefix(line, character - lineStart);
  }

  /** The character of `text` that begins at a byte, or in whose bytes it lies. */
  characterOf(byte: number): number {
    if (this.text.length === this.end - this.start) return byte - this.start;
    return plainText(this.binary.slice(this.start, byte)).length;
  }
}

function plainText(binary: string): string {
  return utf8Text(withPlainLineEnds(bytesOfBinary(binary)));
}

/** How many bytes of a line are at most so many characters. A prefix never has more characters than a longer one. */
function longestPrefix(line: string, characters: number): number {
  let [least, most] = [0, line.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (utf8Text(bytesOfBinary(line.slice(0, middle))).length <= characters) least = middle;
    else most = middle - 1;
  }
  return least;
}

/** The consoles that were looked at, since many checks look at the same one. */
const consoles = new WeakMap<Evidence, Shown>();

/** All that the console shows. */
export function shownBy(evidence: Evidence): Shown {
  const known = consoles.get(evidence);
  if (known !== undefined) return known;
  const shown = new Shown(binaryOfBase64(evidence.console));
  consoles.set(evidence, shown);
  return shown;
}

export interface ConsoleLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** Characters of a console that a nearest line is looked for in, from its end. */
const SEARCHED_CHARACTERS = 262_144;

/** The lines of the part's end, empty ones included. */
export function consoleLines(shown: Shown): ConsoleLine[] {
  const { text } = shown;
  const start = Math.max(0, text.length - SEARCHED_CHARACTERS);
  const skipped = lineFeeds(shown.binary, shown.start) + lineFeeds(text, start);
  return text
    .slice(start)
    .split('\n')
    .map((line, index) => ({ number: skipped + index + 1, text: line }));
}

/** How many there are before a position. */
function lineFeeds(text: string, before: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < before; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** The position after so many line feeds. */
function afterLineFeeds(text: string, count: number, from: number): number {
  let at = from;
  for (let left = count; left > 0; left--) at = text.indexOf('\n', at) + 1;
  return at;
}

const LAST_LINES = 4;

/** The part's last lines, if there is nothing to compare with one of them. `lead`: what they are shown for. */
export function consoleEnd(shown: Shown, lead = `${shown.isWhole ? 'the console' : 'this part of the console'} ends with`): Detail[] {
  const lines = consoleLines(shown).filter(({ text }) => text.trim() !== '');
  if (lines.length === 0)
    return [{ kind: 'found', text: shown.isWhole ? 'nothing: the console stayed empty' : 'nothing: this part of the console is empty' }];
  const last = lines.slice(-LAST_LINES).map(({ number, text }) => ({ sign: ' ' as const, text: `${number}: ${printable(text)}` }));
  return [
    { kind: 'found', text: lead },
    { kind: 'difference', lines: last },
  ];
}

/** The number of the line in which a byte stands, from 1. */
export function lineNumber({ binary }: Shown, at: number): number {
  return lineFeeds(binary, at) + 1;
}

/** The line in which a byte of the console stands, in words. */
export function lineInWords(shown: Shown, at: number): string {
  const { binary } = shown;
  const start = binary.lastIndexOf('\n', Math.max(0, at - 1)) + 1;
  const newline = binary.indexOf('\n', at);
  const line = binary.slice(start, newline === -1 ? binary.length : newline);
  return `line ${lineNumber(shown, at)}: ${quoted(utf8Text(bytesOfBinary(line)).trimEnd())}`;
}

/** The same as one detail. */
export function lineAt(shown: Shown, at: number): Detail {
  return { kind: 'found', text: lineInWords(shown, at) };
}
