/** The tables of report formats: pure functions from results to text. A new format is its file, its test, and one line here. */
import type { SubmissionResult } from '../result/result.ts';
import { autograding } from './autograding.ts';
import { badge } from './badge.ts';
import { blackboard } from './blackboard.ts';
import { canvas } from './canvas.ts';
import { check50 } from './check50.ts';
import { classroom50 } from './classroom50.ts';
import { codequality } from './codequality.ts';
import { csv } from './csv.ts';
import type { Format } from './format.ts';
import { github } from './github.ts';
import { gradescope } from './gradescope.ts';
import { html } from './html.ts';
import { jsonReport, jsonReports } from './json.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { moodle } from './moodle.ts';
import { prairielearn } from './prairielearn.ts';
import { terminalTable } from './table.ts';
import { terminalReport } from './terminal.ts';
import type { Colors } from './words.ts';

/** What is printed; the JSON is the record as well, which is always written. */
export interface ReportFormat {
  /** One submission. `width`: the terminal's columns, at which text is wrapped; null: it is not. */
  readonly one: (result: SubmissionResult, colors: Colors, width: number | null) => string;
  /** All submissions of one grading, in pieces. */
  readonly all: (results: readonly SubmissionResult[], colors: Colors, width: number | null) => Iterable<string>;
}

export const reportFormats = {
  terminal: { one: terminalReport, all: (results, colors, width) => [terminalTable(results, colors, width)] },
  json: { one: jsonReport, all: jsonReports },
} as const satisfies Record<string, ReportFormat>;

/** Files that `--report` adds to the record. */
export const fileFormats = {
  markdown,
  html,
  junit,
  codequality,
  github,
  gradescope,
  prairielearn,
  classroom50,
  check50,
  autograding,
  badge,
  csv,
  canvas,
  moodle,
  blackboard,
} as const satisfies Record<string, unknown>;

export type FormatName = keyof typeof fileFormats;

/** A format without the types of its options, for code that goes through the table. */
export function formatNamed(name: FormatName): Format {
  return fileFormats[name] as unknown as Format;
}

export const formatNames = Object.keys(fileFormats) as FormatName[];

/** A format that was asked for, with its options' values by name. */
export interface ChosenFormat {
  readonly name: FormatName;
  readonly values: Readonly<Record<string, string | undefined>>;
}
