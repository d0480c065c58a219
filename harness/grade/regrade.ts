/**
 * Saved evidence under a changed rubric: either all that grading needs is there, or the reasons for which the submission has to be
 * run again. Pure; the evidence's files are read by the command.
 */

import { groupedDigits } from '../bytes/grouped-digits.ts';
import { driveName } from '../checks/kind.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { isOurFault } from '../evidence/stop.ts';
import type { SubmissionResult } from '../result/result.ts';
import { isHiddenFile, isWanted, wantedTexts } from '../rubric/handed-files.ts';
import { asksForMore, asksForOtherRequests, changedParts, submissionSha256 } from '../rubric/setup.ts';
import type { Rubric } from '../rubric/types.ts';
import type { InitialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { isRun, type SubmissionRuns } from './grade.ts';
import type { EvidenceFile } from './grade-run.ts';

/** A run's evidence as it was saved, by scenario; `problem`: why it cannot be used, as a sentence. */
export type SavedRun = { evidence: Evidence; file: EvidenceFile } | { problem: string };

/** Why a submission has to be run again, as a sentence; `hidden`: not to be shown to students. */
export interface Rerun {
  reason: string;
  hidden: boolean;
}

/** By scenario, then by drive. */
type Images = ReadonlyMap<string, ReadonlyMap<string, InitialImage>>;

/**
 * Why the submission has to be run again; empty if it can be graded from what is there. `read` gives a scenario's run, undefined if
 * there is none; runs are asked for one after the other, and none is kept in memory.
 */
export function rerunsOf(
  report: SubmissionResult,
  read: (scenario: string) => SavedRun | undefined,
  rubric: Rubric,
  images: Images,
): Rerun[] {
  const isFoundElsewhere = report.rubric.submissionSha256 !== submissionSha256(rubric);
  return [
    ...(isFoundElsewhere ? [{ reason: 'the rubric now looks for the kernel in a different way', hidden: false }] : []),
    ...missingFiles(report, rubric),
    ...rubric.scenarios.flatMap((scenario) => {
      const saved = read(scenario.name);
      // Whether it has to be run at all is known when the others have been graded (missingRuns).
      if (saved === undefined && (rubric.conditions[scenario.name] ?? []).length > 0) return [];
      const reason =
        severalRuns(scenario) ?? missingImage(rubric, scenario) ?? whyUnusable(scenario, images.get(scenario.name)!, saved, report);
      return reason === null ? [] : [{ reason, hidden: scenario.hidden }];
    }),
  ];
}

/** Scenarios of which there is no evidence, though the checks that they need have passed now. `submission`: with the runs that there are. */
export function missingRuns(rubric: Rubric, submission: SubmissionRuns): Rerun[] {
  const missing = rubric.scenarios.filter((scenario) => !submission.runs.has(scenario.name) && isRun(rubric, submission, scenario));
  return missing.map(({ name, hidden }) => ({
    reason: `there is no evidence of the scenario ${name}, and what it needs has passed`,
    hidden,
  }));
}

function missingFiles({ files = [] }: SubmissionResult, rubric: Rubric): Rerun[] {
  const missing = wantedTexts(rubric).filter((wanted) => !files.some((file) => isWanted(file, wanted)));
  return missing.map(({ pattern, each }) => ({
    reason: `a check looks at ${each ? 'each file that matches ' : ''}${pattern}, which the report does not have`,
    hidden: isHiddenFile(rubric, { name: pattern, ...(each ? { each } : {}) }),
  }));
}

/** Of a scenario that was run several times, only one run is kept. */
function severalRuns({ name, cuts, schedules }: Scenario): string | null {
  if (cuts === null && schedules === null) return null;
  return `the scenario ${name} was run for several ${cuts === null ? 'schedules' : 'power cuts'}, and only one of these runs is kept`;
}

/** Evidence has what a run changed of an image. Which bytes the rest were, nobody knows any more where each submission has its own image; null: nobody asks. */
function missingImage({ checks }: Rubric, scenario: Scenario): string | null {
  for (const check of checks) {
    if (check.kind !== 'image' || check.scenario !== scenario.name) continue;
    const drive = scenario.machine.drives.find(({ name }) => name === driveName(check.expected.drive, scenario));
    if (drive === undefined || drive.own === null) continue;
    const origin = { built: 'was built for it', submitted: 'was handed in for it' }[drive.own.source];
    return `a check of the scenario ${scenario.name} looks at the drive ${drive.name}, and the image that ${origin} is not kept with the evidence`;
  }
  return null;
}

/** Why the run cannot be used; null: it can. */
function whyUnusable(
  scenario: Scenario,
  images: ReadonlyMap<string, InitialImage>,
  saved: SavedRun | undefined,
  { kernel }: SubmissionResult,
): string | null {
  if (saved === undefined) return `there is no evidence of the scenario ${scenario.name}`;
  if ('problem' in saved) return saved.problem;
  const { evidence, file } = saved;
  if (evidence.scenario !== scenario.name) return `${file.name} is evidence of a different scenario, ${evidence.scenario}`;
  // Where there was no disk to begin with, no kernel was booted.
  const wasBooted = evidence.stop.reason !== 'no-disk';
  if (wasBooted && evidence.kernelSha256 !== (kernel?.sha256 ?? null)) return `${file.name} is evidence of a different kernel`;
  if (isOurFault(evidence.stop)) return `the scenario ${scenario.name} was given up by the grader`;
  const changed = changedParts(scenario, images, evidence);
  if (changed.length > 0) return `the scenario ${scenario.name} has changed: ${changed.join(', ')}`;
  if (asksForOtherRequests(scenario, evidence)) return notKept(scenario, evidence);
  return asksForMore(scenario, evidence)
    ? `a check asks for something that the run of the scenario ${scenario.name} has not recorded`
    : null;
}

function notKept({ name }: Scenario, { requests, requestsLeftOut }: Evidence): string {
  const [made, kept] = [requests.length + requestsLeftOut, requests.length].map((count) => groupedDigits(count));
  return `a check of the scenario ${name} now asks for other requests, and of ${made} that were made the evidence has ${kept}`;
}
