/**
 * A rubric's blind spots: changes to what the reference solution left behind that no check notices. A check notices a change if its
 * outcome or its score is different.
 */
import { RE2JS } from 're2js';
import type { AcceptedBlindSpot } from '../rubric/expectations.ts';
import type { Rubric } from '../rubric/types.ts';
import { gradeSubmission, type SubmissionRuns } from './grade.ts';
import { gradeRun, type ScenarioRun } from './grade-run.ts';
import { buildMutations } from './mutations/build.ts';
import { gradedOf } from './mutations/graded.ts';
import { handedFileMutations } from './mutations/handed-files.ts';
import { mutationsOf, ungraded } from './mutations/index.ts';

export interface BlindSpot {
  /** `<scenario>/<mutation>`, or `files/<mutation>` */
  name: string;
  what: string;
  /** Why the rubric's author accepts it; null: they do not. */
  accepted: string | null;
}

export interface BlindSpots {
  /** How many mutations were tried. */
  tried: number;
  /** Names of those that a check notices. */
  noticed: string[];
  spots: BlindSpot[];
  /** What was not changed, since no check of the rubric looks at it. */
  ungraded: string[];
  /** Names in the rubric's list that no blind spot goes by any more. */
  unused: string[];
}

/** `reference`: the submission that solves the lab, as it was graded; `left`: what its runs left behind, by scenario. */
export function findBlindSpots(rubric: Rubric, reference: SubmissionRuns, left: ReadonlyMap<string, ScenarioRun>): BlindSpots {
  const accepted = (rubric.expect?.blindSpots ?? []).flatMap(patternsOf);
  const graded = new Set(rubric.checks.map(({ kind }) => kind));
  const unmutated = gradesOf(rubric, reference);
  const spots: BlindSpot[] = [];
  const noticed: string[] = [];
  const tried = (name: string, what: string, changed: SubmissionRuns) => {
    if (gradesOf(rubric, changed) !== unmutated) {
      noticed.push(name);
      return;
    }
    const pattern = accepted.find(({ matches }) => matches.matches(name));
    spots.push({ name, what, accepted: pattern?.reason ?? null });
  };
  const fields = new Set<string>();
  for (const scenario of rubric.scenarios) {
    const run = left.get(scenario.name);
    if (run === undefined) continue;
    const lookedAt = gradedOf(rubric.checks, scenario, run.evidence);
    for (const field of lookedAt.fields) fields.add(field);
    for (const { name, what, evidence } of mutationsOf(run.evidence, run.images, lookedAt)) {
      const runs = new Map(reference.runs).set(scenario.name, gradeRun(rubric, scenario, { ...run, evidence }));
      tried(`${scenario.name}/${name}`, what, { ...reference, runs });
    }
  }
  for (const { name, what, build } of buildMutations(reference.build, graded)) tried(name, what, { ...reference, build });
  for (const { name, what, files } of handedFileMutations(reference.files ?? [])) tried(name, what, { ...reference, files });
  const unused = accepted.filter(({ matches }) => !spots.some(({ name }) => matches.matches(name))).map(({ text }) => text);
  return {
    tried: noticed.length + spots.length,
    noticed,
    spots,
    ungraded: hasDevices(left) ? ungraded({ kinds: graded, fields }) : [],
    unused,
  };
}

const hasDevices = (left: ReadonlyMap<string, ScenarioRun>): boolean =>
  [...left.values()].some(({ evidence }) => evidence.devices.length > 0);

interface Pattern {
  text: string;
  matches: RE2JS;
  reason: string;
}

function patternsOf({ mutations, reason }: AcceptedBlindSpot): Pattern[] {
  return mutations.map((text) => {
    const parts = text.split('*').map((part) => RE2JS.quote(part));
    return { text, matches: RE2JS.compile(parts.join('.*'), RE2JS.DOTALL), reason };
  });
}

function gradesOf(rubric: Rubric, submission: SubmissionRuns): string {
  const { checks } = gradeSubmission(rubric, submission, 'instructor');
  return JSON.stringify(checks.map(({ outcome, score }) => [outcome, score]));
}
