/** How a score came about, where it is not the sum of the checks' points alone. */
import { z } from 'zod';
import { count, flag, type Saved, text } from '../evidence/fields.ts';

export const points = z.number().min(0).meta({ id: 'points', description: 'a number, 0 or more' });

const percent = z.number().min(0).max(100).meta({ id: 'percent', description: 'a number, 0 to 100' });

const groupSchema = z
  .object({
    id: text.describe('its name in the rubric'),
    title: text.describe('its title in the rubric; empty if there is none'),
    hidden: flag.describe('whether all of its checks are hidden; a result for students does not have it then'),
    earned: points.describe('the sum of its checks, without those that are a bonus'),
    score: points.nullable().describe('what counts of that; `null` if one of its checks is errored'),
    maxScore: points.describe('what the group is worth'),
    cap: points.nullable().describe("the rubric's `cap`; `null` if there is none"),
    allOrNothing: flag.describe('whether it is worth nothing unless all of its checks that have points pass'),
  })
  .meta({ id: 'group', description: 'Checks that the rubric puts together.' });

const latenessSchema = z
  .object({
    days: count.describe('days that had begun after the deadline'),
    percent: percent.describe('how much of the earned points is deducted'),
    deducted: points.describe('the same in points'),
  })
  .meta({ id: 'lateness', description: 'What a late hand-in costs.' });

export const scoreSchema = z
  .object({
    earned: points.nullable().describe('the points before anything is deducted for lateness; `null` when errored'),
    bonus: points.describe('how many of them are from checks that are a bonus, which `maxScore` does not count'),
    groups: z.array(groupSchema).describe('in the order of the rubric'),
    late: latenessSchema.nullable().describe('`null` if nothing is deducted'),
  })
  .meta({ id: 'score', description: 'How the score came about, where the rubric has groups, a bonus or a rule for lateness.' });

export type ScoreParts = Saved<typeof scoreSchema>;
export type GroupScore = ScoreParts['groups'][number];
export type Lateness = NonNullable<ScoreParts['late']>;
