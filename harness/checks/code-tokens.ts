/**
 * The tokens of a C or Rust source file without its comments, strings and characters, as far as a search for words needs them: names and numbers
 * as a whole, every other character by itself. One pass over the text, whatever stands in it: the file is a student's.
 *
 * Reference: C17, 6.4 "Lexical elements"; the Rust Reference, "Comments" and "Tokens". Left out: trigraphs, a line that is continued within a
 * name, raw strings of C++, what macros of the preprocessor put together.
 */

export interface CodeToken {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

export type CodeLanguage = 'C' | 'Rust';

export function languageOf(file: string): CodeLanguage {
  return file.endsWith('.rs') ? 'Rust' : 'C';
}

const NAME = /[\p{ID_Continue}$]/u;
const BLANK = /\s/u;

export function codeTokens(text: string, language: CodeLanguage): CodeToken[] {
  return new Lexer(text, language).tokens();
}

class Lexer {
  readonly #text: string;
  readonly #isRust: boolean;
  #at = 0;
  #line = 1;

  constructor(text: string, language: CodeLanguage) {
    this.#text = text;
    this.#isRust = language === 'Rust';
  }

  tokens(): CodeToken[] {
    const found: CodeToken[] = [];
    while (this.#at < this.#text.length) {
      if (this.#skipped()) continue;
      const [line, from] = [this.#line, this.#at];
      if (NAME.test(this.#character())) while (NAME.test(this.#character())) this.#step();
      else this.#step();
      found.push({ text: this.#text.slice(from, this.#at), line });
    }
    return found;
  }

  /** The character at the present place, which may be two UTF-16 units; empty at the end. */
  #character(): string {
    const code = this.#text.codePointAt(this.#at);
    return code === undefined ? '' : String.fromCodePoint(code);
  }

  #step(): void {
    const character = this.#character();
    if (character === '\n') this.#line++;
    this.#at += Math.max(1, character.length);
  }

  #isNext(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Goes on to a place, over line ends. */
  #stepTo(end: number): void {
    while (this.#at < Math.min(end, this.#text.length)) this.#step();
  }

  /** Skips what is no code, if there is some here. */
  #skipped(): boolean {
    if (BLANK.test(this.#character())) this.#step();
    else if (this.#isNext('//')) this.#lineComment();
    else if (this.#isNext('/*')) this.#blockComment();
    else if (this.#isNext('"')) this.#quoted('"');
    else if (this.#isRust) return this.#rawString() || this.#rustCharacter();
    else if (this.#isNext("'")) this.#quoted("'");
    else return false;
    return true;
  }

  /** In C, a line that ends in a backslash goes on in the next one. */
  #lineComment(): void {
    while (this.#at < this.#text.length && !this.#isNext('\n')) {
      if (!this.#isRust && this.#isNext('\\\n')) this.#step();
      this.#step();
    }
  }

  /** Rust's may be nested. */
  #blockComment(): void {
    let depth = 0;
    do {
      if (this.#isNext('*/')) depth--;
      else if (this.#isNext('/*') && (depth === 0 || this.#isRust)) depth++;
      else {
        this.#step();
        continue;
      }
      this.#stepTo(this.#at + 2);
    } while (depth > 0 && this.#at < this.#text.length);
  }

  /** To the quotation mark that ends it. In C, one that is not ended ends with its line. */
  #quoted(mark: string): void {
    this.#step();
    while (this.#at < this.#text.length && !this.#isNext(mark)) {
      if (!this.#isRust && this.#isNext('\n')) return;
      if (this.#isNext('\\')) this.#step();
      this.#step();
    }
    this.#step();
  }

  /** `r"…"`, `br#"…"#`; `r#name` is none. */
  #rawString(): boolean {
    const before = this.#at === 0 ? '' : this.#text[this.#at - 1]!;
    const prefix = ['r', 'br', 'cr'].find((one) => this.#isNext(`${one}"`) || this.#isNext(`${one}#`));
    if (prefix === undefined || NAME.test(before)) return false;
    let mark = this.#at + prefix.length;
    while (this.#text[mark] === '#') mark++;
    if (this.#text[mark] !== '"') return false;
    const end = this.#text.indexOf(`"${'#'.repeat(mark - this.#at - prefix.length)}`, mark + 1);
    this.#stepTo(end === -1 ? this.#text.length : end + mark - this.#at - prefix.length + 1);
    return true;
  }

  /** `'x'`, but not the lifetime `'x`, of which only the mark is skipped. */
  #rustCharacter(): boolean {
    if (!this.#isNext("'")) return false;
    const [, first] = this.#text.slice(this.#at, this.#at + 3);
    if (this.#text[this.#at + 1] === '\\' || (first !== undefined && this.#text[this.#at + 1 + first.length] === "'")) this.#quoted("'");
    else this.#step();
    return true;
  }
}

/** The line of the first place at which these tokens follow one another; null: there is none, or none are sought. */
export function lineWith(tokens: readonly CodeToken[], sought: readonly CodeToken[]): number | null {
  if (sought.length === 0) return null;
  const found = tokens.findIndex((_, at) => sought.every(({ text }, index) => tokens[at + index]?.text === text));
  return found === -1 ? null : tokens[found]!.line;
}
