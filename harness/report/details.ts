/** The lines under a check: its request's descriptors as a table, expected and found, a difference of two hex dumps. */
import type { CheckResult, Detail, RequestRow } from '../result/result.ts';
import { originLines, stackLines } from './code-lines.ts';
import { type Colors, clean } from './words.ts';

/** The reason, the details and the hint of a check that did not pass; without indentation. */
export function detailLines(check: CheckResult, colors: Colors): string[] {
  // The table of a request already marks what is wrong, so the same is not said in words above it.
  const told = check.reason === null || check.details[0]?.kind === 'request';
  return [
    ...(told ? [] : [clean(check.reason!)]),
    ...bounded(withoutRepeats(check.details.flatMap((detail) => linesOf(detail, colors)))),
    ...(check.hint === null ? [] : [colors.cyan(`hint: ${clean(check.hint)}`)]),
  ];
}

/** Most lines below one check: far more than a check really has. */
const MOST_LINES = 200;

function bounded(lines: readonly string[]): readonly string[] {
  const rest = lines.length - MOST_LINES;
  return rest <= 0 ? lines : [...lines.slice(0, MOST_LINES), `… and ${rest} more lines (in the JSON report)`];
}

/** The same note on missing debug information is shown only once. */
function withoutRepeats(lines: readonly string[]): string[] {
  return lines.filter((line, index) => !(line.includes('(the kernel has no ') && lines.indexOf(line) !== index));
}

/** One detail's lines, without indentation. */
export function linesOf(detail: Detail, colors: Colors): string[] {
  switch (detail.kind) {
    case 'text':
      return [clean(detail.text)];
    case 'expected':
      return [`expected  ${colors.green(clean(detail.text))}`];
    case 'found':
      return [`found     ${colors.red(clean(detail.text))}`];
    case 'request':
      return [clean(detail.text), ...requestTable(detail.rows, colors)];
    case 'origin':
      return originLines(detail.text, detail.stored, colors);
    case 'printed':
      return detail.stack === null ? [] : stackLines(clean(detail.text), detail.stack, colors);
    case 'code':
      return stackLines(clean(detail.text), detail.stack, colors);
    case 'difference':
      return differenceLines(detail.lines, colors);
  }
}

function requestTable(rows: readonly RequestRow[], colors: Colors): string[] {
  const descriptors = column(
    rows.map((row) => String(row.descriptor)),
    'end',
  );
  const roles = column(
    rows.map((row) => clean(row.role)),
    'start',
  );
  const addresses = column(
    rows.map((row) => clean(row.address)),
    'start',
  );
  const lengths = column(
    rows.map((row) => String(row.length)),
    'end',
  );
  return rows.map((row, index) => {
    const line = `  desc ${descriptors[index]}  ${roles[index]}  ${addresses[index]}  ${lengths[index]} B  ${direction(row)}`;
    return row.expected === null ? line : `${line}   ${colors.red(`expected: ${clean(row.expected)}`)}`;
  });
}

/** In capitals if the direction is wrong, so that it can be seen without colours. */
function direction({ deviceWritable, expected }: RequestRow): string {
  const verb = deviceWritable ? 'writes' : 'reads';
  const other = deviceWritable ? 'device reads' : 'device writes';
  return `device ${expected?.includes(other) ? verb.toUpperCase() : verb}`;
}

function differenceLines(lines: Extract<Detail, { kind: 'difference' }>['lines'], colors: Colors): string[] {
  const texts = column(
    lines.map(({ text }) => clean(text)),
    'start',
  );
  return lines.map(({ sign, note }, index) => {
    const line = `${sign} ${texts[index]}${note === undefined ? '' : `  ${clean(note)}`}`.trimEnd();
    return sign === '-' ? colors.green(line) : sign === '+' ? colors.red(line) : line;
  });
}

/** Pads the texts of a column to one width. */
export function column(texts: readonly string[], align: 'start' | 'end'): string[] {
  const width = Math.max(0, ...texts.map((text) => text.length));
  return texts.map((text) => (align === 'start' ? text.padEnd(width) : text.padStart(width)));
}
