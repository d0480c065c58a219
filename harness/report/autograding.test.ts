import { expect, it } from 'vitest';
import { z } from 'zod';
import type { SubmissionResult } from '../result/result.ts';
import { errored, hostile, subject } from '../testkit/sample-hostile.ts';
import { check, result, writableData } from '../testkit/sample-results.ts';
import { autograding } from './autograding.ts';

/** What the reporter's main.js, console-results.js and notify-classroom.js read. */
const schema = z.strictObject({
  version: z.literal(1),
  status: z.enum(['pass', 'fail', 'error']),
  max_score: z.number(),
  tests: z.array(
    z.strictObject({
      name: z.string(),
      status: z.enum(['pass', 'fail', 'error']),
      score: z.number(),
      message: z.string().min(1).optional(),
    }),
  ),
});

function report(of: SubmissionResult) {
  const [part] = autograding.parts;
  if (part?.scope !== 'submission') throw new Error('no part for a submission');
  return schema.parse(JSON.parse(part.render(subject(of), {})!));
}

it('has a test for each check, whose scores add up to the score', () => {
  const of = writableData();
  const { status, max_score, tests } = report(of);
  expect([status, max_score]).toEqual(['fail', of.maxScore]);
  expect(tests.reduce((sum, { score }) => sum + score, 0)).toBe(of.score);
  expect(tests.find(({ name }) => name.startsWith('write-flags'))).toMatchObject({
    status: 'fail',
    score: 0,
    message: 'data: expected device reads, found device writes',
  });
  expect(report(result()).status).toBe('pass');
});

it('reports no zero where the grader is at fault', () => {
  expect(report(errored())).toMatchObject({ status: 'error', max_score: 0 });
});

it('fits into a variable of 128 KiB as Base64, however much there is to say', () => {
  const reason = 'x'.repeat(5000);
  const checks = Array.from({ length: 500 }, (_, at) => check(`c${at}`, { outcome: 'failed', score: 0, reason }));
  const text = JSON.stringify(report(result({ outcome: 'failed', score: 0, checks })));
  expect(Buffer.from(text).toString('base64').length).toBeLessThan(128 * 1024);
  report(hostile());
});
