/**
 * Saved evidence under a changed rubric: either all that grading needs is there, or the reasons for which the submission has to be
 * run again. Pure; the evidence's files are read by the command.
 */
import type { Evidence } from '../evidence/evidence.ts';
import { isOurFault } from '../evidence/stop.ts';
import type { InitialImage } from '../rubric/image.ts';
import { changedParts, submissionSha256 } from '../rubric/setup.ts';
import type { Rubric, Scenario } from '../rubric/types.ts';
import type { EvidenceFile, ScenarioRun, Submission } from './grade.ts';
import type { SavedResult } from './saved-result.ts';

/** A run's evidence as it was saved, by scenario; `problem`: why it cannot be used, as a sentence. */
export type SavedRun = { evidence: Evidence; file: EvidenceFile } | { problem: string };

/** Why a submission has to be run again, as a sentence; `hidden`: not to be shown to students. */
export interface Rerun {
  reason: string;
  hidden: boolean;
}

export interface Saved {
  report: SavedResult;
  runs: ReadonlyMap<string, SavedRun>;
}

/** By scenario, then by drive. */
type Images = ReadonlyMap<string, ReadonlyMap<string, InitialImage>>;

/** `tool`: the one that grades now. */
export function submissionOf({ report, runs }: Saved, rubric: Rubric, images: Images, tool: string): Submission | { rerun: Rerun[] } {
  const rerun: Rerun[] = [];
  if (report.rubric.submissionSha256 !== submissionSha256(rubric))
    rerun.push({ reason: 'the rubric looks for the kernel in another way now', hidden: false });
  const usable = new Map<string, ScenarioRun>();
  for (const scenario of rubric.scenarios) {
    const run = usableRun(scenario, images.get(scenario.name)!, runs.get(scenario.name), report);
    if (typeof run === 'string') rerun.push({ reason: run, hidden: scenario.hidden });
    else usable.set(scenario.name, run);
  }
  if (rerun.length > 0) return { rerun };
  return { name: report.name, student: report.student, tool, kernel: report.kernel, attempt: report.attempt, runs: usable };
}

/** The run, or why it does not do. */
function usableRun(
  scenario: Scenario,
  images: ReadonlyMap<string, InitialImage>,
  saved: SavedRun | undefined,
  { kernel }: SavedResult,
): ScenarioRun | string {
  if (saved === undefined) return `there is no evidence of the scenario ${scenario.name}`;
  if ('problem' in saved) return saved.problem;
  const { evidence, file } = saved;
  if (evidence.scenario !== scenario.name) return `${file.name} is evidence of another scenario, ${evidence.scenario}`;
  if (evidence.kernelSha256 !== (kernel?.sha256 ?? null)) return `${file.name} is evidence of another kernel`;
  if (isOurFault(evidence.stop)) return `the scenario ${scenario.name} was given up by the grader`;
  const changed = changedParts(scenario, images, evidence);
  if (changed.length > 0) return `the scenario ${scenario.name} is another now: ${changed.join(', ')} changed`;
  return { evidence, images, evidenceFile: file };
}
