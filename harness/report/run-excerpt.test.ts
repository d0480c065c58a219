import { describe, expect, it } from 'vitest';
import type { DescriptorEvidence, RoleEvidence } from '../evidence/evidence.ts';
import { evidence, image, request } from '../testkit/evidence.ts';
import { excerptOf } from './run-excerpt.ts';

describe('what a report shows of a run', () => {
  it('is all of a small one', () => {
    const excerpt = excerptOf(evidence({ console: 'one\r\ntwo\n', requests: [request()], images: [image({ changed: { 7: 'ab' } })] }));
    expect(excerpt.console).toEqual({ head: 'one\ntwo\n', leftOut: 0, tail: '' });
    expect(excerpt.requests).toMatchObject({ first: [{ number: request().number, position: 1 }], leftOut: 0, last: [] });
    expect(excerpt.images).toMatchObject([{ changed: 1, sectors: ['7'] }]);
  });

  it('are the first and the last requests of many, by their positions', () => {
    const requests = Array.from({ length: 2000 }, (_, n) => request({ number: n + 1, time: n }));
    const excerpt = excerptOf(evidence({ requests }));
    const { first, leftOut, last } = excerpt.requests;
    expect([first.length, leftOut, last.length]).toEqual([60, 1900, 40]);
    expect([first[0]!.position, first.at(-1)!.position, last[0]!.position, last.at(-1)!.position]).toEqual([1, 60, 1961, 2000]);
    expect([excerpt.timeLine.bars.length, excerpt.timeLine.leftOut]).toEqual([1000, 1000]);
    expect(excerpt.timeLine.bars.flatMap(({ position }) => position ?? [])).toHaveLength(60);
  });

  it.each([60, 61, 99, 100, 101])('shows each of %i requests at most once', (length) => {
    const { first, leftOut, last } = excerptOf(
      evidence({ requests: Array.from({ length }, (_, n) => request({ number: n + 1 })) }),
    ).requests;
    const shown = [...first, ...last].map(({ number }) => number);
    expect(shown.length + leftOut).toBe(length);
    expect(new Set(shown).size).toBe(Math.min(length, 100));
  });

  it('are the beginning and the end of a console, and how many bytes lie between', () => {
    const { head, leftOut, tail } = excerptOf(evidence({ console: `first${'x'.repeat(8_000_000)}last` })).console;
    expect([head.slice(0, 6), tail.slice(-5)]).toEqual(['firstx', 'xlast']);
    expect(head.length + leftOut + tail.length).toBe(8_000_009);
    expect(head.length + tail.length).toBeLessThan(140_000);
  });

  it('stays small, whatever a kernel does', () => {
    const descriptors = Array.from({ length: 1024 }, (_, index): DescriptorEvidence => {
      return { index, indirect: false, address: '0xffffffffffffffff', length: 1, flags: 7, next: 0 };
    });
    const roles = descriptors.map(
      ({ address }, descriptor): RoleEvidence => ({ role: 'data', descriptor, address, length: 1, deviceWritable: true }),
    );
    const requests = Array.from({ length: 500 }, (_, n) => request({ number: n + 1, descriptors, roles, data: 'ab'.repeat(4096) }));
    const changed = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [String(n), 'ab'.repeat(512)]));
    const console = '\u0001'.repeat(8_000_000);
    const text = JSON.stringify(excerptOf(evidence({ requests, console, images: [image({ changed })] })));
    expect(text.length).toBeLessThan(1_500_000);
  });
});
