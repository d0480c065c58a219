/** `request`: one request that the driver made, property by property. */

import { z } from 'zod';
import { byteCount, name, someText } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import { type CheckContext, defineCheck, driveMistakes, failed, PASSED, type Placement, type Verdict } from './kind.ts';
import { originQuestions } from './origin.ts';
import { expect, explain, wrongProperties } from './request-expect.ts';
import { selectRequest } from './request-select.ts';

const schema = z.union([
  z.strictObject({
    after: z
      .strictObject({ console: someText().describe('Text on the console.') })
      .optional()
      .describe('Only requests that were made once the console had shown this text.'),
    nth: byteCount(1_000_000).default(1).describe('Which of them, from 1.'),
    drive: name().optional().describe('Only requests to this drive.'),
    expect: expect.optional().describe('What the request must be; left out, it only has to exist.'),
  }),
  z.strictObject({
    like: name().describe('The very request that this other check selected.'),
    expect: expect.optional().describe('What the request must be; left out, it only has to exist.'),
  }),
]);

/** As a rubric says it. */
export type WrittenRequest = z.output<typeof schema>;

/** As it is evaluated: it says itself which request is meant. */
type ExpectedRequest = Exclude<WrittenRequest, { like: string }>;

function mistakes(written: WrittenRequest, placement: Placement): Mistake[] {
  if ('like' in written || written.drive === undefined) return [];
  return driveMistakes(written.drive, placement);
}

/** Follows `like` to the check that says which request is meant. `others`: by id; the loader has refused unknown names, and cycles. */
export function withSelection(written: WrittenRequest, others: ReadonlyMap<string, WrittenRequest>): ExpectedRequest {
  if (!('like' in written)) return written;
  const other = others.get(written.like);
  if (other === undefined)
    throw new Error(`there is no check "${written.like}" about a request: the loader should have refused this rubric`);
  return { ...withSelection(other, others), expect: written.expect };
}

function evaluate(expected: ExpectedRequest, { scenario, evidence }: CheckContext): Verdict {
  const selected = selectRequest(expected, evidence);
  if (selected.request === null) return failed(selected.reason, selected.details, { questions: selected.questions });
  const wrong = wrongProperties(expected.expect ?? {}, selected.request);
  if (wrong.length === 0) return PASSED;
  const reason = wrong.map((one) => `${one.property}: expected ${one.expected}, found ${one.found}`).join('; ');
  const questions = originQuestions(
    wrong.flatMap(({ origins = [] }) => origins),
    selected.request,
  );
  return failed(reason, explain(selected.request, wrong, evidence, scenario.machine.memory), { questions });
}

export const requestCheck = defineCheck({ schema, mistakes, evaluate });
