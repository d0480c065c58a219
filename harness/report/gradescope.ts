/**
 * Gradescope's `results.json`, one for each submission.
 *
 * A result for instructors marks what is hidden with the visibility `hidden` (Gradescope then keeps the total from the student
 * as well, until grades are published); one for students has the hidden checks' sum as one test, and shows the total. A
 * submission that errored gets no score at all: Gradescope reports a file without one as the autograder's failure, not as zero.
 * Reference: Gradescope's autograder documentation, "Output format". Left out: `leaderboard`, `number` (the order says it).
 */
import { jsonText } from '../evidence/json-text.ts';
import type { SubmissionResult } from '../result/result.ts';
import { buildLines, warningLines } from './build-lines.ts';
import { stopLines } from './ends.ts';
import { type Entry, entriesOf, hasScore, PLAIN, visibleReason } from './entries.ts';
import { format } from './format.ts';
import { plain } from './lines.ts';
import { pointLines } from './point-lines.ts';
import { clean } from './words.ts';

export const gradescope = format({
  describe: "Gradescope's results.json for each submission",
  audience: 'record',
  options: {
    'execution-time': { value: 'text', required: false, describe: "seconds that the run took, for Gradescope's display" },
  },
  parts: [
    {
      scope: 'submission',
      extension: 'gradescope.json',
      render: ({ result }, values) => `${jsonText(gradescopeResult(result, seconds(values['execution-time'])), 2)}\n`,
    },
  ],
  mistake({ 'execution-time': time }) {
    return time === undefined || (/^\d+(\.\d+)?$/.test(time) && Number.isFinite(Number(time)))
      ? null
      : '--gradescope-execution-time: give seconds, such as 12.5';
  },
});

function seconds(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function gradescopeResult(result: SubmissionResult, executionTime: number | undefined): object {
  const scored = hasScore(result);
  return {
    ...(scored ? { score: result.score } : {}),
    ...(executionTime === undefined ? {} : { execution_time: executionTime }),
    output: overview(result).join('\n'),
    output_format: 'text',
    test_output_format: 'text',
    test_name_format: 'text',
    visibility: 'visible',
    stdout_visibility: 'hidden',
    extra_data: { tool: result.tool, rubric_sha256: result.rubric.sha256, kernel_sha256: result.kernel?.sha256 ?? null },
    ...(scored ? { tests: entriesOf(result).map(testOf) } : {}),
  };
}

/** Always visible to students. */
function overview(result: SubmissionResult): string[] {
  const errored = hasScore(result) ? [] : ['The grader failed, not the submission: it has no score.'];
  const visible = result.scenarios.filter(({ hidden }) => !hidden);
  return [
    clean(result.title),
    ...errored,
    ...pointLines(result),
    ...(visibleReason(result) === null ? [] : [visibleReason(result)!]),
    ...[...buildLines(result, PLAIN), ...stopLines({ ...result, scenarios: visible }, PLAIN), ...warningLines(result, PLAIN)].map(plain),
  ];
}

function testOf(entry: Entry): object {
  const { outcome, reason, lines } = entry;
  const explained = lines.length > 0 ? lines : reason === null ? [] : [reason];
  return {
    name: entry.label,
    score: entry.score,
    max_score: entry.bonus ? 0 : entry.maxScore,
    status: outcome === 'passed' ? 'passed' : 'failed',
    output: (outcome === 'skipped' ? [`skipped: ${reason ?? ''}`] : explained).join('\n'),
    tags: [entry.id],
    visibility: entry.hidden ? 'hidden' : 'visible',
  };
}
