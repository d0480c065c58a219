/** Bytes as people compare them: `00000010  48 65 6c …  |Hel…|`, and the difference of two such dumps. */
import { diffArrays } from 'diff';
import type { Detail } from '../result/result.ts';

const LINE_BYTES = 16;

/** Lines of each dump: what a report has room for. */
const SHOWN_LINES = 8;

function dumpLine(at: number, bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  const text = Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `${at.toString(16).padStart(8, '0')}  ${hex.padEnd(3 * LINE_BYTES - 1)}  |${text}|`;
}

/** `at`: the offset of the first byte. */
export function hexDump(bytes: Uint8Array, at: number): string[] {
  const lines: string[] = [];
  for (let start = 0; start < bytes.length; start += LINE_BYTES) {
    lines.push(dumpLine(at + start, bytes.subarray(start, start + LINE_BYTES)));
  }
  return lines;
}

/** Position of the first byte that differs (or that only one of them has); -1 where they are equal. */
export function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const common = Math.min(a.length, b.length);
  for (let index = 0; index < common; index++) {
    if (a[index] !== b[index]) return index;
  }
  return a.length === b.length ? -1 : common;
}

export interface Compared {
  expected: Uint8Array;
  found: Uint8Array;
  /** Offset of their first byte. */
  at: number;
  /** Stands after "found": e.g. " (as it was before the run)". */
  note?: string;
}

/** The difference from its first line on; where there is more than a report has room for, it says so. */
export function hexDifference({ expected, found, at, note = '' }: Compared): Detail[] {
  const first = firstDifference(expected, found);
  const start = Math.floor(Math.max(first, 0) / LINE_BYTES) * LINE_BYTES;
  const end = start + SHOWN_LINES * LINE_BYTES;
  const lines = dumpDifference(
    hexDump(expected.subarray(start, end), at + start),
    hexDump(found.subarray(start, end), at + start),
    `found${note}`,
  );
  const beyond = firstDifference(expected.subarray(end), found.subarray(end));
  const details: Detail[] = [{ kind: 'difference', lines }];
  if (beyond !== -1) details.push({ kind: 'text', text: `More bytes differ, the next at ${at + end + beyond}.` });
  return details;
}

type DifferenceLine = { sign: '-' | '+' | ' '; text: string; note?: string };

function dumpDifference(expected: string[], found: string[], foundNote: string): DifferenceLine[] {
  const lines = diffArrays(expected, found).flatMap((change): DifferenceLine[] => {
    const sign = change.removed ? '-' : change.added ? '+' : ' ';
    return change.value.map((text) => ({ sign, text }));
  });
  // Lines that are the same after the last difference say nothing.
  while (lines.at(-1)?.sign === ' ') lines.pop();
  noteFirst(lines, '-', 'expected');
  noteFirst(lines, '+', foundNote);
  return lines;
}

function noteFirst(lines: DifferenceLine[], sign: '-' | '+', note: string): void {
  const first = lines.find((line) => line.sign === sign);
  if (first !== undefined) first.note = note;
}
