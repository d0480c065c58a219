import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { Audience } from '../result/result.ts';
import { check, result } from '../testkit/sample-results.ts';
import { changeOf, terminalChanges } from './changes.ts';

const PLAIN = picocolors.createColors(false);

const BEFORE = result({
  audience: 'instructor',
  score: 15,
  maxScore: 35,
  checks: [check('kept'), check('better', { outcome: 'failed', score: 0 }), check('old', { score: 5, maxScore: 5 })],
});

const AFTER = result({
  audience: 'instructor',
  outcome: 'failed',
  score: 20,
  maxScore: 40,
  checks: [check('kept'), check('better'), check('new', { outcome: 'skipped', score: 0, hidden: true })],
});

function shown(before: typeof BEFORE, after: typeof AFTER, audience: Audience = 'instructor'): string[] {
  const change = changeOf(before, after, audience);
  return terminalChanges(change === null ? [] : [change], 3, PLAIN).split('\n');
}

describe('what changed', () => {
  it('is shown with scores and checks, before and after', () => {
    expect(shown(BEFORE, AFTER)).toEqual([
      ' + alice  15/35 → 20/40',
      '     better  failed 0/10 → passed 10/10',
      '     new     new → skipped 0/10',
      '     old     passed 5/5 → gone',
      '',
      '3 submissions graded again: 1 changed, 2 as before',
      '',
    ]);
  });

  it('is nothing where all is as before', () => {
    expect(changeOf(BEFORE, structuredClone(BEFORE), 'instructor')).toBeNull();
    expect(shown(BEFORE, BEFORE)).toEqual(['3 submissions graded again: 0 changed, 3 as before', '']);
  });

  it('shows students hidden checks as one, whoever the reports were for', () => {
    const forStudents = {
      ...AFTER,
      audience: 'student' as const,
      checks: AFTER.checks.slice(0, 2),
      hiddenChecks: { count: 1, score: 0, maxScore: 10 },
    };
    const expected = ['     better    failed 0/10 → passed 10/10', '     (hidden)  new → 0/10', '     old       passed 5/5 → gone'];
    expect(shown(BEFORE, AFTER, 'student').slice(1, 4)).toEqual(expected);
    expect(shown(BEFORE, forStudents, 'student').slice(1, 4)).toEqual(expected);
    expect(changeOf(AFTER, forStudents, 'student')).toBeNull();
  });

  it('is shown from a score to none if the grader was at fault', () => {
    expect(shown(BEFORE, { ...BEFORE, outcome: 'errored', score: null })[0]).toBe(' - alice  15/35 → –/35');
  });
});
