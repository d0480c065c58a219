/**
 * Rubric and evidence in, result out. Pure: the same evidence gets the same grade, now or when it is graded again.
 *
 * What a student handed in can only fail. Where the grader is at fault (the host's guard stopped a run, a run is missing, the
 * evidence belongs to another image), the checks of that run are errored, and so is the submission: it has no score.
 */
import { evaluate } from '../checks/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { describeStop, isOurFault } from '../evidence/stop.ts';
import type { InitialImage } from '../rubric/image.ts';
import { submissionSha256 } from '../rubric/setup.ts';
import { type Check, isHidden, type Rubric, type Scenario } from '../rubric/types.ts';
import { forStudents } from './audience.ts';
import { findingResults } from './findings.ts';
import { roundPoints, sumPoints } from './points.ts';
import {
  type Audience,
  type CheckResult,
  type Detail,
  type Outcome,
  RESULT_SCHEMA,
  type ScenarioResult,
  type Student,
  type SubmissionResult,
} from './result.ts';
import { whyStopped } from './why-stopped.ts';

/** What one scenario's run left behind. */
export interface ScenarioRun {
  evidence: Evidence;
  /** What the drives held before the run. */
  images: ReadonlyMap<string, InitialImage>;
  /** File beside the report that holds the evidence, and the SHA-256 of its bytes. */
  evidenceFile?: EvidenceFile;
}

export interface EvidenceFile {
  name: string;
  sha256: string;
}

export interface Submission {
  name: string;
  student?: Student | null;
  /** e.g. "bootgrade 0.1.0". */
  tool: string;
  /** File name as handed in and its hash; null where there was no kernel. */
  kernel: { file: string; sha256: string } | null;
  /** Which of the student's attempts it is, from 1. */
  attempt: number;
  /** By scenario. */
  runs: ReadonlyMap<string, ScenarioRun>;
}

export function gradeSubmission(rubric: Rubric, submission: Submission, audience: Audience): SubmissionResult {
  const { name, student = null, tool, kernel, attempt, runs } = submission;
  const grader = new Grader(rubric, submission);
  const checks = rubric.checks.map((check) => grader.resultOf(check));
  const troubles = rubric.scenarios.map((scenario) => grader.troubleOf(scenario));
  const outcome = submissionOutcome(checks, troubles);
  const result: SubmissionResult = {
    schema: RESULT_SCHEMA,
    audience,
    name,
    student,
    title: rubric.title,
    outcome,
    score: outcome === 'errored' ? null : sumPoints(checks.map((check) => check.score)),
    maxScore: sumPoints(checks.map((check) => check.maxScore)),
    reason: worst(troubles)?.reason ?? null,
    checks,
    hiddenChecks: null,
    scenarios: rubric.scenarios.flatMap((scenario) => scenarioResult(scenario, runs.get(scenario.name))),
    tool,
    attempt,
    rubric: { title: rubric.title, sha256: rubric.sha256, submissionSha256: submissionSha256(rubric) },
    kernel,
    images: initialImages(rubric, runs),
  };
  return audience === 'instructor' ? result : forStudents(result, reasonForStudents(rubric, troubles));
}

/** What decides every check of a scenario before any of them is evaluated. */
type Trouble = { outcome: 'failed' | 'errored'; reason: string } | null;

function worst(troubles: readonly Trouble[]): Trouble {
  return troubles.find((one) => one?.outcome === 'errored') ?? troubles.find((one) => one !== null) ?? null;
}

/** What went wrong in a hidden scenario is told without its words: they may name it. */
function reasonForStudents({ scenarios }: Rubric, troubles: readonly Trouble[]): string | null {
  const told = troubles.map((trouble, index): Trouble => {
    if (trouble === null || !scenarios[index]!.hidden) return trouble;
    const reason = trouble.outcome === 'errored' ? 'the grader is at fault in a hidden run' : 'the kernel cannot be booted in a hidden run';
    return { ...trouble, reason };
  });
  // What is known from a visible run as well is told in its words.
  const visible = told.filter((_, index) => !scenarios[index]!.hidden);
  return worst([...visible, ...told])?.reason ?? null;
}

function submissionOutcome(checks: readonly CheckResult[], troubles: readonly Trouble[]): SubmissionResult['outcome'] {
  if (troubles.some((one) => one?.outcome === 'errored') || checks.some((check) => check.outcome === 'errored')) return 'errored';
  const counted = checks.filter((check) => check.maxScore > 0);
  return troubles.every((one) => one === null) && counted.every((check) => check.outcome === 'passed') ? 'passed' : 'failed';
}

function scenarioTrouble(scenario: Scenario, run: ScenarioRun | undefined): Trouble {
  if (run === undefined) return { outcome: 'errored', reason: `the scenario ${scenario.name} was not run` };
  const { stop, images } = run.evidence;
  if (isOurFault(stop)) {
    return { outcome: 'errored', reason: `the grader gave up: ${describeStop(stop)}` };
  }
  if (stop.reason === 'not-bootable') return { outcome: 'failed', reason: describeStop(stop) };
  const foreign = scenario.machine.drives.find(({ name }) => {
    const recorded = images.find((image) => image.drive === name);
    return recorded === undefined || recorded.initialSha256 !== run.images.get(name)?.sha256;
  });
  return foreign === undefined
    ? null
    : { outcome: 'errored', reason: `the evidence of ${scenario.name} belongs to another image of ${foreign.name}` };
}

class Grader {
  readonly #rubric: Rubric;
  readonly #runs: ReadonlyMap<string, ScenarioRun>;
  readonly #attempt: number;
  readonly #checks: ReadonlyMap<string, Check>;
  readonly #scenarios: ReadonlyMap<string, Scenario>;
  readonly #troubles = new Map<string, Trouble>();
  readonly #results = new Map<string, CheckResult>();

  constructor(rubric: Rubric, { runs, attempt }: Submission) {
    this.#rubric = rubric;
    this.#runs = runs;
    this.#attempt = attempt;
    this.#checks = new Map(rubric.checks.map((check) => [check.id, check]));
    this.#scenarios = new Map(rubric.scenarios.map((scenario) => [scenario.name, scenario]));
    for (const scenario of rubric.scenarios) this.#troubles.set(scenario.name, scenarioTrouble(scenario, runs.get(scenario.name)));
  }

  troubleOf(scenario: Scenario): Trouble {
    return this.#troubles.get(scenario.name) ?? null;
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
    const scenario = this.#scenarios.get(check.scenario)!;
    const trouble = this.troubleOf(scenario);
    if (trouble?.outcome === 'errored') return this.#result(check, scenario, { outcome: 'errored', reason: trouble.reason });
    const unmet = this.#unmetNeeds(check);
    if (unmet !== null) return this.#result(check, scenario, unmet);
    if (trouble !== null) return this.#result(check, scenario, trouble);
    const run = this.#runs.get(scenario.name)!;
    const verdict = evaluate({ rubric: this.#rubric, check, scenario, evidence: run.evidence, images: run.images });
    return this.#result(check, scenario, verdict.outcome === 'passed' ? { ...verdict, score: check.points } : verdict);
  }

  #result(check: Check, scenario: Scenario, { outcome, score = 0, reason, details = [] }: Graded): CheckResult {
    return {
      id: check.id,
      title: check.title,
      outcome,
      score: roundPoints(Math.min(score, check.points)),
      maxScore: check.points,
      scenario: scenario.name,
      hidden: isHidden(check, this.#rubric),
      reason: reason ?? null,
      details,
      hint: outcome === 'failed' ? this.#hint(check) : null,
    };
  }

  /** The last hint that the student has come to: later ones say more. */
  #hint({ hints }: Check): string | null {
    return hints.findLast(({ fromAttempt }) => fromAttempt <= this.#attempt)?.text ?? null;
  }

  /** What follows from the checks that must pass first; null where they all did. */
  #unmetNeeds(check: Check): Graded | null {
    const unmet = check.needs.map((id) => this.resultOf(this.#checks.get(id)!)).filter((need) => need.outcome !== 'passed');
    if (unmet.length === 0) return null;
    // A check's name may tell what a hidden check looks at.
    const names = [...new Set(unmet.map((need) => (need.hidden && !isHidden(check, this.#rubric) ? 'a hidden check' : need.id)))];
    const outcome = unmet.some((need) => need.outcome === 'errored') ? 'errored' : 'skipped';
    return { outcome, reason: `needs ${names.join(', ')}` };
  }
}

interface Graded {
  outcome: Outcome;
  score?: number;
  reason?: string;
  details?: Detail[];
}

function scenarioResult(scenario: Scenario, run: ScenarioRun | undefined): ScenarioResult[] {
  if (run === undefined) return [];
  const { stop, instructions, time, requests, devices } = run.evidence;
  const { name: evidence = null, sha256: evidenceSha256 = null } = run.evidenceFile ?? {};
  const ran = { stop, why: whyStopped(run.evidence), instructions, time, requests: requests.length };
  const racesLeftOut = devices.reduce((sum, device) => sum + device.racesLeftOut, 0);
  const found = { findings: findingResults(run.evidence), racesLeftOut };
  return [{ name: scenario.name, hidden: scenario.hidden, ...ran, ...found, evidence, evidenceSha256 }];
}

function initialImages(rubric: Rubric, runs: ReadonlyMap<string, ScenarioRun>): Record<string, string> {
  const images: [string, string][] = [];
  for (const scenario of rubric.scenarios) {
    for (const [drive, image] of runs.get(scenario.name)?.images ?? []) images.push([`${scenario.name}/${drive}`, image.sha256]);
  }
  return Object.fromEntries(images);
}
