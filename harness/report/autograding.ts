/**
 * What GitHub's autograding reporter reads, one for each submission: the result of a test runner. Its Base64 goes into the
 * variable `…_RESULTS` of the reporter's step.
 *
 * The reporter prints the tests, and adds up `score` and `max_score`. Reference: autograding-grading-reporter (main.js, console-results.js,
 * notify-classroom.js). A submission that errored has the status `error` and no points to be had: the reporter then fails, and reports no
 * points. Left out: `line_no` and `test_code`, which the reporter does not read.
 */
import { jsonText } from '../evidence/json-text.ts';
import type { SubmissionResult } from '../result/result.ts';
import { type Entry, entriesOf } from './entries.ts';
import { format } from './format.ts';
import { clean } from './words.ts';

/** Characters of what the reporter prints for a test. */
const MESSAGE = 500;
/** Characters of all the messages: Linux takes 128 KiB as one variable, and Base64 makes four bytes of three. */
const MESSAGES = 20_000;

export const autograding = format({
  describe: "what GitHub's autograding reporter reads, for each submission",
  audience: 'print',
  options: {},
  parts: [
    {
      scope: 'submission',
      extension: 'autograding.json',
      render: ({ result }) => `${jsonText(runnerResult(result), 2)}\n`,
    },
  ],
});

/** The platform adds up what the tests give: what groups and lateness take away has to be one of them. */
function adjustment({ points, score }: SubmissionResult, entries: readonly Entry[]): object[] {
  if (points === undefined || score === null) return [];
  const sum = entries.reduce((total, entry) => total + entry.score, 0);
  const difference = Math.round((score - sum) * 1e6) / 1e6;
  return difference === 0 ? [] : [{ name: 'deducted by the rules for groups and lateness', status: 'pass', score: difference }];
}

function runnerResult(result: SubmissionResult): object {
  const entries = entriesOf(result);
  const errored = result.score === null;
  const failed = entries.some(({ outcome }) => outcome !== 'passed');
  let room = MESSAGES;
  const messageOf = ({ reason, outcome }: Entry) => {
    if (outcome === 'passed' || room < MESSAGE) return {};
    const message = [...(reason ?? (result.reason === null ? outcome : clean(result.reason)))].slice(0, MESSAGE).join('');
    room -= message.length;
    return { message };
  };
  return {
    version: 1,
    status: errored ? 'error' : failed ? 'fail' : 'pass',
    max_score: errored ? 0 : result.maxScore,
    tests: [
      ...entries.map((entry) => ({
        name: entry.label,
        status: entry.outcome === 'passed' ? 'pass' : entry.outcome === 'errored' ? 'error' : 'fail',
        score: entry.score,
        ...messageOf(entry),
      })),
      ...adjustment(result, entries),
    ],
  };
}
