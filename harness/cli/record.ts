/** A grading's record on disk: a report for each submission, and the evidence of each run beside it. */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Stage } from '../batch/deadlines.ts';
import { jsonText } from '../evidence/json-text.ts';
import { evidenceForStudents } from '../grade/audience.ts';
import { gradeSubmission, type ScenarioRun, type Submission } from '../grade/grade.ts';
import type { Audience, SubmissionResult } from '../grade/result.ts';
import { reportFormats } from '../report/index.ts';
import type { Rubric } from '../rubric/types.ts';
import { evidencePath, reportPath } from '../submission/name.ts';
import { makeRoom, makeRoomForReport, writeReport } from './write-report.ts';

/** Where a record goes, and who it is for: students' holds nothing that is hidden. */
export interface Destination {
  readonly out: string;
  readonly audience: Audience;
}

/** Where a submission's report goes. */
export function reportFile(out: string, name: string): string {
  return join(out, `${reportPath(name)}.json`);
}

function evidenceFile(out: string, name: string, scenario: string): string {
  return join(out, `${evidencePath(name, scenario)}.json`);
}

/** All files of a submission's record. */
export function recordFiles(name: string, { scenarios }: Rubric, { out }: Destination): string[] {
  return [reportFile(out, name), ...scenarios.map((scenario) => evidenceFile(out, name, scenario.name))];
}

/** Makes sure that the submission's record can be written. Throws UsageError where it would replace what is not its like. */
export function prepareRecord(name: string, { scenarios }: Rubric, { out, audience }: Destination): void {
  makeRoomForReport(reportFile(out, name), audience);
  for (const { name: scenario, hidden } of scenarios) {
    makeRoom(evidenceFile(out, name, scenario), hidden && audience === 'student');
  }
}

/** Grades what was run, writes its evidence, then its report; both are on disk when it returns. `enter` is told what comes next. */
export function writeRecord(
  submission: Submission,
  rubric: Rubric,
  { out, audience }: Destination,
  enter: (stage: Stage) => void = () => {},
): SubmissionResult {
  enter({ phase: 'writing' });
  const runs = new Map<string, ScenarioRun>();
  for (const { name: scenario, hidden } of rubric.scenarios) {
    const run = submission.runs.get(scenario)!;
    const file = evidenceFile(out, submission.name, scenario);
    const text = `${jsonText(audience === 'student' ? evidenceForStudents(run.evidence) : run.evidence)}\n`;
    if (!hidden || audience === 'instructor') writeReport(file, text);
    runs.set(scenario, { ...run, evidenceFile: { name: basename(file), sha256: createHash('sha256').update(text).digest('hex') } });
  }
  enter({ phase: 'grading' });
  const result = gradeSubmission(rubric, { ...submission, runs }, audience);
  enter({ phase: 'writing' });
  writeReport(reportFile(out, submission.name), reportFormats.json.one(result));
  return result;
}
