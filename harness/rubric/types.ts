/**
 * A rubric as the rest of the harness sees it: plain data, every default filled in, `extends` resolved, units converted.
 * schema.ts has the form that a person writes, which loader.ts turns into this one. Scenarios are in vocabulary/scenario.ts.
 */
import type { CheckSpec } from '../checks/index.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import type { Expectations } from './expectations.ts';

export interface Rubric {
  title: string;
  /** SHA-256 of the rubric's text (UTF-8). */
  sha256: string;
  submission: {
    /** File names or globs below the submission's folder, in order of preference. */
    kernel: string[];
  };
  /** In the rubric's order; never empty. */
  scenarios: Scenario[];
  checks: Check[];
  /** What the rubric's author expects of certain submissions; null if the rubric says nothing. */
  expect: Expectations | null;
}

export type Check = {
  id: string;
  /** Empty if the rubric gives none. */
  title: string;
  points: number;
  /** Ids of the checks that must pass before this one counts. */
  needs: string[];
  scenario: string;
  hidden: boolean;
  /** By the attempt from which on a student sees them, ascending. */
  hints: Hint[];
} & CheckSpec;

/** Whether students are not to see the check: by its own visibility, or its scenario's. */
export function isHidden(check: Check, { scenarios }: Rubric): boolean {
  return check.hidden || scenarios.some(({ name, hidden }) => hidden && name === check.scenario);
}

export interface Hint {
  /** 1 for a student's first attempt. */
  fromAttempt: number;
  text: string;
}
