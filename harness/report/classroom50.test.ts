import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { SubmissionResult } from '../result/result.ts';
import { errored, hostile, subject } from '../testkit/sample-hostile.ts';
import { check, result, writableData } from '../testkit/sample-results.ts';
import { classroom50 } from './classroom50.ts';

const whole = z.int().min(0);
const text = z.string().min(1);

/** As schemas/result-v1.schema.json of Classroom 50 has it (`team`: as its runner.py has it), with the rules across fields that its description names. */
const schema = z
  .strictObject({
    schema: z.literal('classroom50/result/v1'),
    classroom: text,
    assignment: text,
    assignment_type: z.enum(['individual', 'group', 'team']),
    owner: text,
    submission: z.string().regex(/^submit\//),
    commit: text,
    release: text,
    review: text,
    datetime: z.string().regex(/^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/),
    score: whole,
    'max-score': whole,
    tests: z.array(
      z
        .looseObject({ 'test-name': text, passed: z.boolean(), score: whole, 'max-score': whole })
        .refine((test) => test.score <= test['max-score']),
    ),
  })
  .refine((all) => all.score <= all['max-score']);

const VALUES = {
  classroom: 'cs',
  assignment: 'lab13',
  type: undefined,
  owner: 'alice',
  submission: 'submit/20261001-abc',
  commit: 'https://example.org/c',
  release: 'https://example.org/r',
  review: undefined,
  datetime: '2026-10-01T12:00:00Z',
  scale: undefined,
};

function report(of: SubmissionResult, scale?: string) {
  const [part] = classroom50.parts;
  if (part?.scope !== 'submission') throw new Error('no part for a submission');
  const rendered = part.render(subject(of), { ...VALUES, scale });
  return rendered === null ? null : schema.parse(JSON.parse(rendered));
}

describe('the result', () => {
  it('is in hundredths of a point', () => {
    const { tests, ...rest } = report(writableData())!;
    expect(rest).toMatchObject({ score: 1500, 'max-score': 6000, owner: 'alice', review: VALUES.commit, assignment_type: 'individual' });
    expect(tests[1]).toMatchObject({
      'test-name': 'write-flags: The data descriptor is not device-writable',
      passed: false,
      score: 0,
      'max-score': 2000,
    });
  });

  it('has whole numbers for fractions, and rounds none up to a pass', () => {
    const tests = report(hostile())!.tests;
    expect(tests.map((test) => [test.score, test['max-score']])).toEqual([
      [333, 1000],
      [1050, 1050],
      [0, 1000],
    ]);
    const nearly = result({ checks: [check('nearly', { outcome: 'failed', score: 9.999999 })] });
    expect(report(nearly, '1')).toMatchObject({ score: 9, 'max-score': 10 });
    const cents = result({ checks: [check('cents', { outcome: 'failed', score: 0.29, maxScore: 0.57 })] });
    expect(report(cents)).toMatchObject({ score: 29, 'max-score': 57 });
  });

  it('gives all the points where all were earned, at any scale', () => {
    const half = result({ checks: [check('half', { score: 2.5, maxScore: 2.5 })] });
    expect(report(half, '1')).toMatchObject({ score: 3, 'max-score': 3 });
  });

  it('is not there when the grader is at fault', () => {
    expect(report(errored())).toBeNull();
  });
});

describe('of a class that Classroom 50 has exported', () => {
  const ids = {
    'GitHub username': 'bob',
    submission_tag: 'submit/20261001T120000Z-abc1234',
    review_url: 'https://github.com/os/cs-lab13-bob/compare/a...b',
  };
  const students = [{ id: 's1002', name: 'Bob', columns: {}, ids }];
  const times = { deadline: null, late: null, secondsLate: null, daysLate: null, attempt: 1, attempts: null };
  const NONE = { ...VALUES, owner: undefined, submission: undefined, commit: undefined, release: undefined, datetime: undefined };
  const rendered = (commit: string | null) => {
    const [part] = classroom50.parts;
    const handIn = { ...times, time: '2026-10-01T20:00:00+08:00', commit };
    if (part?.scope !== 'submission') throw new Error('no part for a submission');
    const text = part.render(subject(result({ students, handIn })), NONE);
    return text === null ? null : schema.parse(JSON.parse(text));
  };

  it('has what its summary says of each submission', () => {
    expect(rendered(null)).toMatchObject({
      owner: 'bob',
      submission: ids.submission_tag,
      commit: 'https://github.com/os/cs-lab13-bob/tree/submit%2F20261001T120000Z-abc1234',
      release: 'https://github.com/os/cs-lab13-bob/releases/tag/submit%2F20261001T120000Z-abc1234',
      review: ids.review_url,
      datetime: '2026-10-01T12:00:00Z',
    });
    expect(rendered(`abc1234${'0'.repeat(33)}`)?.commit).toBe(`https://github.com/os/cs-lab13-bob/commit/abc1234${'0'.repeat(33)}`);
  });

  it('is not there for a commit that was not submitted, nor where nothing is known, which is said', () => {
    expect(rendered('f'.repeat(40))).toBeNull();
    expect(classroom50.mistake?.(NONE)).toBeNull();
    expect(
      classroom50.warnings?.(NONE, [
        { name: 'bob', students },
        { name: 'carol', students: [] },
      ]),
    ).toEqual([expect.stringMatching(/where its export has no submission: carol;/)]);
    expect(classroom50.warnings?.(VALUES, [{ name: 'carol', students: [] }])).toEqual([]);
  });
});

describe('its options', () => {
  it.each([
    ['type', 'both'],
    ['submission', 'v1'],
    ['datetime', 'yesterday'],
    ['scale', '0'],
    ['owner', undefined],
  ])('%s refuses %s', (name, value) => {
    expect(classroom50.mistake?.({ ...VALUES, [name]: value })).toMatch(new RegExp(`--classroom50-${name}\\b`));
  });

  it('are fine as documented', () => {
    expect(classroom50.mistake?.(VALUES)).toBeNull();
  });
});
