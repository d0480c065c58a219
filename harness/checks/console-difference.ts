/**
 * A text that the console does not show, beside what it shows instead: the first line that differs, one below the other so that the eye
 * finds the place. Where nothing on the console is like the text, its last lines.
 */
import { diffArrays } from 'diff';
import { printable, quoted } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';
import { type ConsoleLine, consoleEnd, consoleLines, type Shown } from './console-text.ts';

type DifferenceLine = Extract<Detail, { kind: 'difference' }>['lines'][number];

/** What was wanted and what is there. `label` says in a report which text it is, e.g. `step 2`; empty if there is only one. */
export function consoleDifference(console: Shown, wanted: string, label = ''): Detail[] {
  const expected: Detail = { kind: 'expected', text: `${label === '' ? '' : `${label}: `}${quoted(wanted)}` };
  const lines = consoleLines(console);
  const wantedLines = plainEnds(wanted).split('\n');
  if (wantedLines.length > 1 && console.text.includes(plainEnds(wanted))) return [expected, OTHER_LINE_ENDS];
  const note = label === '' ? 'expected' : `expected: ${label}`;
  const difference = wantedLines.length > 1 ? differenceOfLines(lines, wantedLines, note) : differenceInLine(lines, wanted, note);
  return difference === null ? [expected, ...consoleEnd(console, 'no similar line; the console ends with')] : [difference];
}

const OTHER_LINE_ENDS: Detail = {
  kind: 'text',
  text: 'The console shows these lines, but with different line ends: "\\r\\n" instead of "\\n", or the other way round.',
};

function plainEnds(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** The line that is most like the text, above the text. */
function differenceInLine(lines: readonly ConsoleLine[], wanted: string, note: string): Detail | null {
  const line = nearest(lines, wanted);
  if (line === null) return null;
  return { kind: 'difference', lines: aligned(line, wanted, note) };
}

/** Lines before the first difference, and from it on, that are shown. */
const BEFORE = 2;
const FROM_IT = 8;
/** Lines of the text that are compared. */
const MOST_LINES = 100;

/** The part of the console that agrees with the text's first lines for longest, compared line by line. */
function differenceOfLines(lines: readonly ConsoleLine[], wanted: readonly string[], note: string): Detail | null {
  const skipped = wanted.findIndex((text) => text.trim() !== '');
  const sought = wanted.slice(Math.max(0, skipped)).slice(0, MOST_LINES);
  const start = bestStart(lines, sought);
  if (start === null) return null;
  const compared = compareLines(lines.slice(start, start + sought.length + FROM_IT), sought);
  const first = compared.findIndex(({ sign }) => sign !== ' ');
  const [one, next] = compared.slice(first, first + 2);
  if (first === -1 || one === undefined) return null;
  const before = compared.slice(Math.max(0, first - BEFORE), first).map(shown);
  if (one.sign === '-' && next?.sign === '+') return { kind: 'difference', lines: [...before, ...aligned(one, next.text, note)] };
  const rest = compared.slice(first, first + FROM_IT);
  const noted = new Set([rest.find(({ sign }) => sign === '-'), rest.find(({ sign }) => sign === '+')]);
  const after = rest.map((line) =>
    noted.has(line) ? { ...shown(line), note: line.sign === '+' ? note : `line ${line.number}` } : shown(line),
  );
  return { kind: 'difference', lines: [...before, ...after] };
}

/** `number`: of the console's line; of one that is only wanted, 0. */
interface ComparedLine extends ConsoleLine {
  readonly sign: DifferenceLine['sign'];
}

/** `there` may go on after what is sought: it is as long as it would be with lines too many. */
function compareLines(there: readonly ConsoleLine[], sought: readonly string[]): ComparedLine[] {
  const texts = there.map(({ text }, index) => (agrees(text, sought, index) ? sought[index]! : text));
  const changes = diffArrays(texts, [...sought]);
  let at = 0;
  return changes.flatMap(({ removed, added, value }, index): ComparedLine[] => {
    if (added) return value.map((text) => ({ sign: '+', number: 0, text }));
    const numbered = value.map((text) => ({ sign: removed ? ('-' as const) : (' ' as const), number: there[at++]!.number, text }));
    if (!removed) return numbered;
    // What the console shows after the text would have ended is no difference.
    const next = changes[index + 1];
    if (next === undefined) return [];
    return next.added && index + 2 === changes.length ? numbered.slice(0, next.value.length) : numbered;
  });
}

/** Lines on each side that are compared, from the first difference on. */
const MOST_APART = 200;
/** Lines of a difference that are shown. */
const SHOWN_APART = 16;

/** All lines of an output beside all that are expected, from the first difference on. `at`: how many agree before it. They must differ. */
export function linesApart(found: readonly ConsoleLine[], wanted: readonly string[]): { at: number; detail: Detail } {
  let at = 0;
  while (at < found.length && at < wanted.length && found[at]!.text === wanted[at]) at++;
  const there = found.slice(at, at + MOST_APART);
  const sought = wanted.slice(at, at + MOST_APART);
  let next = 0;
  const compared = diffArrays(
    there.map(({ text }) => text),
    sought,
  ).flatMap(({ added, removed, value }) =>
    value.map((text): ComparedLine => ({ sign: added ? '+' : removed ? '-' : ' ', number: added ? 0 : there[next++]!.number, text })),
  );
  const before = found.slice(Math.max(0, at - BEFORE), at).map(({ number, text }) => shown({ sign: ' ', number, text }));
  const [one, other] = compared;
  const isChanged = one?.sign === '-' && other?.sign === '+';
  const head = isChanged ? aligned(one, other.text, 'expected') : [];
  const rest = compared.slice(isChanged ? 2 : 0, SHOWN_APART).map((line, index) => {
    const note = line.sign === '+' ? 'expected' : `line ${line.number}`;
    return index === 0 && !isChanged ? { ...shown(line), note } : shown(line);
  });
  const left = compared.length - SHOWN_APART;
  const more = left > 0 ? [{ sign: ' ' as const, text: '…' }] : [];
  return { at, detail: { kind: 'difference', lines: [...before, ...head, ...rest, ...more] } };
}

function shown({ sign, text }: ComparedLine): DifferenceLine {
  return { sign, text: printable(text) };
}

/** Where most of the first lines agree; else the line that is most like the first one; null if there is none. */
function bestStart(lines: readonly ConsoleLine[], sought: readonly string[]): number | null {
  let best = { start: -1, agreeing: 0 };
  for (let start = 0; start < lines.length; start++) {
    let agreeing = 0;
    while (agreeing < sought.length && start + agreeing < lines.length && agrees(lines[start + agreeing]!.text, sought, agreeing))
      agreeing++;
    if (agreeing > best.agreeing) best = { start, agreeing };
  }
  if (best.agreeing > 0) return best.start;
  const line = nearest(lines, sought[0]!);
  return line === null ? null : lines.indexOf(line);
}

/** The text may begin and end within a line of the console. */
function agrees(text: string, sought: readonly string[], index: number): boolean {
  const wanted = sought[index];
  if (wanted === undefined) return false;
  if (index === 0) return wanted !== '' && text.endsWith(wanted);
  return index === sought.length - 1 ? text.startsWith(wanted) : text === wanted;
}

/** Characters around the first difference that are shown. */
const SHOWN_BEFORE = 60;
const SHOWN_AFTER = 40;
/** So many characters have to agree for the text to be moved below them. */
const LEAST_COMMON = 3;

/** Two lines so that what agrees stands one below the other, and a mark below the first character that differs. */
function aligned({ number, text }: ConsoleLine, wanted: string, note: string): DifferenceLine[] {
  const found = printable(text, COMPARED_CHARACTERS);
  const expected = printable(wanted, COMPARED_CHARACTERS);
  const offset = bestOffset(found, expected);
  const at = offset + commonStart(found.slice(offset), expected);
  const cut = Math.max(0, at - SHOWN_BEFORE);
  const window = (line: string) => {
    const rest = line.slice(cut);
    const length = at - cut + SHOWN_AFTER;
    return `${cut > 0 ? '…' : ''}${rest.slice(0, length)}${rest.length > length ? '…' : ''}`;
  };
  return [
    { sign: '-', text: window(found), note: `line ${number}` },
    { sign: '+', text: window(`${' '.repeat(offset)}${expected}`), note },
    { sign: ' ', text: `${' '.repeat(at - cut + (cut > 0 ? 1 : 0))}^` },
  ];
}

/** Where in the line the text has to be laid for its beginning to agree for longest. */
function bestOffset(found: string, expected: string): number {
  let best = { offset: 0, common: Math.max(LEAST_COMMON - 1, commonStart(found, expected)) };
  for (let offset = 1; offset < found.length; offset++) {
    const common = commonStart(found.slice(offset), expected);
    if (common > best.common) best = { offset, common };
  }
  return best.offset;
}

function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length++;
  return length;
}

/** Characters of a line that are compared. */
const COMPARED_CHARACTERS = 200;

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

/** So many characters at least, or a short word would be taken for a text that was cut off. */
const LEAST_BEGINNING = 6;

function isBeginning(line: string, wanted: string): boolean {
  return line.length >= LEAST_BEGINNING && wanted.trimStart().startsWith(line);
}

/** The line most like the text; null if none is like it. */
function nearest(lines: readonly ConsoleLine[], wanted: string): ConsoleLine | null {
  const wantedPairs = pairs(wanted.trim());
  let best: { line: ConsoleLine; likeness: number } | null = null;
  for (const line of lines) {
    if (line.text.trim() === '') continue;
    const found = Math.max(likeness(wantedPairs, line.text), isBeginning(line.text.trim(), wanted) ? LIKE_ENOUGH : 0);
    if (found >= LIKE_ENOUGH && found > (best?.likeness ?? 0)) best = { line, likeness: found };
  }
  return best?.line ?? null;
}
