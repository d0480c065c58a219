/**
 * Bytes that a guest wrote, as text that is safe to show: on one line, of bounded length, and without a character that a
 * terminal acts on. (A kernel must not draw its own grade.)
 *
 * Reference: Unicode's general categories Cc, Cf, Cs, Co, Cn, Zl, Zp.
 */

const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  return SHORT[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`);
}

/** At most `length` characters of the text (and "…" where it is longer), with every unsafe one as an escape. */
export function printable(text: string, length = 160): string {
  const characters = text.slice(0, 2 * length + 2);
  const shown = Array.from(characters).slice(0, length).join('');
  return shown.replace(UNSAFE, escaped) + (shown.length < text.length ? '…' : '');
}

/** The same in quotation marks, for a sentence. */
export function quoted(text: string, length?: number): string {
  return `"${printable(text, length)}"`;
}
