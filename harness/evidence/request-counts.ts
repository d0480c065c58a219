/** How many requests there were, and which of them a check is about, where a run made more than are kept whole. Part of evidence.ts. */
import { z } from 'zod';
import { count, mapOf, type Saved, sha256, text } from './fields.ts';
import type { RequestEvidence } from './request.ts';

export const requestCountSchema = z
  .object({
    drive: text.describe("the drive's name in the rubric"),
    type: count
      .nullable()
      .describe('type in the header; `null` for chains without a whole header, and for all types beyond 64 different ones'),
    made: count.describe('how many there were'),
    phantoms: count.describe('how many of them the driver never made (`phantom` of a request)'),
    answers: mapOf(text, count).describe(
      'how many were completed, by the status byte that the device wrote, in decimal; `none`: it could not write one',
    ),
  })
  .meta({
    id: 'request-count',
    description: "How many requests of one type a drive has had: those that are not among the run's `requests` as well.",
  });

export const selectionSchema = z
  .object({
    key: sha256.describe('of what the check says of the requests that it is about'),
    leftOut: count.describe('how many of the requests that it is about are only counted'),
    wrong: count.describe('how many of those are not as the check says that all must be'),
    request: z
      .object({ drive: text.describe("the drive's name in the rubric"), number: count.describe('its `number`') })
      .nullable()
      .describe('the one request that the check is about; `null` if there is none, or if it is about several'),
  })
  .meta({
    id: 'selection',
    description: 'What a check asks of requests: those that it is about are kept, or counted in the way that it asks.',
  });

export type RequestCountEvidence = Saved<typeof requestCountSchema>;
export type SelectionEvidence = Saved<typeof selectionSchema>;

/** Of a run of which all requests are known. */
export function countsOf(requests: readonly RequestEvidence[]): RequestCountEvidence[] {
  const groups = new Map<string, RequestCountEvidence>();
  for (const { drive, type, phantom, completion } of requests) {
    const key = `${drive} ${type}`;
    const { made, phantoms, answers } = groups.get(key) ?? { made: 0, phantoms: 0, answers: {} as Readonly<Record<string, number>> };
    const status = completion === null ? null : String(completion.status ?? 'none');
    const counted = status === null ? answers : { ...answers, [status]: (answers[status] ?? 0) + 1 };
    groups.set(key, { drive, type, made: made + 1, phantoms: phantoms + (phantom ? 1 : 0), answers: counted });
  }
  return [...groups.values()];
}

/** The requests of one drive until the first that was left out. */
export function beforeGap(requests: readonly RequestEvidence[]): readonly RequestEvidence[] {
  const gap = requests.findIndex(({ number }, index) => number !== index + 1);
  return gap < 0 ? requests : requests.slice(0, gap);
}

/** Requests that drivers made: of one drive and of one type, or of all. Pure. */
export function requestsMade(
  counts: readonly RequestCountEvidence[],
  { drive, type }: { drive?: string; type?: number | null } = {},
): number {
  return counts
    .filter((one) => (drive === undefined || one.drive === drive) && (type === undefined || one.type === type))
    .reduce((sum, one) => sum + one.made - one.phantoms, 0);
}
