import { describe, expect, it } from 'vitest';
import { daysOf, parseMoment, secondsAfter } from './moment.ts';

describe('a moment', () => {
  it('is seconds since 1970, whatever zone it is written in', () => {
    // date -d 2026-12-01T23:59+08:00 +%s
    expect(parseMoment('2026-12-01T23:59+08:00')).toBe(1796140740);
    expect(parseMoment('2026-12-01T15:59:00Z')).toBe(1796140740);
  });

  it.each(['', '2026-12-01', '2026-12-01T23:59', '2026-02-30T00:00Z', '2026-13-01T00:00Z', '2026-12-01T24:61Z', '2026-12-01T10:00+99:00'])(
    '%j is none',
    (text) => {
      expect(parseMoment(text)).toBeNull();
    },
  );

  it('is late by whole seconds, and by days of which one that has begun counts', () => {
    const late = (time: string) => secondsAfter('2026-12-01T23:59+08:00', time);
    expect([late('2026-12-01T23:59:00+08:00'), late('2026-11-30T00:00:00Z')]).toEqual([0, 0]);
    expect(late('2026-12-01T15:59:01Z')).toBe(1);
    expect(late('2026-12-02T23:59:01')).toBe(86401);
    expect(late('yesterday')).toBeNull();
    expect([0, 1, 86400, 86401].map(daysOf)).toEqual([0, 1, 1, 2]);
  });
});
