/**
 * Classroom 50's `result.json` (classroom50/result/v1), one for each submission.
 *
 * Its scores are integers, so points are multiplied by one number for the whole class and rounded down: no fraction is ever
 * rounded up to a full score. A submission that errored gets no file: for Classroom 50 the grader then fails, and exits so.
 * What only the classroom knows (whose repository, which commit, when) comes in as options.
 * Reference: schemas/result-v1.schema.json of Classroom 50.
 */
import { jsonText } from '../evidence/json-text.ts';
import type { SubmissionResult } from '../result/result.ts';
import { type Entry, entriesOf } from './entries.ts';
import { format, type Values } from './format.ts';
import { score } from './words.ts';

const required = (describe: string) => ({ value: 'text', required: true, describe }) as const;

const options = {
  classroom: required("the classroom's short name"),
  assignment: required("the assignment's slug"),
  type: { value: 'text', required: false, describe: 'individual (default), group or team' },
  owner: required("login of the repository's owner"),
  submission: required('the submit/… tag'),
  commit: required('link to the commit'),
  release: required('link to the release'),
  review: { value: 'text', required: false, describe: 'link to the whole difference (default: the commit)' },
  datetime: required('when it was submitted, as 2026-10-01T12:00:00Z'),
  scale: { value: 'text', required: false, describe: 'units of one point, 1 to 1000000 (default: 100, hundredths)' },
} as const;

const DEFAULT_SCALE = '100';

export const classroom50 = format({
  describe: "Classroom 50's result.json for each submission",
  audience: 'print',
  options,
  parts: [
    {
      scope: 'submission',
      extension: 'classroom50.json',
      render: ({ result }, values) => (result.outcome === 'errored' ? null : `${jsonText(classroomResult(result, values), 2)}\n`),
    },
  ],
  mistake({ type = 'individual', submission, datetime, scale = DEFAULT_SCALE }) {
    if (!['individual', 'group', 'team'].includes(type)) return '--classroom50-type: give individual, group or team';
    if (!submission.startsWith('submit/')) return '--classroom50-submission: a tag that begins with submit/ is needed';
    if (!/^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/.test(datetime))
      return '--classroom50-datetime: write it as 2026-10-01T12:00:00Z';
    if (!/^[1-9]\d{0,5}$|^1000000$/.test(scale)) return '--classroom50-scale: give a whole number from 1 to 1000000';
    return null;
  },
});

function classroomResult(result: SubmissionResult, values: Values<typeof options>): object {
  const scale = Number(values.scale ?? DEFAULT_SCALE);
  const tests = entriesOf(result).map((entry) => testOf(entry, scale));
  const sum = (key: 'score' | 'max-score') => tests.reduce((total, test) => total + test[key], 0);
  return {
    schema: 'classroom50/result/v1',
    classroom: values.classroom,
    assignment: values.assignment,
    assignment_type: values.type ?? 'individual',
    owner: values.owner,
    submission: values.submission,
    commit: values.commit,
    release: values.release,
    review: values.review ?? values.commit,
    datetime: values.datetime,
    score: sum('score'),
    'max-score': sum('max-score'),
    tests,
  };
}

function testOf(entry: Entry, scale: number) {
  const max = Math.ceil(units(entry.maxScore, scale));
  return {
    'test-name': entry.label,
    passed: entry.outcome === 'passed',
    score: entry.score === entry.maxScore ? max : Math.min(max, Math.floor(units(entry.score, scale))),
    'max-score': max,
    points: score(entry.score, entry.maxScore),
    message: (entry.lines.length > 0 ? entry.lines : [entry.reason ?? '']).join('\n'),
  };
}

/** Points are decimal fractions of at most six places (grade/points.ts): 0.29 × 100 is 29, whatever doubles make of it. */
function units(points: number, scale: number): number {
  return Math.round(points * scale * 1e6) / 1e6;
}
