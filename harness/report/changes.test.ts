import picocolors from 'picocolors';
import { describe, expect, it } from 'vitest';
import type { Audience } from '../result/result.ts';
import { check, result } from '../testkit/sample-results.ts';
import { changeOf, terminalChanges, terminalProgress } from './changes.ts';

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

describe('what a student is told who checks again', () => {
  const failed = (id: string, reason: string) => check(id, { outcome: 'failed', score: 0, reason });
  const before = result({ score: 10, maxScore: 30, checks: [check('a'), failed('b', 'no text'), failed('c', 'no request')] });

  it('is what came out differently, and what failed for a different reason', () => {
    const after = result({ score: 20, maxScore: 30, checks: [check('a'), check('b'), failed('c', 'wrong sector')] });
    expect(terminalProgress(before, after, PLAIN).split('\n')).toEqual([
      'Since the last time: + 10/30 → 20/30',
      '     b  failed 0/10 → passed 10/10',
      '     c did not pass again, but for a different reason',
      '',
    ]);
  });

  it('is that nothing did', () => {
    expect(terminalProgress(before, structuredClone(before), PLAIN)).toBe('Since the last time: nothing came out differently.\n');
  });

  it('names the reason where the points are the same', () => {
    const after = result({ ...before, checks: [check('a'), failed('b', 'other'), failed('c', 'no request')] });
    expect(terminalProgress(before, after, PLAIN)).toBe(
      'Since the last time: the same points\n     b did not pass again, but for a different reason\n',
    );
  });
});
