/** `counts`: how many instructions, page faults, system calls, timer interrupts or context switches there were, between two texts or in all. */

import { z } from 'zod';
import { binaryOfText } from '../bytes/binary.ts';
import { groupedDigits } from '../bytes/grouped-digits.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { CountFact } from '../evidence/facts.ts';
import { quoted } from '../evidence/printable.ts';
import { COUNTED, type CountAsk, isSameCount } from '../vocabulary/facts.ts';
import { boundsInOrder, exactOrBounds, someText, whole } from '../vocabulary/fields.ts';
import { consoleDifference } from './console-difference.ts';
import { shownBy } from './console-text.ts';
import { countText, isWithin } from './count.ts';
import { type CheckContext, defineCheck, failed, PASSED, type Verdict } from './kind.ts';

/** Texts between which something is counted are compared with each byte of the console. */
const LONGEST_TEXT = 1000;
const text = () => someText().max(LONGEST_TEXT);

const schema = z
  .strictObject({
    of: z
      .union([z.enum(COUNTED), z.strictObject({ 'system-call': z.int().min(0).max(0xffff_ffff).describe('Its number, in a7.') })])
      .describe('What is counted: one of these, or only system calls with a number.'),
    between: z
      .tuple([text(), text()])
      .optional()
      .describe('Two texts on the console, the second one after the first; left out: it is counted in the whole run.'),
    is: whole().optional().describe('Exactly so many.'),
    min: whole().optional().describe('At least so many.'),
    max: whole().optional().describe('At most so many.'),
  })
  .refine(({ is, min, max }) => is !== undefined || min !== undefined || max !== undefined, {
    error: 'nothing is said about this number',
    params: { problem: 'missing-key', remedy: 'write is, min or max' },
  })
  .refine(...exactOrBounds)
  .refine(...boundsInOrder);

type ExpectedCount = z.output<typeof schema>;

function askOf({ of, between }: ExpectedCount): CountAsk {
  const kind = typeof of === 'string' ? { of, systemCall: null } : { of: 'system-calls' as const, systemCall: String(of['system-call']) };
  return { ...kind, between: between === undefined ? null : { from: between[0], to: between[1] } };
}

function factOf(ask: CountAsk, { facts }: Evidence): CountFact {
  const found = facts?.counts.find((one) => isSameCount(one, ask));
  if (found === undefined) throw new Error(`the evidence has no count of ${ask.of}`);
  return found;
}

const NAMES: Record<CountAsk['of'], readonly [one: string, many: string]> = {
  instructions: ['instruction', 'instructions'],
  'page-faults': ['page fault', 'page faults'],
  'system-calls': ['system call', 'system calls'],
  'timer-interrupts': ['timer interrupt', 'timer interrupts'],
  'context-switches': ['context switch', 'context switches'],
  nanoseconds: ['nanosecond', 'nanoseconds'],
};

function evaluate(expected: ExpectedCount, { evidence }: CheckContext): Verdict {
  const ask = askOf(expected);
  const { count } = factOf(ask, evidence);
  const where = ask.between === null ? '' : ` between ${quoted(ask.between.from, 60)} and ${quoted(ask.between.to, 60)}`;
  if (count === null) {
    const { from, to } = ask.between!;
    const console = shownBy(evidence);
    const missing = console.indexOf(binaryOfText(from)) === -1 ? from : to;
    const which = missing === from ? '' : ` after ${quoted(from, 60)}`;
    return failed(`the console never shows ${quoted(missing, 60)}${which}`, consoleDifference(console, missing));
  }
  const { is, min = 0, max = Number.MAX_SAFE_INTEGER } = expected;
  const bounds = is === undefined ? { min, max } : { min: is, max: is };
  if (isWithin(bounds, count)) return PASSED;
  const [one, many] = NAMES[ask.of];
  const call = ask.systemCall === null ? '' : ` ${ask.systemCall}`;
  return failed(`${groupedDigits(count)} ${count === 1 ? one : many}${where}, expected ${countText(bounds)}`, [
    { kind: 'expected', text: `${countText(bounds)} ${many}${call}${where}` },
    { kind: 'found', text: groupedDigits(count) },
  ]);
}

export const countsCheck = defineCheck({ schema, asks: (expected) => ({ counts: [askOf(expected)] }), evaluate });
