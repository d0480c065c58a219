/** What a console shows, cut up for a report: bounded, and safe to print. */

import { binaryOfBase64, bytesOfBase64, bytesOfBinary } from '../bytes/binary.ts';
import { utf8Text } from '../bytes/text.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { withPlainLineEnds } from '../evidence/line-ends.ts';
import { printable, quoted } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';

/** One character for each byte. */
export function consoleBinary(evidence: Evidence): string {
  return binaryOfBase64(evidence.console);
}

/** The console as text: bytes that are not UTF-8 become U+FFFD, and CR LF becomes LF. */
export function consoleText(evidence: Evidence): string {
  return new TextDecoder().decode(withPlainLineEnds(bytesOfBase64(evidence.console)));
}

export interface ConsoleLine {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

/** Bytes of a console that a nearest line is looked for in, from its end. */
const SEARCHED_CHARACTERS = 262_144;

/** The lines of the console's end, empty ones included. */
export function consoleLines(evidence: Evidence): ConsoleLine[] {
  const text = consoleText(evidence);
  const start = Math.max(0, text.length - SEARCHED_CHARACTERS);
  const skipped = lineFeeds(text, start);
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

const LAST_LINES = 4;

/** The console's last lines, if there is nothing to compare with one of them. `lead`: what they are shown for. */
export function consoleEnd(evidence: Evidence, lead = 'the console ends with'): Detail[] {
  const lines = consoleLines(evidence).filter(({ text }) => text.trim() !== '');
  if (lines.length === 0) return [{ kind: 'found', text: 'nothing: the console stayed empty' }];
  const shown = lines.slice(-LAST_LINES).map(({ number, text }) => ({ sign: ' ' as const, text: `${number}: ${printable(text)}` }));
  return [
    { kind: 'found', text: lead },
    { kind: 'difference', lines: shown },
  ];
}

/** The line in which a byte of the console stands, as one detail. */
export function lineAt(evidence: Evidence, at: number): Detail {
  const binary = consoleBinary(evidence);
  const start = binary.lastIndexOf('\n', Math.max(0, at - 1)) + 1;
  const newline = binary.indexOf('\n', at);
  const end = newline === -1 ? binary.length : newline;
  const number = lineFeeds(binary, at) + 1;
  return { kind: 'found', text: `line ${number}: ${quoted(utf8Text(bytesOfBinary(binary.slice(start, end))).trimEnd())}` };
}
