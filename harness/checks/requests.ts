/**
 * `requests`: several requests that drivers made. How many there were, what all of them must be, and in which order some of them must have
 * been made. Which ones are meant may depend on type and sector, which a `request` check leaves out (request-select.ts).
 */

import { z } from 'zod';
import { REQUEST_TYPES } from '../../machine/spec/virtio.ts';
import type { RequestEvidence } from '../evidence/evidence.ts';
import type { SelectionEvidence } from '../evidence/request-counts.ts';
import type { Detail } from '../result/result.ts';
import { count, name, requestType, someText } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import type { RequestInterest } from '../vocabulary/request-interest.ts';
import { shortName } from '../vocabulary/virtio-names.ts';
import { countText, isWithin } from './count.ts';
import { type CheckContext, defineCheck, driveMistakes, failed, PASSED, type Placement, type Question, type Verdict } from './kind.ts';
import { originQuestions } from './origin.ts';
import { type Expected, expect, explain, wrongProperties } from './request-expect.ts';
import { countOf, isMeant, leftOutOf, requestsSeen, requestTitle, whatThereIs } from './request-select.ts';

const text = z.strictObject({ console: someText().describe('Text on the console.') }).optional();

const selection = {
  drive: name().optional().describe('Only requests to this drive.'),
  type: requestType.optional().describe("Only requests of this type: a name of virtio's, or a number."),
  sector: count().optional().describe('Only requests whose header names this sector: a number, or min and max.'),
};

const step = z.strictObject(selection).refine((given) => Object.keys(given).length > 0, {
  error: 'this step says of no request that it is meant',
  params: { problem: 'missing-key', remedy: 'give it drive, type or sector' },
});

const schema = z
  .strictObject({
    of: z
      .strictObject({
        after: text.describe('Only requests that were made once the console had shown this text.'),
        before: text.describe('Only requests that were made before the console had shown this text.'),
        ...selection,
      })
      .default({})
      .describe('Which requests are meant; left out: all of them.'),
    count: count().optional().describe('How many there must be: a number, or min and max.'),
    all: expect.optional().describe('What each of them must be; there must be at least one.'),
    order: z
      .array(step)
      .min(1)
      .max(100)
      .optional()
      .describe('Requests that must have been made one after the other; others may lie between them.'),
  })
  .refine(({ count, all, order }) => count !== undefined || all !== undefined || order !== undefined, {
    error: 'nothing is said about these requests',
    params: { problem: 'missing-key', remedy: 'write count, all or order' },
  });

type ExpectedRequests = z.output<typeof schema>;
type Step = z.output<typeof step>;

/** What is wrong, as a part of the reason, with its details. */
interface Wrong {
  reason: string;
  details: Detail[];
  questions: Question[];
}

/** The requests that are meant, as far as they are kept, and what the run has counted of the others. */
interface Meant extends Pick<SelectionEvidence, 'leftOut' | 'wrong'> {
  requests: readonly RequestEvidence[];
  drive: string | undefined;
}

/** As a run looks for it (run/request-watch.ts). */
export function interestInSeveral({ of, all, order }: Pick<ExpectedRequests, 'of' | 'all' | 'order'>): RequestInterest {
  return { of, nth: null, all: all ?? null, steps: order ?? [] };
}

function mistakes({ of, order = [] }: ExpectedRequests, placement: Placement): Mistake[] {
  const named = [
    { path: ['of'] as (string | number)[], drive: of.drive },
    ...order.map(({ drive }, index) => ({ path: ['order', index], drive })),
  ];
  return named.flatMap(({ path, drive }) =>
    drive === undefined ? [] : driveMistakes(drive, placement).map((one) => ({ ...one, path: [...path, ...one.path] })),
  );
}

function evaluate(expected: ExpectedRequests, context: CheckContext): Verdict {
  const { evidence } = context;
  const seen = requestsSeen(expected.of, evidence);
  if ('reason' in seen) return failed(seen.reason, seen.details, { questions: seen.questions });
  const meant: Meant = { requests: seen.requests, drive: expected.of.drive, ...leftOutOf(interestInSeveral(expected), evidence) };
  const wrong = [
    ...wrongCount(expected.count, meant, context),
    ...wrongOnes(expected.all, meant, context),
    ...wrongOrder(expected.order, meant, context),
  ];
  if (wrong.length === 0) return PASSED;
  const reason = wrong.map((one) => one.reason).join('; ');
  return failed(
    reason,
    wrong.flatMap(({ details }) => details),
    { questions: wrong.flatMap(({ questions }) => questions) },
  );
}

function wrongCount(wanted: ExpectedRequests['count'], { requests, leftOut, drive }: Meant, { evidence }: CheckContext): Wrong[] {
  const made = requests.length + leftOut;
  if (wanted === undefined || isWithin(wanted, made)) return [];
  const details: Detail[] = [
    { kind: 'expected', text: `${countText(wanted)} of these requests` },
    ...whatThereIs(requests, drive, evidence, leftOut),
  ];
  return [{ reason: `${countOf(made, 'request')}, expected ${countText(wanted)}`, details, questions: [] }];
}

/** The first of those that are not as they must be is explained; all of them would be a long report about one mistake. */
function wrongOnes(
  wanted: Expected | undefined,
  { requests, leftOut, wrong: wrongLeftOut, drive }: Meant,
  { scenario, evidence }: CheckContext,
): Wrong[] {
  if (wanted === undefined) return [];
  // Of those that are meant, the first is always kept.
  if (requests.length === 0)
    return [{ reason: 'there is no such request', details: whatThereIs(requests, drive, evidence, 0), questions: [] }];
  const others = requests.filter((request) => wrongProperties(wanted, request).length > 0);
  const [first] = others;
  if (first === undefined) return [];
  const wrong = wrongProperties(wanted, first);
  const said = wrong.map(({ property, expected, found }) => `${property}: expected ${expected}, found ${found}`).join('; ');
  const reason = `${others.length + wrongLeftOut} of ${countOf(requests.length + leftOut, 'request')} not as expected, the first one ${requestTitle(first)}: ${said}`;
  const questions = originQuestions(
    wrong.flatMap(({ origins = [] }) => origins),
    first,
  );
  return [{ reason, details: explain(first, wrong, evidence, scenario.machine.memory), questions }];
}

/** Each step is the first such request after that of the step before: if any requests fit the steps, these do. */
function wrongOrder(steps: readonly Step[] = [], { requests, leftOut, drive }: Meant, { evidence }: CheckContext): Wrong[] {
  let next = 0;
  for (const [index, wanted] of steps.entries()) {
    const found = requests.findIndex((request, at) => at >= next && isMeant(wanted, request));
    if (found !== -1) {
      next = found + 1;
      continue;
    }
    const before = requests[next - 1];
    const early = requests.find((request) => isMeant(wanted, request));
    const details: Detail[] = [
      { kind: 'expected', text: `${stepText(wanted)}${before === undefined ? '' : ` after ${requestTitle(before)}`}` },
    ];
    if (early === undefined) details.push(...whatThereIs(requests, drive, evidence, leftOut));
    else details.push({ kind: 'found', text: `${requestTitle(early)}, which comes before it` });
    return [{ reason: `step ${index + 1} of ${steps.length} is missing or out of order`, details, questions: [] }];
  }
  return [];
}

/** `OUT, sector 3, to fs` */
function stepText({ drive, type, sector }: Step): string {
  const parts = [
    type === undefined ? 'a request' : shortName(REQUEST_TYPES, type),
    ...(sector === undefined ? [] : [`sector ${countText(sector)}`]),
    ...(drive === undefined ? [] : [`to ${drive}`]),
  ];
  return parts.join(', ');
}

export const requestsCheck = defineCheck({ schema, mistakes, evaluate });
