/**
 * `takes`: how much guest time lies between two texts, as a kernel that sleeps or waits is to take it. The run records the moments at which the
 * console has shown each of them (fact-watch.ts), to the instruction.
 */
import { z } from 'zod';
import type { Evidence } from '../evidence/evidence.ts';
import { guestTime } from '../evidence/guest-time.ts';
import { quoted } from '../evidence/printable.ts';
import type { Detail } from '../result/result.ts';
import { type CountAsk, isSameCount } from '../vocabulary/facts.ts';
import { guestTimeSpan, someText } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { boundsInWords, find, missing } from './console-sought.ts';
import { lineAt, type Shown } from './console-text.ts';
import { failed, PASSED, type Verdict } from './kind.ts';

/** The texts are compared with each byte of the console while the kernel runs. */
const LONGEST_TEXT = 1000;

export const takesSchema = z.strictObject({
  takes: z
    .strictObject({
      min: guestTimeSpan().optional().describe('At least so long.'),
      max: guestTimeSpan().optional().describe('At most so long.'),
    })
    .describe("Time of the guest's clock between the ends of two texts: 900ms, 2s (ns, us, ms, s)."),
  from: someText().max(LONGEST_TEXT).describe('The text after which the time begins.'),
  to: someText().max(LONGEST_TEXT).describe('The text with which it ends, shown after the first one.'),
});

export type Takes = z.output<typeof takesSchema>;

export function takesMistakes({ takes: { min, max } }: Takes): Mistake[] {
  if (min === undefined && max === undefined)
    return [{ path: ['takes'], code: 'missing-key', message: 'how long is missing', remedy: 'give it `min` or `max`' }];
  if ((min ?? 0) <= (max ?? Number.MAX_SAFE_INTEGER)) return [];
  return [{ path: ['takes', 'min'], code: 'out-of-range', message: '`min` is longer than `max`' }];
}

export function asksOfTakes({ from, to }: Takes): CountAsk {
  return { of: 'nanoseconds', systemCall: null, between: { from, to } };
}

export function takes(expected: Takes, evidence: Evidence, console: Shown): Verdict {
  const ask = asksOfTakes(expected);
  const fact = evidence.facts?.counts.find((one) => isSameCount(one, ask));
  if (fact === undefined) throw new Error('the evidence does not say when the console showed the texts');
  const { from, to } = expected;
  const begin = find(console, { contains: from });
  const end = begin === null ? null : find(console, { contains: to }, begin.end);
  if (fact.count === null || begin === null || end === null) {
    const text = begin === null ? from : to;
    const which = begin === null ? '' : ` after ${quoted(from, 60)}`;
    return failed(
      `the console never shows ${quoted(text, 60)}${which}`,
      missing(console.part(begin?.end ?? console.start, console.end), { contains: text }),
    );
  }
  const { min, max } = expected.takes;
  if (fact.count >= (min ?? 0) && fact.count <= (max ?? Number.MAX_SAFE_INTEGER)) return PASSED;
  const bounds = boundsInWords(min, max, guestTime);
  const details: Detail[] = [
    { kind: 'expected', text: `${bounds} of the guest's time from ${quoted(from)} to ${quoted(to)}` },
    { kind: 'found', text: guestTime(fact.count, 3) },
    lineAt(console, begin.start),
    lineAt(console, end.start),
  ];
  return failed(`it takes ${guestTime(fact.count)}, ${fact.count < (min ?? 0) ? 'too short' : 'too long'}`, details);
}
