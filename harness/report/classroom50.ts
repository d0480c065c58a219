/**
 * Classroom 50's `result.json` (classroom50/result/v1), one for each submission.
 *
 * Its scores are integers, so points are multiplied by one number for the whole class and rounded down: no fraction is ever
 * rounded up to a full score. A submission that errored gets no file: for Classroom 50 the grader then fails, and exits so.
 * What only the classroom knows (whose repository, which commit, when) comes in as options where its runner starts the grading; where the clones
 * of a class are graded, it is what Classroom 50's own summary of them says.
 * Reference: schemas/result-v1.schema.json of Classroom 50.
 */
import { jsonText } from '../evidence/json-text.ts';
import type { Student, SubmissionResult } from '../result/result.ts';
import { type Entry, entriesOf } from './entries.ts';
import { format, type Values } from './format.ts';
import { clean, score } from './words.ts';

const required = (describe: string) => ({ value: 'text', required: true, describe }) as const;
const ofOne = (describe: string) =>
  ({ value: 'text', required: false, describe: `${describe} (default: by Classroom 50's export)` }) as const;

const options = {
  classroom: required("the classroom's short name"),
  assignment: required("the assignment's slug"),
  type: { value: 'text', required: false, describe: 'individual (default), group or team' },
  owner: ofOne("login of the repository's owner"),
  submission: ofOne('the submit/… tag'),
  commit: ofOne('link to the commit'),
  release: ofOne('link to the release'),
  review: { value: 'text', required: false, describe: 'link to the whole difference (default: the commit)' },
  datetime: ofOne('when it was submitted, as 2026-10-01T12:00:00Z'),
  scale: { value: 'text', required: false, describe: 'units of one point, 1 to 1000000 (default: 100, hundredths)' },
} as const;

const DEFAULT_SCALE = '100';

/** What is said of one submission: all of it by options, or none. */
const TOGETHER = ['owner', 'submission', 'commit', 'release', 'datetime'] as const;

type Source = Readonly<Record<(typeof TOGETHER)[number] | 'review', string>>;

export const classroom50 = format({
  describe: "Classroom 50's result.json for each submission",
  audience: 'print',
  options,
  parts: [
    {
      scope: 'submission',
      extension: 'classroom50.json',
      render({ result }, values) {
        const source = sourceByOptions(values) ?? sourceByExport(result);
        if (result.outcome === 'errored' || source === null) return null;
        return `${jsonText(classroomResult(result, source, values), 2)}\n`;
      },
    },
  ],
  mistake(values) {
    const { type = 'individual', submission, datetime, scale = DEFAULT_SCALE } = values;
    const [given, missing] = [TOGETHER.filter((name) => values[name] !== undefined), TOGETHER.filter((name) => values[name] === undefined)];
    if (!['individual', 'group', 'team'].includes(type)) return '--classroom50-type: give individual, group or team';
    if (given.length > 0 && missing.length > 0) return `--classroom50-${given[0]}: --classroom50-${missing[0]} is needed as well`;
    if (submission !== undefined && !submission.startsWith('submit/'))
      return '--classroom50-submission: a tag that begins with submit/ is needed';
    if (datetime !== undefined && !/^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/.test(datetime))
      return '--classroom50-datetime: write it as 2026-10-01T12:00:00Z';
    if (!/^[1-9]\d{0,5}$|^1000000$/.test(scale)) return '--classroom50-scale: give a whole number from 1 to 1000000';
    return null;
  },
  warnings(values, submissions) {
    if (sourceByOptions(values) !== null) return [];
    const unknown = submissions.flatMap(({ name, students }) => (students.some(isKnown) ? [] : [clean(name)]));
    if (unknown.length === 0) return [];
    return [
      `no result.json of Classroom 50 is written where its export has no submission: ${unknown.join(', ')}; of one submission, --classroom50-owner, -submission, -commit, -release and -datetime say it`,
    ];
  },
});

function sourceByOptions(values: Values<typeof options>): Source | null {
  const { owner, submission, commit, release, datetime, review } = values;
  if (owner === undefined || submission === undefined || commit === undefined) return null;
  if (release === undefined || datetime === undefined) return null;
  return { owner, submission, commit, release, datetime, review: review ?? commit };
}

function isKnown({ ids }: Student): boolean {
  return Object.hasOwn(ids, 'submission_tag') && Object.hasOwn(ids, 'review_url');
}

/** null: nothing is known, or the newest submission, which the export has, is not the commit that was graded. */
function sourceByExport({ students, handIn }: SubmissionResult): Source | null {
  const { 'GitHub username': owner = '', submission_tag: submission = '', review_url: review = '' } = students.find(isKnown)?.ids ?? {};
  const repository = /^https:\/\/[^/]+\/[^/]+\/[^/]+/.exec(review)?.[0];
  const time = Date.parse(handIn?.time ?? '');
  if (repository === undefined || !submission.startsWith('submit/') || Number.isNaN(time)) return null;
  const commit = handIn?.commit ?? null;
  if (commit !== null && !commit.startsWith(submission.slice(submission.lastIndexOf('-') + 1))) return null;
  const tag = encodeURIComponent(submission);
  return {
    owner,
    submission,
    review,
    commit: commit === null ? `${repository}/tree/${tag}` : `${repository}/commit/${commit}`,
    release: `${repository}/releases/tag/${tag}`,
    datetime: new Date(time).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

function classroomResult(result: SubmissionResult, source: Source, values: Values<typeof options>): object {
  const scale = Number(values.scale ?? DEFAULT_SCALE);
  const tests = entriesOf(result).map((entry) => testOf(entry, scale));
  const sum = (key: 'score' | 'max-score') => tests.reduce((total, test) => total + test[key], 0);
  return {
    schema: 'classroom50/result/v1',
    classroom: values.classroom,
    assignment: values.assignment,
    assignment_type: values.type ?? 'individual',
    owner: source.owner,
    submission: source.submission,
    commit: source.commit,
    release: source.release,
    review: source.review,
    datetime: source.datetime,
    // Groups, a bonus and lateness make of the tests' points what counts.
    score: result.points === undefined ? sum('score') : Math.floor(units(result.score ?? 0, scale)),
    'max-score': result.points === undefined ? sum('max-score') : Math.ceil(units(result.maxScore, scale)),
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
