import { expect, it } from 'vitest';
import { z } from 'zod';
import type { SubmissionResult } from '../result/result.ts';
import { errored, hostile, subject } from '../testkit/sample-hostile.ts';
import { check, result, writableData } from '../testkit/sample-results.ts';
import { check50 } from './check50.ts';

/** What check50 3.5 makes a CheckResult of, and what its renderers read: a cause wherever a check did not pass, with a rationale. */
const schema = z.strictObject({
  slug: z.string(),
  version: z.string(),
  results: z.array(
    z
      .strictObject({
        name: z.string(),
        description: z.string(),
        passed: z.boolean().nullable(),
        log: z.array(z.string()),
        cause: z
          .strictObject({
            rationale: z.string(),
            help: z.string().nullable(),
            expected: z.string().optional(),
            actual: z.string().optional(),
          })
          .refine((cause) => (cause.expected === undefined) === (cause.actual === undefined))
          .nullable(),
        data: z.record(z.string(), z.unknown()),
        dependency: z.null(),
      })
      .refine(({ passed, cause }) => (passed === true) === (cause === null)),
  ),
});

function report(of: SubmissionResult, slug?: string) {
  const [part] = check50.parts;
  if (part?.scope !== 'submission') throw new Error('no part for a submission');
  return schema.parse(JSON.parse(part.render(subject(of), { slug })!));
}

it('has a result for each check: true, false, or null for one that was not decided', () => {
  const { slug, version, results } = report(writableData());
  expect([slug, version]).toEqual(['Lab 13: I/O and storage', 'bootgrade 0']);
  expect(results.map(({ name, passed }) => [name, passed])).toEqual([
    ['reads-block', true],
    ['write-flags', false],
    ['image', false],
    ['image-elsewhere', null],
    ['hidden-checks', true],
  ]);
  expect(results[1]?.cause).toEqual({
    rationale: 'data: expected device reads, found device writes',
    help: 'For a write the device reads the buffer.',
  });
  expect(results[1]?.log).toContain('The device answered OK and wrote nothing.');
  expect(report(errored()).results[0]?.passed).toBeNull();
});

it('shows expected and actual side by side', () => {
  const details = [
    { kind: 'expected' as const, text: 'hello' },
    { kind: 'found' as const, text: 'goodbye' },
  ];
  const failed = check('says', { outcome: 'failed', score: 0, reason: 'no', details });
  expect(report(result({ checks: [failed] })).results[0]?.cause).toMatchObject({ expected: 'hello', actual: 'goodbye' });
});

it('takes its slug from an option, and fits whatever was written', () => {
  expect(report(hostile(), 'cs/lab13').slug).toBe('cs/lab13');
  expect(report(hostile()).results[0]?.data).toEqual({ score: 3.333333, max_score: 10 });
});
