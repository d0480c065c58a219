/** The table of report formats: pure functions from results to text. A new format is its file, its test, and one line here. */
import type { SubmissionResult } from '../grade/result.ts';
import { jsonReport, jsonReports } from './json.ts';
import { terminalTable } from './table.ts';
import { terminalReport } from './terminal.ts';
import type { Colors } from './words.ts';

export interface ReportFormat {
  /** One submission. */
  readonly one: (result: SubmissionResult, colors: Colors) => string;
  /** All submissions of one grading. */
  readonly all: (results: readonly SubmissionResult[], colors: Colors) => string;
}

export const reportFormats = {
  terminal: { one: terminalReport, all: terminalTable },
  json: { one: jsonReport, all: jsonReports },
} as const satisfies Record<string, ReportFormat>;
