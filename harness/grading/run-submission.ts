/** One submission through every scenario of a rubric. */
import type { Stage } from '../batch/deadlines.ts';
import type { Evidence, Stop } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import { explain } from '../explain/index.ts';
import { scheduleStory } from '../explain/schedule-story.ts';
import { type SourceFiles, SourceLines } from '../explain/source-files.ts';
import { CutVerdicts } from '../grade/cut-verdicts.ts';
import { findingQuestions } from '../grade/finding-details.ts';
import { isRun, type SubmissionRuns, unexplained } from '../grade/grade.ts';
import { type EvidenceFile, type GradedRun, gradeRun, type ScenarioRun, withFile } from '../grade/grade-run.ts';
import type { HandedFile } from '../result/handed-file.ts';
import type { HandInFacts, Student } from '../result/result.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Host } from '../run/host.ts';
import { guardOf } from '../run/host-guard.ts';
import type { PowerCut } from '../run/power-cuts.ts';
import { runScenario } from '../run/scenario.ts';
import { ScheduledRuns } from '../run/schedules.ts';
import { ScenarioRuns } from '../run/shared-boot.ts';
import type { WriteLog } from '../run/write-log.ts';
import type { HandInProblem, HostFault, Kernel, Submission } from '../submission/handed-in.ts';
import { type InitialImage, initialImage } from '../vocabulary/image.ts';
import { mediaOf, ownImageKey, type Scenario } from '../vocabulary/scenario.ts';
import { type Beginning, DisksAtEnd } from './disks-at-end.ts';
import { isScheduled, runSchedules } from './run-schedules.ts';

/** Which runs are repeated to find out why: none; those that failed; or all, which are also watched for races. */
export type Explain = 'nothing' | 'failures' | 'everything';

/** Files that a result names besides the kernel. */
const MOST_ALSO_MATCHED = 20;

/** By scenario, then by drive. */
export type Images = ReadonlyMap<string, ReadonlyMap<string, InitialImage>>;

/** Those that the rubric describes. A drive whose image each submission has for itself holds nothing yet. */
export function imagesOf(rubric: Rubric): Images {
  return new Map(
    rubric.scenarios.map(({ name, machine }) => [name, new Map(mediaOf(machine).map((medium) => [medium.name, initialImage(medium)]))]),
  );
}

/** The same with those of one submission, as far as there are any. */
export function withOwnImages({ scenarios }: Rubric, images: Images, ownImages: HandedIn['ownImages'] = new Map()): Images {
  if (ownImages.size === 0) return images;
  return new Map(
    scenarios.map(({ name, machine }) => {
      const held = machine.drives.flatMap((drive) => {
        const image = drive.own === null ? undefined : ownImages.get(ownImageKey(drive.own));
        return image === undefined ? [] : [[drive.name, image] as const];
      });
      return [name, new Map([...images.get(name)!, ...held])];
    }),
  );
}

/** A submission that is to be graded, whose it is, and when it was handed in. */
export interface Task {
  readonly submission: Submission;
  readonly students: readonly Student[];
  readonly handIn: HandInFacts | null;
}

/** A submission with its kernel, or why there is none. */
export interface HandedIn {
  readonly name: string;
  readonly kernel: Kernel | HandInProblem | HostFault;
  /** Files that the rubric's patterns match as well. */
  readonly alsoMatched?: readonly string[];
  /** Images of drives that are its own, by `ownImageKey`. */
  readonly ownImages?: ReadonlyMap<string, InitialImage>;
  /** Files that checks look at; left out: the rubric asks for none. */
  readonly files?: readonly HandedFile[];
  /** What was handed in beside it, its sources perhaps; null: nothing. */
  readonly sources: SourceFiles | null;
}

export interface Run {
  readonly rubric: Rubric;
  readonly images: Images;
  readonly host: Host;
  readonly attempt: number;
  readonly explain: Explain;
  /** Called with what comes next, in names that anybody may see. */
  readonly enter: (stage: Stage) => void;
  /** Takes the evidence of each run as soon as that is done, and what drives held before it; returns the file that it is in, null if it is in none. */
  readonly keep: (evidence: Evidence, images: ReadonlyMap<string, InitialImage>) => EvidenceFile | null;
}

function stageOf(phase: 'run' | 'explanation', scenario: Scenario, host: Host): Stage {
  return { phase, scenario: scenario.hidden ? 'a hidden scenario' : `scenario ${scenario.name}`, guard: guardOf(scenario, host) };
}

/** The evidence of a run that could not take place: `stop` says why. */
export function unrun(scenario: Scenario, drives: ReadonlyMap<string, InitialImage>, stop: Stop, host: Host): Evidence {
  return { ...runScenario(scenario, drives, { problem: '' }, host), stop };
}

/** What grading needs to know of the submission. The evidence of one scenario is not kept in memory when the next one is run. */
export function runSubmission({ name, kernel, alsoMatched = [], ownImages, files = [], sources }: HandedIn, asked: Run): SubmissionRuns {
  const { rubric, host, attempt } = asked;
  const run = { ...asked, images: withOwnImages(rubric, asked.images, ownImages) };
  const others = alsoMatched.length === 0 ? {} : { alsoMatched: alsoMatched.slice(0, MOST_ALSO_MATCHED) };
  const booted = 'bytes' in kernel ? { file: kernel.file, sha256: kernel.sha256, ...others } : null;
  const runs = new Map<string, GradedRun>();
  const submission: SubmissionRuns = { name, tool: host.tool, kernel: booted, files, attempt, runs };
  const code = sources === null ? null : new SourceLines(sources);
  const ahead = rubric.scenarios.flatMap((scenario) => {
    const { runs, only } = scenario.cuts ?? { runs: 1, only: null };
    return Array.from({ length: only === null ? runs : 1 }, () => ({ scenario, drives: run.images.get(scenario.name)! }));
  });
  const machines = 'hostFault' in kernel ? null : new ScenarioRuns(kernel, host, ahead);
  const evidenceOf = (scenario: Scenario, { drives, stop }: Beginning, log?: WriteLog) => {
    if ('hostFault' in kernel) return unrun(scenario, drives, hostFault(kernel), host);
    return stop === null ? machines!.run(scenario, drives, log) : unrun(scenario, drives, stop, host);
  };
  const disks = new DisksAtEnd(rubric.scenarios);
  for (const scenario of rubric.scenarios) {
    if (!isRun(rubric, submission, scenario)) continue;
    const beginning = disks.before(scenario, run.images.get(scenario.name)!);
    const runnable = { kernel, code, beginning, evidenceOf, ended: disks };
    const { cuts } = beginning;
    runs.set(
      scenario.name,
      cuts === undefined ? runOne(scenario, runnable, submission, run) : runCuts(scenario, runnable, cuts, submission, run),
    );
  }
  machines?.end();
  return submission;
}

/** The same, with the evidence of all runs, which is kept in memory. */
export function runAndHold(submission: HandedIn, run: Omit<Run, 'keep'>): { graded: SubmissionRuns; left: Map<string, ScenarioRun> } {
  const left = new Map<string, ScenarioRun>();
  const keep = (evidence: Evidence, images: Drives) => {
    left.set(evidence.scenario, { evidence, images });
    return null;
  };
  return { graded: runSubmission(submission, { ...run, keep }), left };
}

/** A kernel with the sources that were handed in beside it. */
interface KernelAndCode<Of> {
  readonly kernel: Of;
  readonly code: SourceLines | null;
}

type Drives = ReadonlyMap<string, InitialImage>;

const hostFault = ({ hostFault, undecided }: HostFault): Stop => ({
  reason: undecided === true ? 'undecided' : 'host-fault',
  message: hostFault,
});

interface Runnable extends KernelAndCode<Kernel | HandInProblem | HostFault> {
  readonly beginning: Beginning;
  readonly evidenceOf: (scenario: Scenario, beginning: Beginning, log?: WriteLog) => Evidence;
  readonly ended: DisksAtEnd;
}

/** `submission`: with the runs until now. */
function runOne(scenario: Scenario, runnable: Runnable, submission: SubmissionRuns, run: Run): GradedRun {
  const { beginning, evidenceOf, ended } = runnable;
  const images = beginning.drives;
  run.enter(stageOf('run', scenario, run.host));
  const log = ended.logFor(scenario);
  const evidence = evidenceOf(scenario, beginning, log);
  ended.after(scenario, images, evidence, log);
  const { kernel } = runnable;
  if (!isScheduled(scenario) || !('bytes' in kernel) || beginning.stop !== null)
    return written(scenario, evidence, runnable, submission, run);
  return runSchedules({
    rubric: run.rubric,
    scenario,
    images,
    plain: evidence,
    open: () => new ScheduledRuns(scenario, images, kernel, run.host),
    enter: () => run.enter(stageOf('run', scenario, run.host)),
    run: (under) => runScenario(under, images, kernel, run.host),
    story: (under) => (run.explain === 'nothing' ? [] : scheduleStory({ scenario: under, images, kernel, host: run.host }, runnable.code)),
    written: (under, shown) => written(under, shown, runnable, submission, run),
  });
}

/** Runs in which the kernel came to a limit, after which no more are tried: each may take the host seconds. */
const MOST_AT_LIMIT = 3;

/** One run for each power cut. What is kept and explained is the first in which a check fails, or else the first. */
function runCuts(scenario: Scenario, runnable: Runnable, cuts: Iterable<PowerCut>, submission: SubmissionRuns, run: Run): GradedRun {
  const { rubric, host, enter } = run;
  const schedule = scenario.cuts!;
  const verdicts = new CutVerdicts();
  let shown: { cut: PowerCut; evidence: Evidence; fails: boolean } | undefined;
  let [tried, atLimit] = [0, 0];
  for (const cut of cuts) {
    enter(stageOf('run', scenario, host));
    const evidence = runnable.evidenceOf(scenario, { drives: cut.drives, stop: null });
    enter({ phase: 'grading' });
    const graded = gradeRun(rubric, scenario, { evidence, images: cut.drives });
    const fails = verdicts.add(cut, graded) || graded.trouble !== null;
    tried++;
    if (shown === undefined || (fails && !shown.fails)) shown = { cut, evidence, fails };
    if (evidence.stop.reason === 'limit') atLimit++;
    if (atLimit === MOST_AT_LIMIT || graded.trouble !== null) break;
  }
  if (shown === undefined) throw new Error(`scenario ${scenario.name} has no power cut`);
  const { cut, evidence } = shown;
  const one = written(scenario, evidence, { ...runnable, beginning: { drives: cut.drives, stop: null } }, submission, run);
  const left = (schedule.only === null ? schedule.runs : 1) - tried;
  return verdicts.over(one, { shown: cut.number, text: cut.text, schedule, left });
}

/** The run with its explanations, where there are any, in its file. */
function written(
  scenario: Scenario,
  evidence: Evidence,
  { kernel, code, beginning }: Runnable,
  submission: SubmissionRuns,
  run: Run,
): GradedRun {
  const { rubric, enter } = run;
  const images = beginning.drives;
  enter({ phase: 'grading' });
  const graded = gradeRun(rubric, scenario, { evidence, images });
  const runs = new Map(submission.runs).set(scenario.name, graded);
  const explanations =
    run.explain === 'nothing' || !('bytes' in kernel) || beginning.stop !== null
      ? null
      : explained(evidence, { kernel, code }, { scenario, images }, { ...submission, runs }, run);
  const file = put({ ...evidence, explanations }, images, run);
  if (explanations === null) return withFile(graded, file);
  enter({ phase: 'grading' });
  return gradeRun(rubric, scenario, { evidence: { ...evidence, explanations }, images }, file);
}

/** Explanations if a check that students see has failed, or the kernel ended badly or raced with a device. */
function explained(
  evidence: Evidence,
  { kernel, code }: KernelAndCode<Kernel>,
  { scenario, images }: { readonly scenario: Scenario; readonly images: Drives },
  submission: SubmissionRuns,
  run: Run,
): Explanations | null {
  const { rubric, host, explain: asked, enter } = run;
  const { failed, questions } = unexplained(rubric, submission, scenario.name);
  const accepted = rubric.acceptedRules;
  const findings = evidence.findings.filter(({ rule }) => !accepted.includes(rule));
  const stores = [...questions, ...findingQuestions({ ...evidence, findings })].flatMap((one) =>
    one.about === 'store' ? [one.question] : [],
  );
  const prints = questions.flatMap((one) => (one.about === 'print' ? [one.question] : []));
  enter(stageOf('explanation', scenario, host));
  const repeated = { scenario, images, kernel, host };
  return explain(repeated, evidence, { stores, prints, end: failed.length > 0, races: asked === 'everything', accepted }, code);
}

function put(evidence: Evidence, images: Drives, { keep, enter }: Pick<Run, 'keep' | 'enter'>): EvidenceFile | null {
  enter({ phase: 'writing' });
  return keep(evidence, images);
}
