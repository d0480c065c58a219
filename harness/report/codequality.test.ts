import { expect, it } from 'vitest';
import { z } from 'zod';
import type { SubmissionResult } from '../result/result.ts';
import { errored, hostile, stack, subject } from '../testkit/sample-hostile.ts';
import { check, result } from '../testkit/sample-results.ts';
import { codequality } from './codequality.ts';
import { wholeText } from './format.ts';

/** What GitLab's documentation asks of each issue. */
const schema = z.array(
  z.strictObject({
    description: z.string().min(1),
    check_name: z.string().min(1),
    fingerprint: z.string().regex(/^[0-9a-f]{64}$/),
    severity: z.enum(['info', 'minor', 'major', 'critical', 'blocker']),
    location: z.strictObject({ path: z.string().regex(/^[^/]/), lines: z.strictObject({ begin: z.int().min(1) }) }),
  }),
);

function report(...results: SubmissionResult[]) {
  const [part] = codequality.parts;
  if (part?.scope !== 'class') throw new Error('no part for the class');
  return schema.parse(
    JSON.parse(
      wholeText(
        part.render(
          results.map((of) => subject(of)),
          {},
          [],
        ),
      ),
    ),
  );
}

function failedAt(id: string, file: string, line: number) {
  const details = [{ kind: 'code' as const, text: 'stored at', stack: stack(file, line) }];
  return check(id, { title: 'Flags', outcome: 'failed', score: 0, reason: 'it is wrong', details });
}

it('has an issue for each failure at a line, and none for what has no line', () => {
  const checks = [failedAt('flags', 'src/queue.rs', 111), check('console', { outcome: 'failed', score: 0, reason: 'no' }), check('good')];
  expect(report(result({ outcome: 'failed', checks }))).toMatchObject([
    {
      description: 'flags: Flags: it is wrong',
      check_name: 'flags',
      severity: 'major',
      location: { path: 'src/queue.rs', lines: { begin: 111 } },
    },
  ]);
});

it('tells issues apart by their fingerprints, which stay the same from run to run', () => {
  const both = () =>
    report(result({ outcome: 'failed', checks: [failedAt('a', 'q.c', 1), failedAt('b', 'q.c', 1), failedAt('a', 'q.c', 1)] }));
  expect(new Set(both().map(({ fingerprint }) => fingerprint)).size).toBe(2);
  expect(both()).toHaveLength(2);
  expect(both()).toEqual(both());
});

it('fits whatever was written', () => {
  report(hostile(), errored());
});
