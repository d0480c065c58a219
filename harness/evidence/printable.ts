/**
 * Texts that others wrote, safe to show: on one line, of bounded length, and without anything that a terminal or a CI's log acts on.
 * (A kernel must not draw its own grade, nor a folder's name write the log.)
 *
 * Reference: Unicode's general categories Cc, Cf, Cs, Co, Cn, Zl, Zp. GitHub's documentation, "Workflow commands for GitHub Actions", and
 * its runner (ActionCommand.cs): `::command::` at a line's begin or after spaces, `##[command]` anywhere. Azure Pipelines, "Logging
 * commands": `##vso[command]` anywhere; TeamCity, "Service messages": `##teamcity[command]`.
 */

const UNSAFE = /[\p{C}\p{Zl}\p{Zp}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  return SHORT[character] ?? (code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`);
}

/** A command that a CI's runner finds anywhere in a line. */
export const COMMAND = /##(vso|teamcity)?\[/gi;

/** With the character at which a command begins as an escape: the text may come to stand at a line's begin. */
function withoutCommands(text: string): string {
  const begin = text.length - text.trimStart().length;
  const shown = text.startsWith('::', begin) ? `${text.slice(0, begin)}\\x3a${text.slice(begin + 1)}` : text;
  return shown.replace(COMMAND, (command) => `\\x23${command.slice(1)}`);
}

/** At most `length` characters of the text (and "…" where it is longer), with all that is unsafe as an escape. */
export function printable(text: string, length = 160): string {
  const characters = text.slice(0, 2 * length + 2);
  const shown = Array.from(characters).slice(0, length).join('');
  return withoutCommands(shown.replace(UNSAFE, escaped)) + (shown.length < text.length ? '…' : '');
}

/** Of one line of a message: paths may be long, and hold anything. */
const LONGEST_LINE = 4000;

/** A message of several lines, such as one that quotes a rubric, or a name with a line end in it: each line as `printable` has it. */
export function printableLines(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(line, LONGEST_LINE))
    .join('\n');
}

/** The same in quotation marks, for a sentence. */
export function quoted(text: string, length?: number): string {
  return `"${printable(text, length)}"`;
}
