/**
 * check50's JSON report, one for each submission: what `check50 --output json` writes, for the tools that read it.
 *
 * `passed` is null for a check that was skipped or errored, as in check50. `dependency` is always null: a result says what a
 * skipped check needs in words. Reference: check50 (CheckResult in runner.py, and its renderers).
 */
import { jsonText } from '../evidence/json-text.ts';
import type { SubmissionResult } from '../result/result.ts';
import { type Entry, entriesOf } from './entries.ts';
import { format } from './format.ts';
import { clean } from './words.ts';

export const check50 = format({
  describe: "check50's JSON report for each submission",
  audience: 'print',
  options: { slug: { value: 'text', required: false, describe: "the problem's slug (default: the rubric's title)" } },
  parts: [
    {
      scope: 'submission',
      extension: 'check50.json',
      render: ({ result }, { slug }) => `${jsonText(report(result, slug), 2)}\n`,
    },
  ],
});

function report(result: SubmissionResult, slug: string = clean(result.title)): object {
  return { slug, version: result.tool, results: entriesOf(result).map((entry) => checkOf(entry, result)) };
}

function checkOf(entry: Entry, result: SubmissionResult): object {
  const passed = entry.outcome === 'passed' ? true : entry.outcome === 'failed' ? false : null;
  return {
    name: entry.id,
    description: entry.label,
    passed,
    log: entry.lines,
    cause: passed === true ? null : cause(entry, result),
    data: { score: entry.score, max_score: entry.maxScore },
    dependency: null,
  };
}

/** `expected` and `actual` go together in check50: both or neither. */
function cause({ reason, outcome, check }: Entry, result: SubmissionResult): object {
  const text = (kind: 'expected' | 'found') => check?.details.flatMap((detail) => (detail.kind === kind ? [clean(detail.text)] : [])) ?? [];
  const [expected, actual] = [text('expected'), text('found')];
  return {
    rationale: reason ?? (result.reason === null ? outcome : clean(result.reason)),
    help: check?.hint == null ? null : clean(check.hint),
    ...(expected.length > 0 && actual.length > 0 ? { expected: expected.join('\n'), actual: actual.join('\n') } : {}),
  };
}
