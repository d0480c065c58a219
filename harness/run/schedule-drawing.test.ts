import { expect, it } from 'vitest';
import type { Schedule } from '../vocabulary/schedule.ts';
import type { Candidate, CandidatesUnder, StoreCandidate } from './candidates.ts';
import { drawSchedules } from './schedule-drawing.ts';

/** Nothing else is known than the run without a schedule. */
const NOTHING: CandidatesUnder = () => undefined;
const preempting = (preemptions: readonly Candidate[], draw: { seed: number; runs: number }, harts: number, under = NOTHING) =>
  drawSchedules({ preemptions, stores: [] }, { ...draw, delaysStores: false }, harts, under);

const candidates: readonly Candidate[] = [
  ...Array.from({ length: 1000 }, (_, time) => ({ hart: 0, time: 5000 + time, pc: 0x100n, address: 8n })),
  { hart: 1, time: 700, pc: 0x104n, address: 16n },
  { hart: 1, time: 9000, pc: 0x108n, address: 24n },
];

it('are decided by the seed, and each is the same however many are drawn', () => {
  const of = (seed: number, runs: number) => preempting(candidates, { seed, runs }, 2);
  expect(of(7, 100)).toEqual(of(7, 100));
  expect(of(7, 100).slice(0, 10)).toEqual(of(7, 10));
  expect(of(7, 100)).not.toEqual(of(8, 100));
  expect(new Set(of(7, 100).map((one) => JSON.stringify(one))).size).toBe(100);
});

it('preempt only where harts may differ, and a place that was passed once as often as one that was passed a thousand times', () => {
  const drawn = preempting(candidates, { seed: 1, runs: 400 }, 2).filter((schedule) => schedule.length === 1);
  expect(drawn.length).toBeGreaterThan(50);
  const [first] = [drawn.map(([one]) => one!)];
  for (const { hart, at } of first) expect(candidates.some((one) => one.hart === hart && one.time === at)).toBe(true);
  const once = first.filter(({ at }) => at === 700).length;
  expect(once / first.length).toBeGreaterThan(0.2);
  expect(once / first.length).toBeLessThan(0.5);
});

it('count the time that a hart was preempted before', () => {
  for (const schedule of preempting(
    [
      { hart: 0, time: 10, pc: 1n, address: 32n },
      { hart: 0, time: 90, pc: 2n, address: 40n },
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
  const all = preempting([{ hart: 0, time: 10, pc: 1n, address: 48n }], { seed: 1, runs: 20 }, 1).flat();
  expect(new Set(all.map((one) => one.for))).toEqual(new Set(['event']));
});

it('are none where nothing is shared', () => {
  expect(preempting([], { seed: 1, runs: 20 }, 2)).toEqual([]);
});

const stores: readonly StoreCandidate[] = [
  { hart: 0, time: 5500, pc: 0x200n, address: 56n, until: 5502 },
  { hart: 1, time: 690, pc: 0x204n, address: 64n, until: Number.POSITIVE_INFINITY },
];
const delaying = (preemptions: readonly Candidate[], runs: number, harts: number) =>
  drawSchedules({ preemptions, stores }, { seed: 1, runs, delaysStores: true }, harts, NOTHING);

it('delay stores in every second one, and preempt the same hart soon after most of these', () => {
  const drawn = delaying(candidates, 400, 2);
  expect(drawn.filter((_, index) => index % 2 === 0)).toEqual(
    preempting(candidates, { seed: 1, runs: 400 }, 2).filter((_, index) => index % 2 === 0),
  );
  const delayed = drawn.filter((_, index) => index % 2 === 1);
  expect(delayed.every((schedule) => schedule.some((item) => 'delays' in item))).toBe(true);
  const single = delayed.filter((schedule) => schedule.filter((item) => 'delays' in item).length === 1);
  for (const [store, preemption] of single) {
    expect(stores).toContainEqual(expect.objectContaining({ hart: store!.hart, time: store!.at }));
    if (preemption === undefined) continue;
    expect(preemption.hart).toBe(store!.hart);
    expect(store!.hart === 0 ? [5501, 5502] : [700, 9000]).toContain(preemption.at);
    expect(preemption.for).toBeLessThan(store!.for as number);
  }
  const both = single.filter((schedule) => schedule.length === 2).length / single.length;
  expect(both).toBeGreaterThan(0.55);
  expect(both).toBeLessThan(0.85);
});

it('only delay stores where no order of harts matters, as with a device', () => {
  const drawn = delaying([], 20, 2);
  expect(drawn).toHaveLength(20);
  expect(drawn.flat().every((item) => 'delays' in item)).toBe(true);
});

it('preempt more often where harts meet under a schedule, and begin with that schedule then', () => {
  const under = (): readonly Candidate[] => {
    const meeting = { hart: 1, time: 90_200, pc: 0x10cn, address: 2400n };
    return [...candidates, { hart: 0, time: 90_000, pc: 0x100n, address: 2400n }, meeting, { ...meeting, time: 99_000, address: 3200n }];
  };
  const drawn = preempting(candidates, { seed: 1, runs: 400 }, 2, under);
  const isAtMeeting = (schedule: Schedule) =>
    schedule.length > 4 && schedule.some(({ hart, at }) => (hart === 0 && at === 90_000) || (hart === 1 && at === 90_200));
  expect(drawn.filter(isAtMeeting).length / drawn.length).toBeGreaterThan(0.4);
  // Nobody else is near the other access at that time.
  expect(drawn.some((schedule) => schedule.some(({ hart, at }) => hart === 1 && at >= 98_000 && at <= 100_000))).toBe(false);
});
