/**
 * Schedules as people write them: `hart1@123456+20us,hart0:store@200us+5us`. Hart 1 is preempted at guest time 123,456 ns and does not run for
 * 20 microseconds (`+event`: up to the next event of the clock); and what hart 0 stores at 200 microseconds is seen by others 5 microseconds late.
 */
import { isDelayedStore, type Schedule, type ScheduleItem } from '../../machine/spec/schedule.ts';
import { MOST_HARTS } from '../../machine/spec/virt-board.ts';

export type { Schedule };

/** In one schedule. */
export const MOST_ITEMS = 64;

const UNITS = { ns: 1, us: 1e3, ms: 1e6, s: 1e9 } as const;
const ITEM = /^hart(\d{1,9})(:store)?@(\d{1,15})(ns|us|ms|s)?\+(?:([1-9]\d{0,8})(ns|us|ms|s)|event)$/;

/** Why it is not a schedule, as the end of a sentence. */
export function parseSchedule(text: string): Schedule | { readonly problem: string } {
  const parts = text.split(',');
  if (parts.length > MOST_ITEMS) return { problem: `a schedule has at most ${MOST_ITEMS} preemptions and delayed stores` };
  const items: ScheduleItem[] = [];
  for (const part of parts) {
    const item = parseItem(part.trim());
    if (item === undefined) {
      const [preemption, store] = ['hart1@123456+20us', 'hart1:store@123456+20us'];
      return {
        problem: `"${part}" is neither a preemption nor a delayed store; write ${preemption} or ${store}, with the hart, its guest time and for how long`,
      };
    }
    if (item.hart >= MOST_HARTS)
      return { problem: `"${part}" names hart ${item.hart}: a machine has at most ${MOST_HARTS} harts, hart0 to hart${MOST_HARTS - 1}` };
    items.push(item);
  }
  return items;
}

function parseItem(text: string): ScheduleItem | undefined {
  const match = ITEM.exec(text);
  if (match === null) return undefined;
  const [hart, at] = [Number(match[1]), Number(match[3]) * unit(match[4] ?? 'ns')];
  if (at > MOST_TIME) return undefined;
  const length = match[5] === undefined ? 'event' : Number(match[5]) * unit(match[6]!);
  if (match[2] === undefined) return { hart, at, for: length };
  return length === 'event' ? undefined : { delays: 'store', hart, at, for: length };
}

/** Of guest time: beyond any limit, and exact. */
const MOST_TIME = 1e15;

function unit(name: string): number {
  return UNITS[name as keyof typeof UNITS];
}

export function scheduleText(schedule: Schedule): string {
  return schedule
    .map((item) => {
      const length = item.for === 'event' ? item.for : timeText(item.for);
      return `hart${item.hart}${isDelayedStore(item) ? ':store' : ''}@${item.at}+${length}`;
    })
    .join(',');
}

/** In the largest unit in which it is whole. */
export function timeText(time: number): string {
  const name = (['s', 'ms', 'us'] as const).find((one) => time % UNITS[one] === 0) ?? 'ns';
  return `${time / UNITS[name]}${name}`;
}
