import { expect, it } from 'vitest';
import type { Expectation } from '../rubric/expectations.ts';
import { check, result, scenario } from '../testkit/sample-results.ts';
import { unmet } from './expectations.ts';

const GRADED = result({
  score: 10,
  checks: [check('a'), check('b', { outcome: 'failed', score: 0, reason: 'no' }), check('c', { outcome: 'skipped', score: 0 })],
  scenarios: [scenario({ stop: { reason: 'hang' } })],
});

function problems(expectation: Partial<Expectation>): string[] {
  return unmet({ submission: 'x', score: 10, outcomes: null, stop: new Map(), ...expectation }, GRADED);
}

it('nothing is wrong where all is as expected, and where only the score is', () => {
  const outcomes = new Map([
    ['b', 'failed'],
    ['c', 'skipped'],
  ] as const);
  expect(problems({ outcomes, stop: new Map([['write', 'hang']]) })).toEqual([]);
  expect(problems({})).toEqual([]);
});

it('each difference is reported, checks that nobody named included', () => {
  expect(
    problems({
      score: 20,
      outcomes: new Map([['a', 'failed']]),
      stop: new Map([
        ['write', 'until'],
        ['other', 'limit'],
      ] as const),
    }),
  ).toEqual([
    'score: expected 20, got 10',
    'a: expected failed, got passed',
    'b: expected passed, got failed (no)',
    'c: expected passed, got skipped',
    'write: expected to stop with until, got hang',
    'other: expected to stop with limit, got nothing: it was not run',
  ]);
  expect(unmet({ submission: 'x', score: 0, outcomes: null, stop: new Map() }, { ...GRADED, score: null, reason: 'why' })).toEqual([
    'score: expected 0, got none, it errored (why)',
  ]);
});

it('a score alone that is wrong names the checks that it comes from; where these are right, the points', () => {
  expect(problems({ score: 20 })).toEqual(['score: expected 20, got 10', 'b: failed (no)', 'c: skipped']);
  const outcomes = new Map([
    ['b', 'failed'],
    ['c', 'skipped'],
  ] as const);
  expect(problems({ score: 20, outcomes })).toEqual(['score: expected 20, got 10', expect.stringContaining('their points')]);
});

it('takes success at the test finisher for the power-off that was expected', () => {
  const ended = { ...GRADED, scenarios: [scenario({ stop: { reason: 'exit', code: 0 } })] };
  const expectation = { submission: 'x', score: 10, outcomes: null, stop: new Map([[ended.scenarios[0]!.name, 'poweroff' as const]]) };
  expect(unmet(expectation, ended)).toEqual([]);
  expect(unmet(expectation, { ...ended, scenarios: [scenario({ stop: { reason: 'exit', code: 1 } })] })).toHaveLength(1);
});
