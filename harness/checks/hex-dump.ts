/** Bytes as people compare them: `00000010  48 65 6c …  |Hel…|`, and the difference of two such dumps. */
import type { Detail } from '../result/result.ts';

const ROW_BYTES = 16;

/** Lines of each dump: what a report has room for. */
const SHOWN_LINES = 8;

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

type DifferenceLine = Extract<Detail, { kind: 'difference' }>['lines'][number];

/**
 * The difference from its first row on; where there is more than a report has room for, it says so. The signs are those of a diff from what
 * was found to what is expected: `-` is what has to go, `+` what has to be there instead.
 */
export function hexDifference({ expected, found, at, note = '' }: Compared): Detail[] {
  const first = firstDifference(expected, found);
  const start = Math.floor(Math.max(first, 0) / ROW_BYTES) * ROW_BYTES;
  const end = endOfShown(expected, found, start);
  const dumps = dumpDifference(rowsOf(expected, found, start, end), at);
  const lines = withNote(withNote(dumps, '-', `found${note}`), '+', 'expected');
  const beyond = firstDifference(expected.subarray(end), found.subarray(end));
  const details: Detail[] = [{ kind: 'difference', lines }];
  if (beyond !== -1) details.push({ kind: 'text', text: `More bytes differ, the next at ${at + end + beyond}.` });
  return details;
}

/** Sixteen bytes of both dumps; at their ends fewer, or none of one of them. */
interface Row {
  readonly start: number;
  readonly expected: Uint8Array;
  readonly found: Uint8Array;
  readonly isSame: boolean;
}

function rowAt(expected: Uint8Array, found: Uint8Array, start: number): Row {
  const row = { start, expected: expected.subarray(start, start + ROW_BYTES), found: found.subarray(start, start + ROW_BYTES) };
  return { ...row, isSame: firstDifference(row.expected, row.found) === -1 };
}

function rowsOf(expected: Uint8Array, found: Uint8Array, start: number, end: number): Row[] {
  const rows: Row[] = [];
  for (let at = start; at < end; at += ROW_BYTES) rows.push(rowAt(expected, found, at));
  // Rows that are the same after the last difference say nothing.
  while (rows.at(-1)?.isSame === true) rows.pop();
  return rows;
}

/** Where the rows end that each dump has room for, once equal ones are folded. */
function endOfShown(expected: Uint8Array, found: Uint8Array, start: number): number {
  const length = Math.max(expected.length, found.length);
  const [wanted, there] = [new LineCount(), new LineCount()];
  for (let at = start; at < length; at += ROW_BYTES) {
    const row = rowAt(expected, found, at);
    wanted.add(row.expected, row.isSame);
    there.add(row.found, row.isSame);
    if (Math.max(wanted.lines, there.lines) > SHOWN_LINES) return at;
  }
  return length;
}

/** How many lines rows become. */
class LineCount {
  lines = 0;
  #last: { bytes: Uint8Array; isSame: boolean } | null = null;
  #equal = 0;

  add(bytes: Uint8Array, isSame: boolean): void {
    const goesOn = this.#last !== null && this.#last.isSame === isSame && firstDifference(this.#last.bytes, bytes) === -1;
    this.#equal = goesOn ? this.#equal + 1 : 1;
    this.#last = { bytes, isSame };
    if (this.#equal < LEAST_FOLDED) this.lines++;
  }
}

/** Stretch by stretch: rows that are the same, or the rows of both dumps where all of them differ. */
function dumpDifference(rows: readonly Row[], at: number): DifferenceLine[] {
  const lines: DifferenceLine[] = [];
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const { isSame } = rows[from]!;
    while (rows[to]?.isSame === isSame) to++;
    const stretch = rows.slice(from, to);
    const dump = (of: 'expected' | 'found') => stretch.map((row) => ({ at: at + row.start, bytes: row[of] }));
    lines.push(...(isSame ? folded(dump('found'), ' ') : [...folded(dump('found'), '-'), ...folded(dump('expected'), '+')]));
  }
  return lines;
}

/** From so many equal rows on, only the first of them is shown, and how many more there are, in the way of the program hexdump. */
const LEAST_FOLDED = 3;

function folded(rows: readonly { at: number; bytes: Uint8Array }[], sign: DifferenceLine['sign']): DifferenceLine[] {
  const lines: DifferenceLine[] = [];
  for (let from = 0, to = 0; from < rows.length; from = to) {
    const { bytes } = rows[from]!;
    while (to < rows.length && firstDifference(bytes, rows[to]!.bytes) === -1) to++;
    const isFolded = to - from >= LEAST_FOLDED;
    const shown = rows.slice(from, isFolded ? from + 1 : to).filter((row) => row.bytes.length > 0);
    lines.push(...shown.map((row) => ({ sign, text: dumpLine(row.at, row.bytes) })));
    if (isFolded && bytes.length > 0) lines.push({ sign, text: `*         ${to - from - 1} more rows ${likeness(bytes)}` });
  }
  return lines;
}

function likeness(bytes: Uint8Array): string {
  return bytes.every((byte) => byte === 0) ? 'of zeroes' : 'the same';
}

function dumpLine(at: number, bytes: Uint8Array): string {
  const text = Array.from(bytes, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `${at.toString(16).padStart(8, '0')}  ${hexOf(bytes).padEnd(3 * ROW_BYTES - 1)}  |${text}|`;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** With a note on the first line of a sign. */
function withNote(lines: readonly DifferenceLine[], sign: '-' | '+', note: string): DifferenceLine[] {
  const first = lines.findIndex((line) => line.sign === sign);
  return lines.map((line, index) => (index === first ? { ...line, note } : line));
}
