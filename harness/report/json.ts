/** The result as JSON, field by field as grade/result.ts has it (docs/result.md), and several results as one document. */
import { jsonText } from '../evidence/json-text.ts';
import { RESULTS_SCHEMA, type SubmissionResult } from '../grade/result.ts';

function text(value: unknown): string {
  return `${jsonText(value, 2)}\n`;
}

export function jsonReport(result: SubmissionResult): string {
  return text(result);
}

export function jsonReports(results: readonly SubmissionResult[]): string {
  return text({ schema: RESULTS_SCHEMA, results });
}
