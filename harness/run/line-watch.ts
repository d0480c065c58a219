/**
 * Waits for a line that matches one of several regular expressions. A line is looked at once, when its line feed has come, so that what this
 * costs grows with what the guest prints and no faster, whatever it prints (the expressions are RE2's).
 */
import { withPlainLineEnds } from '../evidence/line-ends.ts';
import { compileRegex } from '../vocabulary/compiled-regex.ts';

const LINE_FEED = 0x0a;
/** Bytes of a line that are kept: what comes after them is not looked at. */
const LONGEST_LINE = 65_536;

export class LineWatch {
  readonly #patterns: readonly { readonly text: string; readonly compiled: ReturnType<typeof compileRegex> }[];
  #line: number[] = [];

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map((text) => ({ text, compiled: compileRegex(text) }));
  }

  /** Takes the next byte; where it ends a line that matches, the line and the first expression that it matches. */
  push(byte: number): { console: string; matches: string } | undefined {
    if (this.#line.length < LONGEST_LINE || byte === LINE_FEED) this.#line.push(byte);
    if (byte !== LINE_FEED) return undefined;
    const line = new TextDecoder().decode(withPlainLineEnds(Uint8Array.from(this.#line))).slice(0, -1);
    this.#line = [];
    const found = this.#patterns.find(({ compiled }) => compiled.test(line));
    return found && { console: line, matches: found.text };
  }

  save(): readonly number[] {
    return [...this.#line];
  }

  restore(line: readonly number[]): void {
    this.#line = [...line];
  }
}
