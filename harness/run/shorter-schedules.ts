/**
 * Makes a schedule under which something fails as small as it can be while the same still fails: fewer preemptions and delayed stores, then one
 * preemption for several of the same hart, and then shorter ones.
 */
import { isDelayedStore } from '../../machine/index.ts';
import type { Schedule } from '../vocabulary/schedule.ts';

/** Lengths that are tried, in nanoseconds: what a person reads easily. */
const LENGTHS = [1e6, 5e5, 2e5, 1e5, 5e4, 2e4, 1e4, 5e3, 2e3, 1e3, 500, 200, 100];

/** `harts`: how many there are. `fails`: whether it still does; undefined once no more is to be tried. */
export function shortest(schedule: Schedule, harts: number, fails: (schedule: Schedule) => boolean | undefined): Schedule {
  return withShortest(joined(withFewest(schedule, fails), fails), harts, fails);
}

/** Leaves out the half of them, then quarters, down to single ones, as often as that helps (Zeller, "Isolating failure-inducing input", delta debugging). */
function withFewest(schedule: Schedule, fails: (schedule: Schedule) => boolean | undefined): Schedule {
  let best = schedule;
  for (let size = Math.ceil(best.length / 2); ; size = Math.ceil(size / 2)) {
    for (let end = best.length; end > 0 && best.length > 1; end -= size) {
      const from = Math.max(0, end - size);
      // The same hart's later ones come earlier by what it does not wait, or stay where they are: both may meet what matters.
      const fewer = [without(best, from, end), [...best.slice(0, from), ...best.slice(end)]];
      best = fewer.find((one) => one.length > 0 && fails(one) === true) ?? best;
    }
    if (size === 1) return best;
  }
}

/** A hart that is held up several times only to come late may as well be held up once. */
function joined(schedule: Schedule, fails: (schedule: Schedule) => boolean | undefined): Schedule {
  let best = schedule;
  for (let index = 0; index < best.length - 1; ) {
    const tried = withNext(best, index);
    if (tried !== undefined && fails(tried) === true) best = tried;
    else index++;
  }
  return best;
}

/** With one preemption for it and the same hart's next one, for as long as both together: the later ones of the hart stay where they are. */
function withNext(schedule: Schedule, index: number): Schedule | undefined {
  const one = schedule[index]!;
  if (isDelayedStore(one)) return undefined;
  const next = schedule.findIndex((other, at) => at > index && other.hart === one.hart && !isDelayedStore(other));
  const [own, length] = [one.for, schedule[next]?.for];
  if (length === undefined || length === 'event' || own === 'event') return undefined;
  return schedule.flatMap((other, at) => (at === next ? [] : [at === index ? { ...one, for: own + length } : other]));
}

function without(schedule: Schedule, from: number, to: number): Schedule {
  let left = schedule;
  for (let index = to - 1; index >= from; index--) left = changed(left, index, undefined);
  return left;
}

function withShortest(schedule: Schedule, harts: number, fails: (schedule: Schedule) => boolean | undefined): Schedule {
  let best = schedule;
  for (const index of schedule.keys()) {
    const { for: length } = best[index]!;
    if (length === 'event') {
      if (harts === 1) continue;
      // There may be no event, and then it only ends the turn.
      const tried = changed(best, index, LENGTHS.at(-1));
      if (fails(tried) === true) best = tried;
      continue;
    }
    const shorter = LENGTHS.filter((one) => one < length);
    const first = shorter.findIndex((one) => fails(changed(best, index, one)) !== true);
    const found = first < 0 ? shorter.at(-1) : shorter[first - 1];
    // Where none is short enough, a round number is still easier to read.
    const round = found ?? LENGTHS.findLast((one) => one > length);
    if (round === undefined) continue;
    const tried = changed(best, index, round);
    if (found !== undefined || fails(tried) === true) best = tried;
  }
  return best;
}

/** With a different length for one of them, or without it. The same hart's later ones come as much earlier as it has to wait less. */
function changed(schedule: Schedule, index: number, length: number | undefined): Schedule {
  const one = schedule[index]!;
  const less = one.for === 'event' || isDelayedStore(one) ? 0 : one.for - (length ?? 0);
  return schedule.flatMap((other, at) => {
    if (at === index) return length === undefined ? [] : [{ ...other, for: length }];
    return [at > index && other.hart === one.hart ? { ...other, at: Math.max(other.at - less, one.at) } : other];
  });
}
