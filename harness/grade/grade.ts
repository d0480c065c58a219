/**
 * Rubric and graded runs in, result out. Pure: the same evidence gets the same grade, now or when it is graded again.
 *
 * What a student handed in can only fail. Where the grader is at fault (the host's guard stopped a run, a run is missing, the
 * evidence belongs to a different image), the checks of that run are errored, and so is the submission: it has no score.
 */
import { evaluateHandIn } from '../checks/index.ts';
import type { HandInContext, Question } from '../checks/kind.ts';
import type { BuildResult } from '../result/build.ts';
import type { HandedFile } from '../result/handed-file.ts';
import type { ScoreParts } from '../result/points.ts';
import {
  type Audience,
  type CheckResult,
  type Detail,
  type HandInFacts,
  type Outcome,
  RESULT_SCHEMA,
  type Student,
  type SubmissionResult,
} from '../result/result.ts';
import { isHiddenFile } from '../rubric/handed-files.ts';
import { visibleNames } from '../rubric/random-places.ts';
import { submissionSha256 } from '../rubric/setup.ts';
import { type Check, isHidden, type Rubric } from '../rubric/types.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { forStudents } from './audience.ts';
import type { GradedRun, Trouble } from './grade-run.ts';
import { roundPoints } from './points.ts';
import { isComplete, scoreOf } from './score.ts';

export interface SubmissionRuns {
  name: string;
  /** Left out: nobody knows. */
  students?: readonly Student[];
  /** Left out: nobody knows. */
  handIn?: HandInFacts | null;
  /** e.g. "bootgrade 0.1.0". */
  tool: string;
  /** File name as handed in and its hash; null if there was no kernel. */
  kernel: SubmissionResult['kernel'];
  /** How the kernel was built; left out: it was handed in. */
  build?: BuildResult;
  /** Files that checks look at; left out: none. */
  files?: readonly HandedFile[];
  /** Which of the student's attempts it is, from 1. */
  attempt: number;
  /** By scenario. */
  runs: ReadonlyMap<string, GradedRun>;
}

export function gradeSubmission(rubric: Rubric, submission: SubmissionRuns, audience: Audience): SubmissionResult {
  const { name, students = [], handIn = null, tool, kernel, attempt, build, files = [], runs } = submission;
  const grader = new Grader(rubric, submission);
  const checks = rubric.checks.map((check) => grader.resultOf(check));
  const troubles = rubric.scenarios.map((scenario) => grader.troubleOf(scenario));
  const { score, maxScore, parts } = scoreOf(rubric, checks, handIn);
  const outcome = submissionOutcome(checks, parts, troubles);
  const result: SubmissionResult = {
    schema: RESULT_SCHEMA,
    audience,
    name,
    students: [...students],
    handIn,
    title: rubric.title,
    outcome,
    score: outcome === 'errored' ? null : score,
    maxScore,
    ...(parts === null ? {} : { points: parts }),
    reason: worst(troubles)?.reason ?? null,
    checks,
    hiddenChecks: null,
    unlistedChecks: rubric.unlisted === null ? null : { count: rubric.unlisted.count, maxScore: rubric.unlisted.points },
    scenarios: rubric.scenarios.flatMap(({ name: scenario }) => runs.get(scenario)?.result ?? []),
    tool,
    attempt,
    rubric: { title: rubric.title, sha256: rubric.sha256, submissionSha256: submissionSha256(rubric) },
    kernel,
    ...(build === undefined ? {} : { build }),
    ...(files.length === 0 ? {} : { files: files.map((file) => ({ ...file, hidden: isHiddenFile(rubric, file) })) }),
    ...randomOf(rubric),
    images: initialImages(rubric, runs),
  };
  return audience === 'instructor' ? result : forStudents(result, reasonForStudents(rubric, troubles));
}

/** Whether a scenario is to be run, as far as the earlier ones say: the checks that it needs have passed. */
export function isRun(rubric: Rubric, submission: SubmissionRuns, scenario: Scenario): boolean {
  if ((rubric.conditions[scenario.name] ?? []).length === 0) return true;
  return new Grader(rubric, submission).troubleOf(scenario)?.outcome !== 'skipped';
}

/** What there is to explain of a scenario's run. */
export interface Unexplained {
  /** Ids of the checks that failed, of those that students see. */
  readonly failed: readonly string[];
  /** Of those checks. */
  readonly questions: readonly Question[];
}

/**
 * What to explain of a scenario's run, as far as is known from the runs until now. If a check needs another one whose scenario has not been
 * run yet, that one counts as passed.
 */
export function unexplained(rubric: Rubric, submission: SubmissionRuns, scenario: string): Unexplained {
  const { runs } = submission;
  const known = rubric.checks.filter(({ scenario: name }) => name === null || runs.has(name));
  const ids = new Set(known.map(({ id }) => id));
  const checks = known.map((check) => ({ ...check, needs: check.needs.filter((id) => ids.has(id)) }));
  const grader = new Grader({ ...rubric, checks }, submission);
  const visible = checks.filter((check) => check.scenario === scenario && !isHidden(check, rubric));
  const failed = visible.filter((check) => grader.resultOf(check).outcome === 'failed').map(({ id }) => id);
  const verdicts = failed.map((id) => runs.get(scenario)!.verdicts.get(id));
  return { failed, questions: verdicts.flatMap((verdict) => (verdict?.outcome === 'failed' ? verdict.questions : [])) };
}

function worst(troubles: readonly Trouble[]): Trouble {
  return troubles.find((one) => one?.outcome === 'errored') ?? troubles.find((one) => one?.outcome === 'failed') ?? null;
}

/** For what went wrong in a hidden scenario there is only a general sentence: the exact one may name the scenario. */
function reasonForStudents({ scenarios }: Rubric, troubles: readonly Trouble[]): string | null {
  const told = troubles.map((trouble, index): Trouble => {
    if (trouble === null || !scenarios[index]!.hidden) return trouble;
    const reason = trouble.outcome === 'errored' ? 'the grader is at fault in a hidden run' : 'the kernel cannot be booted in a hidden run';
    return { ...trouble, reason };
  });
  // A reason from a visible run may be shown as it is.
  const visible = told.filter((_, index) => !scenarios[index]!.hidden);
  return worst([...visible, ...told])?.reason ?? null;
}

function submissionOutcome(
  checks: readonly CheckResult[],
  parts: ScoreParts | null,
  troubles: readonly Trouble[],
): SubmissionResult['outcome'] {
  if (troubles.some((one) => one?.outcome === 'errored') || checks.some((check) => check.outcome === 'errored')) return 'errored';
  return troubles.every((one) => one?.outcome !== 'failed') && isComplete(checks, parts) ? 'passed' : 'failed';
}

class Grader {
  readonly #rubric: Rubric;
  readonly #runs: ReadonlyMap<string, GradedRun>;
  readonly #attempt: number;
  readonly #handIn: HandInContext;
  readonly #checks: ReadonlyMap<string, Check>;
  readonly #scenarios: ReadonlyMap<string, Scenario>;
  readonly #results = new Map<string, CheckResult>();

  constructor(rubric: Rubric, { runs, attempt, files = [], build }: SubmissionRuns) {
    this.#rubric = rubric;
    this.#runs = runs;
    this.#attempt = attempt;
    this.#handIn = { files, build: build ?? null };
    this.#checks = new Map(rubric.checks.map((check) => [check.id, check]));
    this.#scenarios = new Map(rubric.scenarios.map((scenario) => [scenario.name, scenario]));
  }

  troubleOf({ name }: Scenario): Trouble {
    const unmet = this.#unmetOf(this.#rubric.conditions[name] ?? [], { mayBeNamed: (need) => !need.hidden });
    if (unmet !== null) return { outcome: unmet.outcome, reason: `the scenario was not run: it ${unmet.reason}` };
    const run = this.#runs.get(name);
    return run === undefined ? { outcome: 'errored', reason: `the scenario ${name} was not run` } : run.trouble;
  }

  /** The loader has refused cycles, so the recursion through `needs` ends. */
  resultOf(check: Check): CheckResult {
    const known = this.#results.get(check.id);
    if (known !== undefined) return known;
    const result = this.#grade(check);
    this.#results.set(check.id, result);
    return result;
  }

  #grade(check: Check): CheckResult {
    if (check.scenario === null) return this.#result(check, this.#unmetNeeds(check) ?? evaluateHandIn(check, this.#handIn));
    const scenario = this.#scenarios.get(check.scenario)!;
    const trouble = this.troubleOf(scenario);
    if (trouble?.outcome === 'errored') return this.#result(check, { outcome: 'errored', reason: trouble.reason });
    const unmet = this.#unmetNeeds(check);
    if (unmet !== null) return this.#result(check, unmet);
    if (trouble !== null) return this.#result(check, trouble);
    const verdict = this.#runs.get(scenario.name)!.verdicts.get(check.id)!;
    return this.#result(check, verdict);
  }

  #result(check: Check, { outcome, score = 0, reason, details = [], hint = null }: Graded): CheckResult {
    return {
      id: check.id,
      title: check.title,
      outcome,
      score: roundPoints(outcome === 'passed' ? check.points : Math.min(score, check.points)),
      maxScore: check.points,
      ...(check.bonus ? { bonus: true } : {}),
      ...(check.group === null ? {} : { group: check.group }),
      scenario: check.scenario,
      hidden: isHidden(check, this.#rubric),
      reason: reason ?? null,
      details,
      hint: outcome === 'failed' ? (hint ?? this.#hint(check)) : null,
    };
  }

  /** The last hint that the student has come to: later ones say more. */
  #hint({ hints }: Check): string | null {
    return hints.findLast(({ fromAttempt }) => fromAttempt <= this.#attempt)?.text ?? null;
  }

  /** What follows from the checks that must pass first; null if they all did. */
  #unmetNeeds(check: Check): Unmet | null {
    return this.#unmetOf(check.needs, { mayBeNamed: (need) => !need.hidden || isHidden(check, this.#rubric) });
  }

  /** The name of a check may reveal what a hidden check looks at. */
  #unmetOf(needs: readonly string[], { mayBeNamed }: { mayBeNamed: (need: CheckResult) => boolean }): Unmet | null {
    const known = needs.flatMap((id) => this.#checks.get(id) ?? []);
    const unmet = known.map((need) => this.resultOf(need)).filter((need) => need.outcome !== 'passed');
    if (unmet.length === 0) return null;
    const names = [...new Set(unmet.map((need) => (mayBeNamed(need) ? need.id : 'a hidden check')))];
    const outcome = unmet.some((need) => need.outcome === 'errored') ? 'errored' : 'skipped';
    return { outcome, reason: `needs ${names.join(', ')}` };
  }
}

interface Unmet {
  outcome: 'errored' | 'skipped';
  reason: string;
}

interface Graded {
  outcome: Outcome;
  score?: number;
  reason?: string;
  details?: Detail[];
  /** Shown instead of the rubric's; null: there is none. */
  hint?: string | null | undefined;
}

function randomOf(rubric: Rubric): Pick<SubmissionResult, 'random'> {
  const { random } = rubric;
  if (random === null || random.identity === null) return {};
  const seen = visibleNames(rubric);
  const values = Object.entries(random.values).map(([name, value]) => ({ name, value, hidden: !seen.has(name) }));
  return { random: { identity: random.identity, values } };
}

function initialImages(rubric: Rubric, runs: ReadonlyMap<string, GradedRun>): Record<string, string> {
  const images: [string, string][] = [];
  for (const scenario of rubric.scenarios) {
    for (const [drive, sha256] of runs.get(scenario.name)?.images ?? []) images.push([`${scenario.name}/${drive}`, sha256]);
  }
  return Object.fromEntries(images);
}
