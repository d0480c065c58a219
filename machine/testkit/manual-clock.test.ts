import { expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';

it('makes calls at their time, in the order of time and then of scheduling, also those scheduled on the way', () => {
  const clock = new ManualClock();
  const calls: [string, number][] = [];
  const call = (name: string) => () => {
    calls.push([name, clock.now()]);
  };
  clock.schedule(20, call('late'));
  clock.schedule(10, () => {
    call('first')();
    clock.schedule(5, call('past means now'));
  });
  clock.schedule(10, call('second'));
  const cancelled = clock.schedule(15, call('never'));
  clock.schedule(31, call('not yet'));
  cancelled.cancel();
  cancelled.cancel();
  clock.advance(30);
  expect(calls).toEqual([
    ['first', 10],
    ['second', 10],
    ['past means now', 10],
    ['late', 20],
  ]);
  expect([clock.now(), clock.scheduled()]).toEqual([30, 1]);
});
