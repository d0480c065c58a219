import { describe, expect, it } from 'vitest';
import type { CheckResult, HandInFacts } from '../result/result.ts';
import { load } from '../testkit/rubric-text.ts';
import { check } from '../testkit/sample-results.ts';
import { isComplete, scoreOf } from './score.ts';

const rubric = (groups: string, late = '') =>
  load(`rubric: 1
title: Lab
submission: { kernel: k, deadline: "2026-12-01T23:59+08:00"${late} }
scenarios: { run: {} }
groups: ${groups}
checks:
  - { id: a, points: 10, group: g, console: x }
  - { id: b, points: 10, group: g, console: x }
  - { id: c, points: 5, console: x }
  - { id: d, points: 4, bonus: true, console: x }
`);

function results(passed: string, more: Partial<CheckResult> = {}): CheckResult[] {
  const one = (id: string, maxScore: number, part: Partial<CheckResult>) => {
    const isPassed = passed.includes(id);
    return check(id, { maxScore, score: isPassed ? maxScore : 0, outcome: isPassed ? 'passed' : 'failed', ...part });
  };
  return [one('a', 10, { group: 'g' }), one('b', 10, { group: 'g', ...more }), one('c', 5, {}), one('d', 4, { bonus: true })];
}

const late = (daysLate: number | null): HandInFacts => ({
  time: null,
  commit: null,
  deadline: null,
  late: null,
  secondsLate: null,
  daysLate,
  attempt: null,
  attempts: null,
});

describe('a score', () => {
  it('has what a group gives at most, and a bonus on top', async () => {
    const lab = await rubric('{ g: { title: Both, cap: 15 } }');
    expect(scoreOf(lab, results('abcd'), null)).toMatchObject({ score: 24, maxScore: 20, parts: { earned: 24, bonus: 4, late: null } });
    expect(scoreOf(lab, results('a'), null)).toMatchObject({ score: 10, maxScore: 20 });
    expect(scoreOf(lab, results('ab'), null).parts?.groups).toEqual([
      { id: 'g', title: 'Both', hidden: false, earned: 20, score: 15, maxScore: 15, cap: 15, allOrNothing: false },
    ]);
  });

  it('has all of a group or nothing, and partial points are nothing', async () => {
    const lab = await rubric('{ g: { all-or-nothing: true } }');
    expect(scoreOf(lab, results('ac'), null)).toMatchObject({ score: 5, maxScore: 25, parts: { groups: [{ earned: 10, score: 0 }] } });
    expect(scoreOf(lab, results('ac', { score: 9 }), null).score).toBe(5);
    expect(scoreOf(lab, results('abc'), null).score).toBe(25);
  });

  it('loses a part for each day, up to the most', async () => {
    const lab = await rubric('{ g: {} }', ', late: { per-day: 10%, most: 25% }');
    expect(scoreOf(lab, results('abcd'), late(0))).toMatchObject({ score: 29, parts: { late: null } });
    expect(scoreOf(lab, results('abcd'), late(2))).toMatchObject({
      score: 23.2,
      maxScore: 25,
      parts: { earned: 29, late: { days: 2, percent: 20, deducted: 5.8 } },
    });
    expect(scoreOf(lab, results('abcd'), late(30)).parts?.late).toEqual({ days: 30, percent: 25, deducted: 7.25 });
    expect(scoreOf(lab, results('abcd'), late(null)).score).toBe(29);
    expect(scoreOf(lab, results('abcd'), null).score).toBe(29);
  });

  it('is none where a check errored, and says nothing of the deduction then', async () => {
    const lab = await rubric('{ g: {} }', ', late: { per-day: 10% }');
    const { score, parts } = scoreOf(lab, results('a', { outcome: 'errored' }), late(3));
    expect(score).toBeNull();
    expect(parts).toMatchObject({ earned: null, late: null, groups: [{ score: null }] });
  });

  it('is the sum of the checks where the rubric says nothing', async () => {
    const lab = await load(
      'rubric: 1\ntitle: L\nsubmission: { kernel: k }\nscenarios: { r: {} }\nchecks: [{ id: a, points: 3, console: x }]\n',
    );
    expect(scoreOf(lab, [check('a', { score: 1, maxScore: 3 })], late(9))).toEqual({ score: 1, maxScore: 3, parts: null });
  });
});

describe('a submission has passed', () => {
  it('where a group gives all that it can give, and without a bonus', async () => {
    const lab = await rubric('{ g: { cap: 10 } }');
    const complete = (passed: string) => isComplete(results(passed), scoreOf(lab, results(passed), null).parts);
    expect([complete('ac'), complete('c'), complete('ab'), complete('abcd')]).toEqual([true, false, false, true]);
  });
});
