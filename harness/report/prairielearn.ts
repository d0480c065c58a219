/**
 * PrairieLearn's `results.json` of an external grader, one for each submission: the score from 0 to 1, and what `<pl-external-grader-results>` shows.
 *
 * A submission that errored is not gradable there: it gets no points, and costs no attempt. PrairieLearn takes at most 1 MB, so explanations end
 * where there is no more room. Reference: PrairieLearn's documentation, "External Grading", "Grading results". Left out: images.
 */
import { jsonText } from '../evidence/json-text.ts';
import type { SubmissionResult } from '../result/result.ts';
import { buildLines, warningLines } from './build-lines.ts';
import { stopLines } from './ends.ts';
import { type Entry, entriesOf, hasScore, PLAIN } from './entries.ts';
import { format } from './format.ts';
import { plain } from './lines.ts';
import { clean } from './words.ts';

/** Characters of an explanation, and of all of them: one takes six bytes at most, where JSON writes it as an escape. */
const OUTPUT = 8_000;
const OUTPUTS = 120_000;

export const prairielearn = format({
  describe: "PrairieLearn's results.json for each submission",
  audience: 'print',
  options: {},
  parts: [{ scope: 'submission', extension: 'prairielearn.json', render: ({ result }) => `${jsonText(externalResult(result), 2)}\n` }],
});

function externalResult(result: SubmissionResult): object {
  if (!hasScore(result)) {
    const message = 'The grader failed, not the submission: it has no score, and costs no attempt.';
    // Some reasons the student can mend: kernels in several folders, say.
    return { gradable: false, message, format_errors: [message, ...(result.reason === null ? [] : [clean(result.reason)])] };
  }
  const lines = [...buildLines(result, PLAIN), ...stopLines(result, PLAIN), ...warningLines(result, PLAIN)].map(plain);
  const reason = result.reason === null ? [] : [clean(result.reason)];
  let room = OUTPUTS;
  const shown = (text: string): string => {
    const part = text.slice(0, Math.min(OUTPUT, room));
    room -= part.length;
    return part;
  };
  return {
    gradable: true,
    score: result.maxScore === 0 ? Number(result.outcome === 'passed') : Math.min(1, result.score / result.maxScore),
    message: clean(result.title),
    output: shown([...reason, ...lines].join('\n')),
    tests: entriesOf(result).map((entry) => testOf(entry, shown)),
  };
}

function testOf({ label, score, maxScore, outcome, reason, lines }: Entry, shown: (text: string) => string): object {
  return {
    name: label,
    points: score,
    max_points: maxScore,
    message: shown(outcome === 'passed' ? '' : outcome === 'skipped' ? `skipped: ${reason ?? ''}` : (reason ?? outcome)),
    output: shown(lines.join('\n')),
  };
}
