import { describe, expect, it } from 'vitest';
import { Tally } from './tally.ts';

describe('a tally', () => {
  it('counts outcomes, and draws how far the batch is', () => {
    const tally = new Tally(8);
    expect(tally.line(0)).toBe('[------------------------] 0/8');
    tally.add('failed');
    tally.add('passed');
    expect(tally.line(10)).toBe('[======------------------] 2/8 · 1 passed, 1 failed · about 30 s left');
    for (let i = 0; i < 6; i++) tally.add('errored');
    expect(tally.line(60)).toBe('[========================] 8/8 · 1 passed, 1 failed, 6 errored');
  });

  it('takes the time of what it graded itself', () => {
    const tally = new Tally(100);
    for (let i = 0; i < 50; i++) tally.addEarlier('passed');
    expect(tally.line(5)).not.toContain('left');
    for (let i = 0; i < 10; i++) tally.add('passed');
    expect(tally.line(20)).toContain('about 1 min 20 s left'.replace(' 20 s', ''));
  });

  it.each([
    [0.1, '1 s'],
    [59, '59 s'],
    [90, '2 min'],
    [3600, '1 h 0 min'],
    [5000, '1 h 23 min'],
  ])('says %d seconds as %s', (seconds, text) => {
    const tally = new Tally(2);
    tally.add('passed');
    expect(tally.line(seconds)).toContain(`about ${text} left`);
  });
});
