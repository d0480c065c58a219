/** `groups:` in a rubric, and `late:` of its submission: schemas, types and the mistakes that a schema cannot see. */
import { z } from 'zod';
import { suggestion } from '../vocabulary/did-you-mean.ts';
import { name, percent, someText } from '../vocabulary/fields.ts';
import type { Mistake } from '../vocabulary/problem.ts';
import type { LateRule } from '../vocabulary/submission.ts';
import { asList, asMap, asText } from './loose.ts';

const MOST_GROUPS = 100;

const group = z.strictObject({
  title: someText().optional().describe('What the group is about, for people.'),
  cap: z.number().min(0).max(1_000_000).optional().describe('The most points that its checks give together.'),
  'all-or-nothing': z
    .boolean()
    .optional()
    .describe('true: it gives no points unless all of its checks that have points pass. Default: false.'),
});

export const groupsSchema = z
  .record(name(), group)
  .refine((all) => Object.keys(all).length <= MOST_GROUPS, { error: `at most ${MOST_GROUPS} groups` });

export const lateSchema = z.strictObject({
  'per-day': percent().describe('How much of the earned points is deducted for each day that has begun after the deadline, e.g. 10%.'),
  most: percent().optional().describe('The most that is deducted. Default: 100%.'),
});

export interface Group {
  id: string;
  /** Empty if the rubric gives none. */
  title: string;
  cap: number | null;
  allOrNothing: boolean;
}

export function resolveGroups(written: z.output<typeof groupsSchema> = {}): Group[] {
  return Object.entries(written).map(([id, { title, cap, 'all-or-nothing': allOrNothing }]) => {
    return { id, title: title ?? '', cap: cap ?? null, allOrNothing: allOrNothing ?? false };
  });
}

export function resolveLate(written: z.output<typeof lateSchema> | undefined): LateRule | null {
  return written === undefined ? null : { perDay: written['per-day'], most: written.most ?? 100 };
}

export function pointMistakes(rubric: unknown): Mistake[] {
  const { groups, checks, submission, 'hidden-checks': published } = asMap(rubric);
  const written = asMap(groups);
  const all = asList(checks).map(asMap);
  return [
    ...all.flatMap((check, index) => unknownGroup(asText(check['group']), index, Object.keys(written))),
    ...Object.entries(written).flatMap(([id, one]) =>
      groupMistakes(
        id,
        // In a rubric that was published, hidden checks of the group are missing.
        published === undefined ? asMap(one)['cap'] : undefined,
        all.filter((check) => check['group'] === id),
      ),
    ),
    ...lateMistakes(asMap(submission)),
  ];
}

function unknownGroup(id: string | null, index: number, groups: readonly string[]): Mistake[] {
  if (id === null || groups.includes(id)) return [];
  const remedy = groups.length > 0 ? suggestion(id, groups) : `groups are written at the top: groups: { ${id}: { title: TEXT } }`;
  return [{ path: ['checks', index, 'group'], code: 'unknown-group', message: `there is no group "${id}"`, remedy }];
}

function groupMistakes(id: string, cap: unknown, checks: readonly Record<string, unknown>[]): Mistake[] {
  const path = ['groups', id];
  if (checks.length === 0) {
    return [{ path, atKey: true, code: 'unknown-group', message: 'no check is in this group', remedy: `give its checks group: ${id}` }];
  }
  const points = checks.filter((check) => check['bonus'] !== true).map((check) => check['points']);
  if (typeof cap !== 'number' || !points.every((one) => typeof one === 'number')) return [];
  const sum = points.reduce((total, one) => total + one, 0);
  if (cap <= sum) return [];
  const message = `the group's checks are worth ${sum} points together, so that a cap of ${cap} changes nothing`;
  return [{ path: [...path, 'cap'], code: 'points-mismatch', message, remedy: 'make it smaller, or remove it' }];
}

function lateMistakes(submission: Record<string, unknown>): Mistake[] {
  if (!Object.hasOwn(submission, 'late') || Object.hasOwn(submission, 'deadline')) return [];
  const message = '"deadline" is missing: nothing says what is late';
  return [{ path: ['submission', 'late'], atKey: true, code: 'missing-key', message, remedy: 'add deadline: 2026-12-01T23:59+08:00' }];
}
