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

interface ConsoleLine {
  /** From 1. */
  number: number;
  text: string;
}

/** Bytes of a console that a nearest line is looked for in, from its end. */
const SEARCHED_CHARACTERS = 262_144;

/** Characters of a line that are compared. */
const COMPARED_CHARACTERS = 200;

function consoleLines(evidence: Evidence): ConsoleLine[] {
  const text = consoleText(evidence);
  const start = Math.max(0, text.length - SEARCHED_CHARACTERS);
  const skipped = lineFeeds(text, start);
  return text
    .slice(start)
    .split('\n')
    .map((line, index) => ({ number: skipped + index + 1, text: line }))
    .filter((line) => line.text.trim() !== '');
}

/** How many there are before a position. */
function lineFeeds(text: string, before: number): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1 && at < before; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Pairs of neighbouring letters, with how often each occurs. */
function pairs(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const lower = text.slice(0, COMPARED_CHARACTERS).toLowerCase();
  for (let index = 0; index + 1 < lower.length; index++) {
    const pair = lower.slice(index, index + 2);
    found.set(pair, (found.get(pair) ?? 0) + 1);
  }
  return found;
}

/** Dice's coefficient over pairs of letters: 0 (nothing in common) to 1. */
function likeness(wanted: ReadonlyMap<string, number>, line: string): number {
  const found = pairs(line);
  let common = 0;
  let total = 0;
  for (const count of wanted.values()) total += count;
  for (const [pair, count] of found) {
    total += count;
    common += Math.min(count, wanted.get(pair) ?? 0);
  }
  return total === 0 ? 0 : (2 * common) / total;
}

const LIKE_ENOUGH = 0.5;
const LAST_LINES = 4;

/** What the console showed instead of `wanted`: the line most like it, else its last lines. */
export function foundInstead(evidence: Evidence, wanted: string): Detail[] {
  const lines = consoleLines(evidence);
  if (lines.length === 0) return [{ kind: 'found', text: 'nothing: the console stayed empty' }];
  const wantedPairs = pairs(wanted.trim());
  let nearest: { line: ConsoleLine; likeness: number } | null = null;
  for (const line of lines) {
    const found = likeness(wantedPairs, line.text);
    if (found >= LIKE_ENOUGH && found > (nearest?.likeness ?? 0)) nearest = { line, likeness: found };
  }
  if (nearest !== null) return [{ kind: 'found', text: `line ${nearest.line.number}: ${quoted(nearest.line.text)}` }];
  return lastLines(lines);
}

/** The console's last lines, if there is nothing to compare them with. */
export function consoleEnd(evidence: Evidence): Detail[] {
  return lastLines(consoleLines(evidence));
}

function lastLines(lines: readonly ConsoleLine[]): Detail[] {
  if (lines.length === 0) return [{ kind: 'found', text: 'nothing: the console stayed empty' }];
  return [
    { kind: 'found', text: 'no similar line; the console ends with' },
    ...lines.slice(-LAST_LINES).map((line): Detail => ({ kind: 'text', text: `  ${line.number}: ${printable(line.text)}` })),
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
