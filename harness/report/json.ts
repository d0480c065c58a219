/** The result as JSON, field by field as result/result.ts has it (docs/result.md), and several results as one document. */
import { jsonText } from '../evidence/json-text.ts';
import { RESULTS_SCHEMA, type SubmissionResult } from '../result/result.ts';

function text(value: unknown): string {
  return `${jsonText(value, 2)}\n`;
}

export function jsonReport(result: SubmissionResult): string {
  return text(result);
}

export function jsonReports(results: readonly SubmissionResult[]): Iterable<string> {
  return withResults({ schema: RESULTS_SCHEMA }, results);
}

/** A document of these fields and then the results, in pieces: those of a class never are one string. */
export function* withResults(fields: object, results: readonly SubmissionResult[]): Iterable<string> {
  const whole = text({ ...fields, results: [] });
  if (results.length === 0) return yield whole;
  yield whole.slice(0, whole.lastIndexOf(']'));
  for (const [index, result] of results.entries()) {
    yield `${index === 0 ? '' : ','}\n    ${jsonText(result, 2).replaceAll('\n', '\n    ')}`;
  }
  yield '\n  ]\n}\n';
}
