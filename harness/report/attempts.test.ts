import { describe, expect, it } from 'vitest';
import type { HandInFacts } from '../result/result.ts';
import { countedAttempts, handInText, shownAttempts } from './attempts.ts';

type Attempts = NonNullable<HandInFacts['attempts']>;

const NOTHING: HandInFacts = {
  time: null,
  commit: null,
  deadline: null,
  late: null,
  secondsLate: null,
  daysLate: null,
  attempt: null,
  attempts: null,
};

function attempt(number: number, score: number | null, attempts: Pick<Attempts, 'policy' | 'counts'>) {
  const all = [
    { time: null, late: null },
    { time: null, late: null },
  ];
  const facts = { ...attempts, name: 'alice', number, all };
  return { number, score, maxScore: 10, handIn: { ...NOTHING, attempts: facts } };
}

const numbers = (results: readonly { readonly number: number }[]) => results.map(({ number }) => number);

describe('of several attempts', () => {
  const best = { policy: 'best', counts: null } as const;

  it.each([
    ['the first with the most points', [3, 7, 7], [2]],
    ['one that errored, which may be better', [3, null, 7], [2]],
    ['full marks, than which none is better', [3, null, 10], [3]],
    ['none but those that errored', [null, null], [1]],
  ])('the best is %s', (_, scores, counted) => {
    const results = scores.map((score, index) => attempt(index + 1, score, best));
    expect(numbers(countedAttempts(results))).toEqual(counted);
    expect(numbers(shownAttempts(results))).toEqual(counted);
  });

  it('all may be shown, of which the one counts that is named', () => {
    const results = [1, 2].map((number) => attempt(number, 10 - number, { policy: 'all', counts: 2 }));
    expect([numbers(shownAttempts(results)), numbers(countedAttempts(results))]).toEqual([[1, 2], [2]]);
  });

  it('nothing else is left out', () => {
    const other = { number: 9, score: 0, maxScore: 10, handIn: null };
    expect(numbers(countedAttempts([other, attempt(1, 1, best), other]))).toEqual([9, 1, 9]);
  });
});

describe('a hand-in in words', () => {
  it('says which attempt it is, where only the platform has the others', () => {
    expect(handInText({ ...NOTHING, attempt: 3 })).toBe('attempt 3');
  });

  it('says when it came, how late it was, and which attempt it is', () => {
    expect(handInText(null)).toBe('');
    expect(handInText(NOTHING)).toBe('');
    expect(handInText({ ...NOTHING, late: true })).toBe('late');
    const late = { time: '2026-12-02T00:10:00+08:00', late: true, secondsLate: 90_000, daysLate: 2 };
    expect(handInText({ ...attempt(2, 1, { policy: 'last', counts: 2 }).handIn, ...late })).toBe(
      'handed in 2026-12-02T00:10:00+08:00, 2 days late (90,000 s), attempt 2 of 2',
    );
  });
});
