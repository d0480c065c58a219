/** A submission whose process died, or was ended by its watchdog: nothing is known about what its kernel does. */
import type { SubmissionRuns } from '../grade/grade.ts';
import { type GradedRun, gradeRun } from '../grade/grade-run.ts';
import { clean } from '../report/words.ts';
import { type HandedIn, type Run, type Task, unrun, withOwnImages } from './run-submission.ts';

/** Said when its process has died for the first time. */
export function postponedLine(name: string, reason: string): string {
  return `${clean(name)}: the process that graded it failed: ${clean(reason)}; it is graded once more, alone, after the others`;
}

/** In each scenario errored, with the reason. */
export function deadSubmission(
  { name, kernel, ownImages, files = [], students, handIn }: Omit<HandedIn, 'sources'> & Omit<Task, 'submission'>,
  reason: string,
  { rubric, images, host, attempt, keep }: Pick<Run, 'rubric' | 'images' | 'host' | 'attempt' | 'keep'>,
): SubmissionRuns {
  const handedIn = 'bytes' in kernel ? { file: kernel.file, sha256: kernel.sha256 } : null;
  const runs = new Map<string, GradedRun>();
  const held = withOwnImages(rubric, images, ownImages);
  for (const scenario of rubric.scenarios) {
    const drives = held.get(scenario.name)!;
    const empty = unrun(scenario, drives, { reason: 'worker-died', message: reason }, host);
    const evidence = { ...empty, kernelSha256: handedIn?.sha256 ?? null };
    runs.set(scenario.name, gradeRun(rubric, scenario, { evidence, images: drives }, keep(evidence, drives)));
  }
  return { name, students, handIn, tool: host.tool, kernel: handedIn, files, attempt, runs };
}
