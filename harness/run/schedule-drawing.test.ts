import { expect, it } from 'vitest';
import { type Candidate, drawSchedules } from './schedule-drawing.ts';

const candidates: readonly Candidate[] = [
  ...Array.from({ length: 1000 }, (_, time) => ({ hart: 0, time: 5000 + time, pc: 0x100n })),
  { hart: 1, time: 700, pc: 0x104n },
  { hart: 1, time: 9000, pc: 0x108n },
];

it('are decided by the seed, and each is the same however many are drawn', () => {
  const of = (seed: number, runs: number) => drawSchedules(candidates, { seed, runs }, 2);
  expect(of(7, 100)).toEqual(of(7, 100));
  expect(of(7, 100).slice(0, 10)).toEqual(of(7, 10));
  expect(of(7, 100)).not.toEqual(of(8, 100));
  expect(new Set(of(7, 100).map((one) => JSON.stringify(one))).size).toBe(100);
});

it('preempt only where harts may differ, and a place that was passed once as often as one that was passed a thousand times', () => {
  const drawn = drawSchedules(candidates, { seed: 1, runs: 400 }, 2).filter((schedule) => schedule.length === 1);
  expect(drawn.length).toBeGreaterThan(50);
  const [first] = [drawn.map(([one]) => one!)];
  for (const { hart, at } of first) expect(candidates.some((one) => one.hart === hart && one.time === at)).toBe(true);
  const once = first.filter(({ at }) => at === 700).length;
  expect(once / first.length).toBeGreaterThan(0.2);
  expect(once / first.length).toBeLessThan(0.5);
});

it('count the time that a hart was preempted before', () => {
  for (const schedule of drawSchedules(
    [
      { hart: 0, time: 10, pc: 1n },
      { hart: 0, time: 90, pc: 2n },
    ],
    { seed: 1, runs: 50 },
    2,
  )) {
    let passed = 0;
    for (const { at, for: length } of schedule) {
      expect([10, 90]).toContain(at - passed);
      passed += length === 'event' ? 0 : length;
    }
  }
});

it('with one hart, last until the next event', () => {
  const all = drawSchedules([{ hart: 0, time: 10, pc: 1n }], { seed: 1, runs: 20 }, 1).flat();
  expect(new Set(all.map((one) => one.for))).toEqual(new Set(['event']));
});

it('are none where nothing is shared', () => {
  expect(drawSchedules([], { seed: 1, runs: 20 }, 2)).toEqual([]);
});
