/**
 * JSON that may be shown as it is: the same values, and no character in it that a terminal or a CI's log acts on (printable.ts).
 * JSON.stringify escapes only the controls below U+0020; a line begins with a quotation mark, so `::` needs no escape.
 */

import { COMMAND } from './printable.ts';

const UNSAFE = /[^\n\P{C}]|[\p{Zl}\p{Zp}]/gu;

/** Of UTF-16, as JSON has it. */
function escaped(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** `indent`: spaces for each level; left out: all on one line. Without a line end. */
export function jsonText(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent).replace(UNSAFE, escaped);
  return text.replace(COMMAND, (command) => `\\u0023${command.slice(1)}`);
}
