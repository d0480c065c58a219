import { expect, it } from 'vitest';
import { z } from 'zod';
import type { SubmissionResult } from '../result/result.ts';
import { errored, hostile, subject } from '../testkit/sample-hostile.ts';
import { check, result, writableData } from '../testkit/sample-results.ts';
import { prairielearn } from './prairielearn.ts';

/** What PrairieLearn's documentation lists ("Grading results"). */
const schema = z.union([
  z.strictObject({
    gradable: z.literal(true),
    score: z.number().min(0).max(1),
    message: z.string(),
    output: z.string(),
    tests: z.array(
      z.strictObject({ name: z.string(), points: z.number(), max_points: z.number(), message: z.string(), output: z.string() }),
    ),
  }),
  z.strictObject({ gradable: z.literal(false), message: z.string(), format_errors: z.array(z.string().min(1)) }),
]);

function text(of: SubmissionResult): string {
  const [part] = prairielearn.parts;
  if (part?.scope !== 'submission') throw new Error('no part for a submission');
  return part.render(subject(of), {})!;
}
const report = (of: SubmissionResult) => schema.parse(JSON.parse(text(of)));

it('has the score as a part of 1, and a test for each check', () => {
  const of = writableData();
  const shown = report(of);
  if (!shown.gradable) throw new Error('not gradable');
  expect(shown.score).toBe(of.score! / of.maxScore);
  expect(shown.tests.reduce((sum, { points }) => sum + points, 0)).toBe(of.score);
  expect(shown.tests.find(({ name }) => name.startsWith('write-flags'))).toMatchObject({
    points: 0,
    message: 'data: expected device reads, found device writes',
    output: expect.stringContaining('device WRITES') as string,
  });
});

it('costs no attempt where the grader is at fault', () => {
  const { reason } = errored();
  expect(report(errored())).toMatchObject({ gradable: false, format_errors: [expect.any(String) as string, reason] });
});

it('stays below 1 MB, whatever there is to say', () => {
  const details = [{ kind: 'text' as const, text: '\u0001"'.repeat(20_000) }];
  const checks = Array.from({ length: 200 }, (_, at) => check(`c${at}`, { outcome: 'failed', score: 0, reason: 'no', details }));
  const long = text(result({ outcome: 'failed', score: 0, checks }));
  expect(Buffer.byteLength(long)).toBeLessThan(1_000_000);
  expect(Buffer.byteLength(long)).toBeGreaterThan(100_000);
  report(hostile());
});
