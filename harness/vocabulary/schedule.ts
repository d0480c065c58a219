/**
 * Schedules as people write them: `hart1@123456+20us,hart0@200us+event`. Hart 1 is preempted at guest time 123,456 ns and does not run for
 * 20 microseconds; then hart 0 at 200 microseconds, up to the next event of the clock.
 */
import type { Preemption } from '../../machine/spec/preemption.ts';

/** When harts are preempted. */
export type Schedule = readonly Preemption[];

/** In one schedule. */
export const MOST_PREEMPTIONS = 64;

const UNITS = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 } as const;
const PREEMPTION = /^hart([0-7])@(\d{1,15})(ns|us|ms|s)?\+(?:([1-9]\d{0,8})(ns|us|ms|s)|event)$/;

/** Why it is not a schedule, as the end of a sentence. */
export function parseSchedule(text: string): Schedule | { readonly problem: string } {
  const parts = text.split(',');
  if (parts.length > MOST_PREEMPTIONS) return { problem: `a schedule has at most ${MOST_PREEMPTIONS} preemptions` };
  const preemptions: Preemption[] = [];
  for (const part of parts) {
    const match = PREEMPTION.exec(part.trim());
    const at = match === null ? 0 : Number(match[2]) * unit(match[3] ?? 'ns');
    if (match === null || at > MOST_TIME)
      return { problem: `"${part}" is not a preemption; write one as hart1@123456+20us, with the hart, its guest time and for how long` };
    preemptions.push({ hart: Number(match[1]), at, for: match[4] === undefined ? 'event' : Number(match[4]) * unit(match[5]!) });
  }
  return preemptions;
}

/** Of guest time: beyond any limit, and exact. */
const MOST_TIME = 1e15;

function unit(name: string): number {
  return UNITS[name as keyof typeof UNITS];
}

export function scheduleText(preemptions: Schedule): string {
  return preemptions.map(({ hart, at, for: length }) => `hart${hart}@${at}+${length === 'event' ? length : timeText(length)}`).join(',');
}

/** In the largest unit in which it is whole. */
export function timeText(time: number): string {
  const name = (['s', 'ms', 'us'] as const).find((one) => time % UNITS[one] === 0) ?? 'ns';
  return `${time / UNITS[name]}${name}`;
}
