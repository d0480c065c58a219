/**
 * What grading keeps of one scenario's run: the verdicts of the checks that look at it, and what the result says of it. The run's
 * evidence is not needed any more then, so that no more than one has to be held at a time.
 */
import { evaluate, isAboutDevices } from '../checks/index.ts';
import { failed, type Verdict } from '../checks/kind.ts';
import type { CodeStack } from '../evidence/code-place.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { FindingEvidence } from '../evidence/finding.ts';
import { findingStack, isSameFinding } from '../evidence/finding-place.ts';
import { requestsMade } from '../evidence/request-counts.ts';
import { describeStop, isOurFault } from '../evidence/stop.ts';
import type { Detail, FindingResult, ScenarioResult } from '../result/result.ts';
import { isHidden, type Rubric, type RunCheck } from '../rubric/types.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { DriveSetup, Scenario } from '../vocabulary/scenario.ts';
import { consequence } from './consequences.ts';
import { faultSentences } from './faults.ts';
import { findingDetails } from './finding-details.ts';
import { codeOnce, withPlaces } from './places.ts';
import { typedIn } from './typed.ts';
import { whyStopped } from './why/index.ts';

/** What one scenario's run left behind. */
export interface ScenarioRun {
  readonly evidence: Evidence;
  /** What the drives held before the run. */
  readonly images: ReadonlyMap<string, InitialImage>;
}

/** A file beside the report that holds the evidence, and the SHA-256 of its bytes. */
export interface EvidenceFile {
  readonly name: string;
  readonly sha256: string;
}

/** What decides every check of a scenario before any of them is evaluated; null if nothing does. */
export type Trouble = { readonly outcome: 'failed' | 'errored' | 'skipped'; readonly reason: string } | null;

export interface GradedRun {
  readonly trouble: Trouble;
  /** By the check's id, as far as this run decides it: the outcomes of the checks that it needs are not taken into account. Empty if the run had trouble. */
  readonly verdicts: ReadonlyMap<string, Verdict>;
  readonly result: ScenarioResult;
  /** SHA-256 of what each drive held before. */
  readonly images: ReadonlyMap<string, string>;
}

/** `file`: where the evidence is; null if it is in none. */
export function gradeRun(rubric: Rubric, scenario: Scenario, run: ScenarioRun, file: EvidenceFile | null = null): GradedRun {
  const { images } = run;
  const evidence = placed(rubric, run.evidence);
  const trouble = troubleOf(scenario, run);
  const notRun = evidence.stop.reason === 'no-disk' ? failed(describeStop(evidence.stop), []) : null;
  const checks = trouble === null ? checksOf(rubric, scenario) : [];
  return {
    trouble,
    verdicts: new Map(checks.map((check) => [check.id, notRun ?? shown(evaluate(check, { scenario, evidence, images }))])),
    result: scenarioResult(rubric, scenario, evidence, file),
    images: new Map(scenario.machine.drives.map((drive) => [drive.name, initialSha256(drive, run)])),
  };
}

function checksOf({ checks }: Rubric, { name }: Scenario): RunCheck[] {
  return checks.flatMap((check) => (check.scenario === name ? [check] : []));
}

/** Where each submission has its own image, the evidence alone knows which one it was. */
function initialSha256({ name, own }: DriveSetup, { evidence, images }: ScenarioRun): string {
  const recorded = evidence.images.find(({ drive }) => drive === name);
  return own === null || recorded === undefined ? images.get(name)!.sha256 : recorded.initialSha256;
}

function placed({ submission }: Rubric, evidence: Evidence): Evidence {
  const { explanations } = evidence;
  return explanations === null ? evidence : { ...evidence, explanations: withPlaces(explanations, submission) };
}

function shown(verdict: Verdict): Verdict {
  return verdict.outcome === 'failed' ? { ...verdict, details: codeOnce(verdict.details) } : verdict;
}

/** The same, now that its evidence is in a file, or in none. */
export function withFile(run: GradedRun, file: EvidenceFile | null): GradedRun {
  return { ...run, result: { ...run.result, ...fileFields(file) } };
}

function fileFields(file: EvidenceFile | null): Pick<ScenarioResult, 'evidence' | 'evidenceSha256'> {
  return { evidence: file?.name ?? null, evidenceSha256: file?.sha256 ?? null };
}

/** Several runs, where all of their evidence is at hand. */
export function gradeRuns(rubric: Rubric, runs: ReadonlyMap<string, ScenarioRun>): Map<string, GradedRun> {
  return new Map(
    rubric.scenarios.flatMap((scenario) => {
      const run = runs.get(scenario.name);
      return run === undefined ? [] : [[scenario.name, gradeRun(rubric, scenario, run)] as const];
    }),
  );
}

function troubleOf(scenario: Scenario, { evidence: { stop, images }, images: initial }: ScenarioRun): Trouble {
  if (isOurFault(stop)) return { outcome: 'errored', reason: `the grader gave up: ${describeStop(stop)}` };
  if (stop.reason === 'not-bootable') return { outcome: 'failed', reason: describeStop(stop) };
  const foreign = scenario.machine.drives.find(({ name, own }) => {
    if (own !== null) return false;
    const recorded = images.find((image) => image.drive === name);
    return recorded === undefined || recorded.initialSha256 !== initial.get(name)?.sha256;
  });
  if (foreign === undefined) return null;
  return {
    outcome: 'errored',
    reason: `the evidence of scenario ${scenario.name} was recorded with a different image of drive ${foreign.name}`,
  };
}

function scenarioResult(rubric: Rubric, scenario: Scenario, evidence: Evidence, file: EvidenceFile | null): ScenarioResult {
  const { name, hidden } = scenario;
  const { stop, instructions, time, requestCounts, devices } = evidence;
  return {
    name,
    hidden,
    stop,
    ...(checksOf(rubric, scenario).some((check) => isAboutDevices(check) && (hidden || !isHidden(check, rubric)))
      ? { disk: true as const }
      : {}),
    ...typedField(scenario, evidence),
    faults: faultSentences(scenario, evidence),
    why: codeOnce(whyStopped(evidence)),
    ...(evidence.explanations?.remedy === undefined ? {} : { remedy: evidence.explanations.remedy }),
    instructions,
    time,
    requests: requestsMade(requestCounts),
    findings: codeOnce(findingResults(evidence, rubric.acceptedRules)).filter(({ time }) => time <= lastSane(evidence)),
    racesLeftOut: devices.reduce((sum, device) => sum + device.racesLeftOut, 0),
    ...fileFields(file),
  };
}

function typedField(scenario: Scenario, evidence: Evidence): Pick<ScenarioResult, 'typed'> {
  const typed = typedIn(scenario, evidence);
  return typed.length === 0 ? {} : { typed };
}

/**
 * Guest time after which a kernel's accesses say nothing of its driver: it has not survived an exception, and goes on raising further ones,
 * maybe with a stack that has run into the devices.
 */
function lastSane({ exception }: Evidence): number {
  return exception !== null && exception.further > 0 ? exception.time : Number.POSITIVE_INFINITY;
}

/** A run's findings as reports have them: with those of a repeated run that was watched for races, and the place of each. */
function findingResults(evidence: Evidence, accepted: readonly string[]): FindingResult[] {
  const { findings, explanations } = evidence;
  const placed = (explanations?.findings ?? []).map(({ finding }) => finding);
  const added = placed.filter((one) => !findings.some((finding) => isSameFinding(one, finding)));
  const all = added.length === 0 ? findings : [...findings, ...added].sort((a, b) => a.time - b.time);
  const details = findingDetails(all, evidence);
  const results = all.map((finding) => {
    const stack = findingStack(finding, explanations);
    const own = details.get(finding) ?? [];
    const ofCourse = accepted.includes(finding.rule) || isInGivenCode(stack, own);
    return {
      ...finding,
      stack,
      details: own,
      ...followsField(finding, evidence),
      ...(ofCourse ? { ofCourse: true as const } : {}),
    };
  });
  // Code is shown where it is named first, which must not be a finding that is left out.
  return [...results.filter(({ follows }) => follows === undefined), ...results.filter(({ follows }) => follows !== undefined)];
}

/**
 * Whether the course gives all the code that led to it, and that stored what is to blame. Where a line of the student's called given code, the
 * mistake may be in what it passed: that is theirs.
 */
function isInGivenCode(stack: FindingResult['stack'], details: FindingResult['details']): boolean {
  const stacks = [stack, ...details.map(stackOf)].filter((one) => one !== null);
  const frames = stacks.flatMap(({ places }) => places.flatMap((place) => place.frames)).filter(({ file }) => file !== null);
  if (stacks.some(({ leftOut }) => leftOut > 0)) return false;
  return stack !== null && frames.some(({ given }) => given) && frames.every(({ given, library }) => given === true || library);
}

function stackOf(detail: Detail): CodeStack | null {
  switch (detail.kind) {
    case 'code':
    case 'printed':
      return detail.stack;
    case 'origin':
      return detail.stored !== null && 'stack' in detail.stored ? detail.stored.stack : null;
    default:
      return null;
  }
}

function followsField(finding: FindingEvidence, evidence: Evidence): Pick<FindingResult, 'follows'> {
  const follows = consequence(finding, evidence);
  return follows === null ? {} : { follows };
}
