/**
 * A rubric as the rest of the harness sees it: plain data, every default filled in, `extends` resolved, units converted.
 * schema.ts has the form that a person writes, which loader.ts turns into this one. Scenarios are in vocabulary/scenario.ts.
 */
import type { HandInCheckSpec, RunCheckSpec } from '../checks/index.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import type { SubmissionRules } from '../vocabulary/submission.ts';
import type { Expectations } from './expectations.ts';
import type { Group } from './points.ts';
import type { RandomValues } from './random.ts';

export interface Rubric {
  title: string;
  /** SHA-256 of the rubric's text (UTF-8). */
  sha256: string;
  submission: SubmissionRules;
  /** In the rubric's order; never empty. */
  scenarios: Scenario[];
  checks: Check[];
  conditions: Conditions;
  groups: Group[];
  /** Rules of the virtio specification that the course's own code breaks, by their ids. */
  acceptedRules: string[];
  /** Hidden checks of the course's rubric that this one, which was published for students, does not have; null: none are known of. */
  unlisted: UnlistedChecks | null;
  /** Values that each submission has for itself; null: there are none. */
  random: RandomValues | null;
  /** What the rubric's author expects of certain submissions; null if the rubric says nothing. */
  expect: Expectations | null;
}

/** By scenario, the ids of the checks that must pass before it is run; a scenario without an entry needs none. */
export type Conditions = Readonly<Record<string, readonly string[]>>;

/** Checks of which only this is known. */
export interface UnlistedChecks {
  count: number;
  /** Of all of them. */
  points: number;
}

export type Check = {
  id: string;
  /** Empty if the rubric gives none. */
  title: string;
  points: number;
  /** Its points count on top: the most that can be reached is without them. */
  bonus: boolean;
  /** null: it is in none. */
  group: string | null;
  /** Ids of the checks that must pass before this one counts. */
  needs: string[];
  hidden: boolean;
  /** By the attempt from which on a student sees them, ascending. */
  hints: Hint[];
} & (
  | ({ scenario: string } & RunCheckSpec)
  /** It is about no run. */
  | ({ scenario: null } & HandInCheckSpec)
);

/** A check of a run. */
export type RunCheck = Extract<Check, { scenario: string }>;

/** Whether students are not to see the check: by its own visibility, or its scenario's. */
export function isHidden(check: Check, { scenarios }: Rubric): boolean {
  return check.hidden || scenarios.some(({ name, hidden }) => hidden && name === check.scenario);
}

/** What students learn of checks that are not in their rubric: of those that are `leftOut` of this one, and those that it does not have. */
export function unlistedOf(rubric: Rubric, leftOut: (check: Check) => boolean = (check) => isHidden(check, rubric)): UnlistedChecks | null {
  const hidden = rubric.checks.filter(leftOut);
  const count = hidden.length + (rubric.unlisted?.count ?? 0);
  const points = hidden.reduce((sum, check) => sum + (check.bonus ? 0 : check.points), rubric.unlisted?.points ?? 0);
  return count === 0 ? null : { count, points: Math.round(points * 1e6) / 1e6 };
}

export interface Hint {
  /** 1 for a student's first attempt. */
  fromAttempt: number;
  text: string;
}
