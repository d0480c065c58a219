/** `bootgrade grade`: runs every submission through the rubric's scenarios, writes its report and evidence, prints the reports. */
import { basename, join } from 'node:path';
import type { Evidence } from '../evidence/evidence.ts';
import { gradeSubmission, type ScenarioRun } from '../grade/grade.ts';
import type { SubmissionResult } from '../grade/result.ts';
import { reportFormats } from '../report/index.ts';
import { clean } from '../report/words.ts';
import { type InitialImage, initialImage } from '../rubric/image.ts';
import type { Rubric } from '../rubric/types.ts';
import { type Host, runScenario } from '../run/scenario.ts';
import { findSubmissions, type Submission, SubmissionPathError } from '../submission/find.ts';
import { type Kernel, type Problem, readKernel } from '../submission/kernel.ts';
import { evidencePath, reportPath } from '../submission/name.ts';
import type { Environment } from './environment.ts';
import { readRubric } from './read-rubric.ts';
import { UsageError } from './usage-error.ts';
import { makeRoom, writeReport } from './write-report.ts';

export interface GradeOptions {
  readonly rubric: string;
  readonly submissions: readonly string[];
  /** Folder of the reports. */
  readonly out: string;
  readonly json: boolean;
  readonly strict: boolean;
}

/** By scenario, then by drive. */
type Images = ReadonlyMap<string, ReadonlyMap<string, InitialImage>>;

/** Grades; returns the exit code. Throws UsageError for what the user has to correct, before anything is booted. */
export async function grade(options: GradeOptions, environment: Environment, host: Host): Promise<number> {
  const rubric = await readRubric(options.rubric);
  const submissions = find(options.submissions, rubric);
  for (const { name } of submissions) makeRoom(reportFile(options.out, name));
  const results = gradeAll(submissions, rubric, options, environment, host);
  if (options.json) environment.out(reportFormats.json.all(results));
  else if (results.length > 1) {
    environment.out(reportFormats.terminal.all(results, environment.colors));
    environment.out(`Each report and its evidence: ${clean(options.out)}\n`);
  }
  return exitCode(results, options.strict);
}

function find(paths: readonly string[], { submission }: Rubric): Submission[] {
  try {
    return findSubmissions(paths, submission.kernel);
  } catch (error) {
    if (error instanceof SubmissionPathError) throw new UsageError(error.message);
    throw error;
  }
}

function reportFile(out: string, name: string): string {
  return join(out, `${reportPath(name)}.json`);
}

function exitCode(results: readonly SubmissionResult[], strict: boolean): number {
  if (results.some(({ outcome }) => outcome === 'errored')) return 3;
  return strict && results.some(({ outcome }) => outcome === 'failed') ? 1 : 0;
}

function gradeAll(
  submissions: readonly Submission[],
  rubric: Rubric,
  { out, json }: GradeOptions,
  environment: Environment,
  host: Host,
): SubmissionResult[] {
  const images: Images = new Map(
    rubric.scenarios.map(({ name, machine }) => [name, new Map(machine.drives.map((drive) => [drive.name, initialImage(drive)]))]),
  );
  return submissions.map((submission, index) => {
    const announce = (scenario: string) =>
      showProgress(environment, `[${index + 1}/${submissions.length}] ${submission.name}: ${scenario}`);
    const result = gradeOne(submission, { rubric, images, out, host, announce });
    showProgress(environment, '');
    if (!json) environment.out(`${reportFormats.terminal.one(result, environment.colors)}\n`);
    return result;
  });
}

/** One line of standard error, drawn over by the next; the empty text takes it away. */
function showProgress({ progress, err }: Environment, text: string): void {
  if (progress) err(`\r\u001b[K${clean(text).slice(0, 78)}`);
}

interface Grading {
  readonly rubric: Rubric;
  readonly images: Images;
  readonly out: string;
  readonly host: Host;
  readonly announce: (scenario: string) => void;
}

/** Runs every scenario; the report and each run's evidence are on disk when it returns. */
function gradeOne({ name, kernel: found }: Submission, { rubric, images, out, host, announce }: Grading): SubmissionResult {
  const kernel: Kernel | Problem = 'problem' in found ? found : readKernel(found);
  const runs = new Map<string, ScenarioRun>();
  for (const scenario of rubric.scenarios) {
    announce(scenario.name);
    const drives = images.get(scenario.name)!;
    const evidence: Evidence = runScenario(scenario, drives, kernel, host);
    const file = join(out, `${evidencePath(name, scenario.name)}.json`);
    writeReport(file, `${JSON.stringify(evidence)}\n`);
    runs.set(scenario.name, { evidence, images: drives, evidenceFile: basename(file) });
  }
  const handedIn = 'problem' in kernel ? null : { file: kernel.file, sha256: kernel.sha256 };
  const result = gradeSubmission(rubric, { name, tool: host.tool, kernel: handedIn, runs });
  writeReport(reportFile(out, name), reportFormats.json.one(result));
  return result;
}
