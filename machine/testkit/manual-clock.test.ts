import { expect, it } from 'vitest';
import { ManualClock } from './manual-clock.ts';

it('rings alarms at their time, in the order of time and then of being set, also those set on the way', () => {
  const clock = new ManualClock();
  const rung: [string, number][] = [];
  const set = (at: number, name: string, then: () => void = () => undefined) => {
    const alarm = clock.alarm(() => {
      rung.push([name, clock.now()]);
      then();
    });
    alarm.at = at;
    return alarm;
  };
  set(20, 'late');
  set(10, 'first', () => set(5, 'past means now'));
  set(10, 'second');
  const taken = set(15, 'never');
  const moved = set(31, 'not yet');
  taken.at = undefined;
  taken.at = undefined;
  clock.advance(30);
  expect(rung).toEqual([
    ['first', 10],
    ['second', 10],
    ['past means now', 10],
    ['late', 20],
  ]);
  expect([clock.now(), clock.scheduled(), moved.at]).toEqual([30, 1, 31]);
});
