/** The lines under a check: its request's descriptors as a table, expected and found, a difference of two hex dumps. */
import type { CheckResult, Detail, RequestRow, ScenarioResult } from '../result/result.ts';
import { originLines, stackLines } from './code-lines.ts';
import { fixed, indented, type Line, sentence } from './lines.ts';
import { type Colors, clean } from './words.ts';

/** Faults that are shown below a check. */
const MOST_FAULTS = 10;

/** What a reader has to know of the run that a check looked at: which one it is where there are several, and what was done to it on purpose. */
export interface CheckContext {
  readonly scenario: string | null;
  readonly faults: readonly string[];
}

export function contextOf({ scenario }: CheckResult, scenarios: readonly ScenarioResult[]): CheckContext {
  const run = scenarios.find(({ name }) => name === scenario);
  const faults = run?.faults ?? [];
  const rest = faults.length - MOST_FAULTS;
  const shown = rest > 0 ? [...faults.slice(0, MOST_FAULTS), `${rest} more (in the JSON report)`] : faults;
  return { scenario: run !== undefined && scenarios.length > 1 ? scenario : null, faults: shown };
}

function contextLines({ scenario, faults }: CheckContext): Line[] {
  return [
    ...(scenario === null ? [] : [sentence(clean(scenario), 'scenario  ')]),
    ...faults.map((fault) => sentence(clean(fault), 'fault     ')),
  ];
}

/** The reason as it stands above the details: the table of a request already marks what is wrong, so the same is not said in words above it. */
export function reasonAbove({ reason, details }: CheckResult): string | null {
  return details[0]?.kind === 'request' ? null : reason;
}

/** The run, the reason, the details and the hint of a check that did not pass; without indentation. `scenarios`: all of the result's. */
export function detailLines(check: CheckResult, scenarios: readonly ScenarioResult[], colors: Colors): Line[] {
  const reason = reasonAbove(check);
  return [
    ...contextLines(contextOf(check, scenarios)),
    ...(reason === null ? [] : [sentence(clean(reason))]),
    ...bounded(check.details.flatMap((detail) => linesOf(detail, colors))),
    ...(check.hint === null ? [] : [sentence(colors.cyan(clean(check.hint)), colors.cyan('hint: '))]),
  ];
}

/** Most lines below one check: far more than a check really has. */
const MOST_LINES = 200;

function bounded(lines: readonly Line[]): readonly Line[] {
  const rest = lines.length - MOST_LINES;
  return rest <= 0 ? lines : [...lines.slice(0, MOST_LINES), sentence(`… and ${rest} more lines (in the JSON report)`)];
}

/** One detail's lines, without indentation. */
export function linesOf(detail: Detail, colors: Colors): Line[] {
  switch (detail.kind) {
    case 'text':
      return [sentence(clean(detail.text))];
    case 'expected':
      return [sentence(colors.green(clean(detail.text)), 'expected  ')];
    case 'found':
      return [sentence(colors.red(clean(detail.text)), 'found     ')];
    case 'request':
      return [sentence(clean(detail.text)), ...requestTable(detail.rows, colors).map((line) => indented(fixed(line), 2))];
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
    const line = `desc ${descriptors[index]}  ${roles[index]}  ${addresses[index]}  ${lengths[index]} B  ${direction(row)}`;
    return row.expected === null ? line : `${line}   ${colors.red(`expected: ${clean(row.expected)}`)}`;
  });
}

/** In capitals if the direction is wrong, so that it can be seen without colours. */
function direction({ deviceWritable, expected }: RequestRow): string {
  const verb = deviceWritable ? 'writes' : 'reads';
  const other = deviceWritable ? 'device reads' : 'device writes';
  return `device ${expected?.includes(other) ? verb.toUpperCase() : verb}`;
}

function differenceLines(lines: Extract<Detail, { kind: 'difference' }>['lines'], colors: Colors): Line[] {
  const texts = column(
    lines.map(({ text }) => clean(text)),
    'start',
  );
  return lines.map(({ sign, note }, index) => {
    const colored = (part: string) => {
      const line = `${sign} ${part}`.trimEnd();
      return sign === '-' ? colors.red(line) : sign === '+' ? colors.green(line) : line;
    };
    const text = texts[index]!;
    const above = note === undefined ? [] : [clean(note)];
    const narrower = [[...above, text], ...(isDumpRow(text) ? [[...above, ...halves(text)]] : [])];
    return fixed(
      colored([text, ...above].join('  ')),
      narrower.map((form) => form.map(colored)),
    );
  });
}

/** Of a row of a hex dump (harness/checks/hex-dump.ts): where its bytes begin, their second half, and the text. */
const DUMP = { bytes: 10, half: 34, text: 59 } as const;

function isDumpRow(text: string): boolean {
  return text[DUMP.text] === '|' && text.trimEnd().endsWith('|');
}

/** A row of a hex dump on two lines, for a narrow terminal. */
function halves(text: string): string[] {
  return [text.slice(0, DUMP.half).trimEnd(), `${' '.repeat(DUMP.bytes)}${text.slice(DUMP.half)}`];
}

/** Pads the texts of a column to one width. */
export function column(texts: readonly string[], align: 'start' | 'end'): string[] {
  const width = Math.max(0, ...texts.map((text) => text.length));
  return texts.map((text) => (align === 'start' ? text.padEnd(width) : text.padStart(width)));
}
