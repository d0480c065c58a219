import { expect, it } from 'vitest';
import { Random } from '../../machine/testkit/random.ts';
import { MOST_ITEMS, parseSchedule, scheduleText } from './schedule.ts';

it('is a list of harts, guest times and lengths', () => {
  expect(parseSchedule('hart1@123456+20us, hart0@200us+event,hart7@0+3ns')).toEqual([
    { hart: 1, at: 123_456, for: 20_000 },
    { hart: 0, at: 200_000, for: 'event' },
    { hart: 7, at: 0, for: 3 },
  ]);
});

it('also says which stores others see late', () => {
  expect(parseSchedule('hart0:store@123us+20us,hart0@5+1us')).toEqual([
    { delays: 'store', hart: 0, at: 123_000, for: 20_000 },
    { hart: 0, at: 5, for: 1_000 },
  ]);
});

it('is written so that it is read again', () => {
  const text = 'hart1@123456+20us,hart0@200000+event,hart2@5+1001ns,hart0:store@6+77ns,hart2@6+1s,hart2@7+2500us';
  expect(scheduleText(parseSchedule(text) as never)).toBe(text);
});

it.each([
  '',
  'hart1',
  'hart1@5',
  'hart1@5+0us',
  'hart1@5+1',
  'hart1@-5+1us',
  'hart1@999999999999999s+1us',
  'hart1@5+1us,',
  '1@5+1us',
  'hart1:store@5+event',
  'hart1:store@5',
  'hart1:stores@5+1us',
  'hart1:@5+1us',
  ':store@5+1us',
])('is not %j', (text) => {
  expect(parseSchedule(text)).toMatchObject({
    problem: expect.stringContaining('is neither a preemption nor a delayed store; write hart1@123456+20us or hart1:store@123456+20us'),
  });
});

it('has a bound', () => {
  const text = (count: number) => Array.from({ length: count }, () => 'hart0@5+1us').join(',');
  expect(parseSchedule(text(MOST_ITEMS))).toHaveLength(MOST_ITEMS);
  expect(parseSchedule(text(MOST_ITEMS + 1))).toEqual({ problem: 'a schedule has at most 64 preemptions and delayed stores' });
});

it.each([
  ['hart9@1+1us', 9],
  ['hart0@5+1us,hart8:store@5+1us', 8],
  ['hart10@1+event', 10],
])('says of %j that no machine has that hart', (text, hart) => {
  const { problem } = parseSchedule(text) as { problem: string };
  expect(problem).toMatch(new RegExp(`^"[^"]*" names hart ${hart}: a machine has at most 8 harts, hart0 to hart7$`));
});

it('is read or refused whatever stands there, and what was read is written so that it is read again', () => {
  const random = new Random(17);
  const signs = 'hart0123456789:store@+,unmevq \u0000é';
  let read = 0;
  for (let round = 0; round < 20_000; round++) {
    const text = ['hart1@123456+20us', 'hart0:store@8350+2us', 'hart3@7ms+event']
      .slice(0, 1 + random.below(3))
      .join(',')
      .split('');
    for (let changes = random.below(4); changes > 0; changes--)
      text.splice(random.below(text.length), random.below(2), signs[random.below(signs.length)]!);
    const parsed = parseSchedule(text.join(''));
    if ('problem' in parsed) continue;
    read++;
    expect(parseSchedule(scheduleText(parsed))).toEqual(parsed);
  }
  expect(read).toBeGreaterThan(5_000);
});
