/** Two lists of lines as a diff: `-` what is there, `+` what has to be there instead, with some lines around each change. */
import { diffArrays } from 'diff';
import { printable } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';

type DifferenceLine = Extract<Detail, { kind: 'difference' }>['lines'][number];

/** Lines that agree and are shown before and after a change. */
const AROUND = 2;
/** Lines that a report has room for. */
const MOST_SHOWN = 24;
/** Changes that are looked for: with more of them, nobody reads a diff, and finding the shortest one takes too long. */
const MOST_CHANGES = 400;
/** Lines that are compared. */
const MOST_COMPARED = 20_000;

export function lineDifference(found: readonly string[], expected: readonly string[]): Detail[] {
  const lines = compared(found, expected);
  const isNear = lines.map((_, index) => lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some(({ sign }) => sign !== ' '));
  const shown = lines.flatMap((line, index): DifferenceLine[] => {
    if (isNear[index]) return [line];
    return isNear[index - 1] ? [{ sign: ' ', text: '…' }] : [];
  });
  const notes = { '-': 'found', '+': 'expected' } as const;
  const first = new Set([shown.find(({ sign }) => sign === '-'), shown.find(({ sign }) => sign === '+')]);
  const noted = shown
    .slice(0, MOST_SHOWN)
    .map((line) => (first.has(line) && line.sign !== ' ' ? { ...line, note: notes[line.sign] } : line));
  const details: Detail[] = [{ kind: 'difference', lines: noted }];
  const left = shown.length - noted.length;
  if (left > 0) details.push({ kind: 'text', text: `And ${left} more line${left === 1 ? '' : 's'} of the difference.` });
  return details;
}

function compared(found: readonly string[], expected: readonly string[]): DifferenceLine[] {
  const there = found.slice(0, MOST_COMPARED);
  const wanted = expected.slice(0, MOST_COMPARED);
  const changes = diffArrays(there, wanted, { maxEditLength: MOST_CHANGES });
  if (changes === undefined)
    return [...there.map((text) => line('-', text)), ...wanted.map((text) => line('+', text))].slice(0, 2 * MOST_SHOWN);
  return changes.flatMap(({ removed, added, value }) => value.map((text) => line(removed ? '-' : added ? '+' : ' ', text)));
}

function line(sign: DifferenceLine['sign'], text: string): DifferenceLine {
  return { sign, text: printable(text) };
}
