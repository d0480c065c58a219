/**
 * `bootgrade check`: what a student asks before handing in. Boots the kernel of the lab's folder by the course's rubric and prints the
 * report, the first check that failed first. Only what students may see is run, and nothing is written unless `--report` or `--out` says so.
 */
import { dirname, join, relative, resolve } from 'node:path';
import picocolors from 'picocolors';
import { quoted } from '../evidence/printable.ts';
import { lookAt, lookThrough, realPath } from '../files/read.ts';
import { asUsage } from '../files/system-error.ts';
import { visibleRubric } from '../grade/audience.ts';
import { type Checked, type CheckRequest, checkSubmission } from '../grading/check-submission.ts';
import type { Crew } from '../grading/crew.ts';
import { type Explain, imagesOf } from '../grading/run-submission.ts';
import { terminalProgress } from '../report/changes.ts';
import { terminalConsoles } from '../report/console-lines.ts';
import { gccLines } from '../report/gcc.ts';
import { type ChosenFormat, reportFormats } from '../report/index.ts';
import { clean } from '../report/words.ts';
import type { SubmissionResult } from '../result/result.ts';
import { isRandomValue } from '../rubric/random.ts';
import type { Rubric } from '../rubric/types.ts';
import { FolderTree } from '../submission/folder-tree.ts';
import { reportPath } from '../submission/name.ts';
import { searchTop } from '../submission/search.ts';
import { type Workspace, withWorkspace } from '../submission/workspace.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { type BuildFlags, withBuilding } from './building.ts';
import { type Course, findCourse } from './course-file.ts';
import type { Environment } from './environment.ts';
import { find } from './grade.ts';
import { exitCode } from './grade-end.ts';
import { interruptible } from './interrupt.ts';
import { processPorts } from './ports.ts';
import { readRubric } from './read-rubric.ts';

export interface CheckOptions extends BuildFlags {
  /** The lab's folder, one inside it, or a kernel. */
  readonly path: string;
  readonly json: boolean;
  /** How the report is printed: for people, or as gcc prints mistakes, for editors; left out: for people. */
  readonly format?: 'terminal' | 'gcc';
  readonly strict: boolean;
  readonly explain: Explain;
  /** Random values by name, `needle=abcdefgh,pid=12345`; left out: those of this kernel. */
  readonly values?: string;
  /** From 1; left out: what the course's file says. */
  readonly attempt?: number;
  /** Checks again whenever the kernel has changed, until Ctrl-C. */
  readonly watch: boolean;
  /** Prints what the kernel printed as well. */
  readonly console: boolean;
  /** Folder of the reports; left out: `reports` if formats are asked for, else nothing is written. */
  readonly out?: string;
  /** Reports beside the record; left out: none is asked for. */
  readonly formats?: readonly ChosenFormat[];
}

interface Check {
  /** A folder or a kernel. */
  readonly submission: string;
  readonly request: CheckRequest;
  readonly build: BuildFlags & { readonly rubric: string };
  readonly crew: Crew;
}

const DEFAULT_OUT = 'reports';

/** Checks; returns the exit code, as `grade` has it. Throws UsageError. */
export async function check(options: CheckOptions, environment: Environment, crew: Crew): Promise<number> {
  const { path, explain, watch } = options;
  if (options.json && options.format !== undefined)
    throw new UsageError('--json and --format are two forms of one report: leave one of them out');
  if (watch && options.json) throw new UsageError('--json prints one document, and --watch checks again and again: leave one of them out');
  const stat = asUsage(path, () => lookThrough(path));
  if (stat === undefined) throw new UsageError(`${path}: no such file or folder`);
  const isFolder = stat.isDirectory();
  const course = findCourse(isFolder ? path : dirname(resolve(path)));
  const rubric = visibleRubric(await readRubric(relative('', course.rubric)));
  if (rubric.checks.length === 0) throw new UsageError(`${course.rubric}: all of its checks are hidden: nothing to check`);
  const submission = isFolder ? labFolder(path, course, rubric) : path;
  const attempt = options.attempt ?? course.attempt;
  const out = options.out ?? (options.formats === undefined ? null : DEFAULT_OUT);
  const reports = out === null ? null : { out, formats: options.formats ?? [] };
  const build = { rubric: course.rubric, unsandboxed: options.unsandboxed ?? false };
  const values = options.values === undefined ? {} : { values: valuesIn(options.values, rubric) };
  const request = { rubric, images: imagesOf(rubric), attempt, explain, reports, ...values };
  const prepared: Check = { submission, request, build, crew };
  for (let before: SubmissionResult | null = null; ; ) {
    const checked = await withWorkspace((workspace) => checkOnce(prepared, workspace, environment));
    const { result } = checked;
    environment.out(printed(checked, before, { ...options, submission: isFolder ? submission : dirname(submission), out }, environment));
    if (!watch || !(await changed(prepared, result, environment))) return exitCode([result], options);
    before = result;
  }
}

/** Throws UsageError. */
function valuesIn(text: string, { random }: Rubric): Record<string, string> {
  if (random === null) throw new UsageError('--values: the rubric has no random values that each kernel has for itself');
  const known = random.spec.values;
  const pairs = text.split(',').map((pair) => pair.split('='));
  for (const [name = '', value = ''] of pairs) {
    const one = known.find((spec) => spec.name === name);
    if (one === undefined)
      throw new UsageError(`--values: there is no value ${quoted(name)}; there are ${known.map((spec) => spec.name).join(', ')}`);
    if (!isRandomValue(one, value)) {
      const form = one.kind === 'word' ? 'small letters' : 'digits, the first of which is not 0';
      throw new UsageError(`--values: ${name} has ${one.length} ${form}, which ${quoted(value)} is not`);
    }
  }
  return Object.fromEntries(pairs);
}

/** The folder nearest to where the command was typed in which there is a kernel; the course's file is in it, or above it. */
function labFolder(path: string, { folder }: Course, { submission }: Rubric): string {
  for (let lab = resolve(path); lab !== folder; lab = dirname(lab)) {
    if (searchTop(new FolderTree(realPath(lab) ?? lab), submission) !== undefined) return lab;
  }
  return folder;
}

async function checkOnce({ submission, request, build, crew }: Check, workspace: Workspace, environment: Environment): Promise<Checked> {
  const { submissions } = await find([submission], request.rubric, { single: true, workspace });
  const plan = { ...build, rules: request.rubric.submission, handIns: submissions, paths: [] };
  return withBuilding(plan, (building) =>
    checkSubmission(submissions[0]!.submission, request, processPorts(environment, crew, undefined, building)),
  );
}

/** Waits for a change; false when the user ends the command. */
async function changed(
  { submission, request: { rubric } }: Check,
  { kernel }: SubmissionResult,
  environment: Environment,
): Promise<boolean> {
  const { kernelChanged } = await import('../submission/watch.ts');
  return interruptible((signal) => {
    const say = (line: string) => {
      if (environment.quiet !== true) environment.err(line);
    };
    const deleted = () => say('The kernel was deleted; waiting until there is one again.\n');
    say('Waiting for a new build of the kernel; Ctrl-C ends.\n');
    const changed = kernelChanged(submission, rubric.submission, kernel?.sha256 ?? null, { signal, deleted });
    return changed;
  });
}

/** What is printed, and where the files are. `submission`: the folder in which the student's files are. */
interface Printing extends Omit<CheckOptions, 'out'> {
  readonly submission: string;
  readonly out: string | null;
}

function printed(checked: Checked, before: SubmissionResult | null, options: Printing, environment: Environment): string {
  if (options.json) return reportFormats.json.one(checked.result);
  if (options.format !== 'gcc') return report(checked, before, options, environment);
  return gccLines(checked.result, (file) => {
    const path = join(options.submission, file);
    return clean(lookAt(path) === undefined ? file : relative('', path));
  });
}

/** `before`: the result of the last time; null at the first. */
function report(
  { result, runs }: Checked,
  before: SubmissionResult | null,
  options: Printing,
  { colors: wanted, width }: Environment,
): string {
  const { out } = options;
  const colors = picocolors.createColors(wanted);
  const text = reportFormats.terminal.one(firstFailureFirst(result), colors, width ?? null);
  return [
    text,
    ...(options.console ? [`\n${terminalConsoles(runs, colors)}`] : []),
    ...(before === null ? [] : [`\n${terminalProgress(before, result, colors)}`]),
    ...(out === null
      ? text.replace(/\s+/g, ' ').includes(IN_JSON)
        ? [`\n${HOW_TO_WRITE}\n`]
        : []
      : [`\nThe reports and their evidence: ${clean(out)}\n`, ...pageLines(result, options)]),
  ].join('');
}

/** Nothing is opened: whoever asked for a page opens it. */
function pageLines({ name }: SubmissionResult, { formats = [], out }: Printing): string[] {
  if (out === null || !formats.some((format) => format.name === 'html')) return [];
  return [`Open this page in a browser: ${clean(join(out, `${reportPath(name)}.html`))}\n`];
}

/** What a report says of that which it leaves out. */
const IN_JSON = 'in the JSON report';
const HOW_TO_WRITE = 'With --report json, the JSON report is written to the folder "reports".';

/** What a student should look at first is what they read first: the checks after it often fail for the same reason. */
function firstFailureFirst(result: SubmissionResult): SubmissionResult {
  const first = result.checks.find(({ outcome }) => outcome === 'failed' || outcome === 'errored');
  return first === undefined ? result : { ...result, checks: [first, ...result.checks.filter((one) => one !== first)] };
}
