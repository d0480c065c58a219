import { expect, it } from 'vitest';
import { z } from 'zod';
import type { SubmissionResult } from '../result/result.ts';
import { errored, hostile, subject } from '../testkit/sample-hostile.ts';
import { check, result, scenario, writableData } from '../testkit/sample-results.ts';
import { gradescope } from './gradescope.ts';

/** The keys and values that Gradescope's documentation of results.json lists ("Output format"). */
const textFormat = z.enum(['text', 'html', 'simple_format', 'md', 'ansi']);
const visibility = z.enum(['hidden', 'after_due_date', 'after_published', 'visible']);
const schema = z.strictObject({
  score: z.number().optional(),
  execution_time: z.number().optional(),
  output: z.string().optional(),
  output_format: textFormat.optional(),
  test_output_format: textFormat.optional(),
  test_name_format: textFormat.optional(),
  visibility: visibility.optional(),
  stdout_visibility: visibility.optional(),
  extra_data: z.record(z.string(), z.unknown()).optional(),
  tests: z
    .array(
      z.strictObject({
        score: z.number().optional(),
        max_score: z.number().optional(),
        status: z.enum(['passed', 'failed']).optional(),
        name: z.string().optional(),
        name_format: textFormat.optional(),
        number: z.string().optional(),
        output: z.string().optional(),
        output_format: textFormat.optional(),
        tags: z.array(z.string()).optional(),
        visibility: visibility.optional(),
        extra_data: z.record(z.string(), z.unknown()).optional(),
      }),
    )
    .optional(),
});

function report(of: SubmissionResult, time?: string) {
  const [part] = gradescope.parts;
  if (part?.scope !== 'submission') throw new Error('no part for a submission');
  return schema.parse(JSON.parse(part.render(subject(of), { 'execution-time': time })!));
}

it('has the score and a test for each check', () => {
  const { score, tests, ...rest } = report(writableData());
  expect(score).toBe(15);
  expect(rest).not.toHaveProperty('execution_time');
  expect(tests?.map(({ name, score: points, max_score, status, visibility: seen }) => [name, points, max_score, status, seen])).toEqual([
    ['reads-block: read_block still works', 5, 5, 'passed', 'visible'],
    ['write-flags: The data descriptor is not device-writable', 0, 20, 'failed', 'visible'],
    ['image: Sector 0 holds the new text', 0, 15, 'failed', 'visible'],
    ['image-elsewhere: Title of image-elsewhere', 0, 10, 'failed', 'visible'],
    ['(one hidden check)', 10, 10, 'passed', 'visible'],
  ]);
  expect(tests?.[3]?.output).toBe('skipped: needs image');
});

it('hides from students what an instructor’s result has hidden', () => {
  const checks = [check('open'), check('secret', { hidden: true })];
  const scenarios = [scenario(), scenario({ name: 'secret-run', hidden: true })];
  const { tests, output } = report(result({ audience: 'instructor', checks, scenarios, reason: 'the scenario secret-run was not run' }));
  expect(tests?.map((test) => test.visibility)).toEqual(['visible', 'hidden']);
  expect(output).not.toContain('secret');
});

it('keeps fractions, and whatever was written', () => {
  const { score, tests } = report(hostile());
  expect(score).toBe(13.333333);
  expect(tests?.[0]).toMatchObject({ score: 3.333333, max_score: 10 });
  expect(tests?.[0]?.output).toContain('</script><script>alert(1)</script>');
});

it('has no score at all when the grader is at fault', () => {
  const { score, tests, output } = report(errored());
  expect([score, tests]).toEqual([undefined, undefined]);
  expect(output).toContain('The grader failed, not the submission');
});

it('takes the duration from an option only', () => {
  expect(report(result(), '12.5').execution_time).toBe(12.5);
  expect(gradescope.mistake?.({ 'execution-time': 'soon' })).toContain('seconds');
  expect(gradescope.mistake?.({ 'execution-time': '12.5' })).toBeNull();
});
