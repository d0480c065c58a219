import { expect, it } from 'vitest';
import type { Schedule } from '../vocabulary/schedule.ts';
import { shortest } from './shorter-schedules.ts';

const long: Schedule = [
  { hart: 0, at: 100, for: 777 },
  { hart: 1, at: 200, for: 123_456 },
  { hart: 0, at: 5000, for: 'event' },
  { hart: 1, at: 200_000, for: 33_333 },
  { hart: 0, at: 300_000, for: 400 },
];

it('has the fewest preemptions, and the shortest, with which it still fails', () => {
  // Hart 1 has to be away for 15 microseconds.
  const needed = (schedule: Schedule) =>
    schedule.some((one) => one.hart === 1 && one.at === 200 && one.for !== 'event' && one.for >= 15_000);
  expect(shortest(long, 2, needed)).toEqual([{ hart: 1, at: 200, for: 20_000 }]);
});

it('keeps two that are needed together', () => {
  const needed = (schedule: Schedule) => ['0@100', '0@300000'].every((one) => schedule.some(({ hart, at }) => `${hart}@${at}` === one));
  expect(shortest(long, 2, needed).map(({ hart, at }) => `${hart}@${at}`)).toEqual(['0@100', '0@300000']);
});

it('holds a hart up once instead of several times, where it only has to come late', () => {
  const many = [10, 500, 900].map((at) => ({ hart: 1, at, for: 300 }));
  // Until 1 microsecond is over hart 1 has to be away for 600 ns, and hart 0 to be held up after that.
  const needed = (schedule: Schedule) => {
    const away = schedule.flatMap(({ hart, at, for: length }) => (hart === 1 && at < 1000 && length !== 'event' ? [length] : []));
    return away.reduce((sum, one) => sum + one, 0) >= 600 && schedule.some(({ hart, at }) => hart === 0 && at === 2000);
  };
  expect(shortest([...many, { hart: 0, at: 2000, for: 5000 }], 2, needed)).toEqual([
    { hart: 1, at: 10, for: 1000 },
    { hart: 0, at: 2000, for: 100 },
  ]);
});

it('moves what follows by what a hart does not wait any more', () => {
  const schedule: Schedule = [
    { hart: 1, at: 50, for: 1000 },
    { hart: 1, at: 2000, for: 300 },
  ];
  expect(shortest(schedule, 2, (tried) => tried.some(({ at }) => at === 1000) || tried.length === 2)).toEqual([
    { hart: 1, at: 1000, for: 100 },
  ]);
});

it('leaves out and shortens delayed stores as well, after which a hart comes no later to what follows', () => {
  const schedule: Schedule = [
    { delays: 'store', hart: 0, at: 100, for: 7_777 },
    { delays: 'store', hart: 0, at: 150, for: 500_000 },
    { hart: 0, at: 300, for: 4_000 },
  ];
  const needed = (tried: Schedule) =>
    tried.some((item) => 'delays' in item && item.at === 150 && item.for >= 3000) &&
    tried.some((item) => !('delays' in item) && item.at === 300);
  expect(shortest(schedule, 2, needed)).toEqual([
    { delays: 'store', hart: 0, at: 150, for: 5_000 },
    { hart: 0, at: 300, for: 100 },
  ]);
});

it('stops where no more is to be tried', () => {
  let left = 3;
  expect(shortest(long, 2, () => (left-- > 0 ? false : undefined))).toEqual(long);
});

it('lasts until the next event only where that is needed, or with one hart', () => {
  const schedule: Schedule = [{ hart: 0, at: 5000, for: 'event' }];
  expect(shortest(schedule, 2, () => true)).toEqual([{ hart: 0, at: 5000, for: 100 }]);
  expect(shortest(schedule, 2, ([one]) => one?.for === 'event')).toEqual(schedule);
  expect(shortest(schedule, 1, () => true)).toEqual(schedule);
});
