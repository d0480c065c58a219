/** One submission through every scenario of a rubric. */
import type { Stage } from '../batch/deadlines.ts';
import type { Evidence, Stop } from '../evidence/evidence.ts';
import { explain } from '../explain/index.ts';
import { type Submission as Graded, gradeSubmission, type ScenarioRun } from '../grade/grade.ts';
import { type InitialImage, initialImage } from '../rubric/image.ts';
import type { Rubric, Scenario } from '../rubric/types.ts';
import { guardOf } from '../run/host-guard.ts';
import { type Host, runScenario } from '../run/scenario.ts';
import type { Found, Submission } from '../submission/class-folder.ts';
import { type HostFault, type Kernel, type Problem, readKernel } from '../submission/kernel.ts';

/** What is run once more, to find out why: nothing; what failed; or everything, and watched for races as well, whether it failed or not. */
export type Explain = 'nothing' | 'failures' | 'everything';

/** By scenario, then by drive. */
export type Images = ReadonlyMap<string, ReadonlyMap<string, InitialImage>>;

export function imagesOf(rubric: Rubric): Images {
  return new Map(
    rubric.scenarios.map(({ name, machine }) => [name, new Map(machine.drives.map((drive) => [drive.name, initialImage(drive)]))]),
  );
}

export interface Run {
  readonly rubric: Rubric;
  readonly images: Images;
  readonly host: Host;
  readonly attempt: number;
  readonly explain: Explain;
  /** Is told what comes next, by names that anybody may see. */
  readonly enter: (stage: Stage) => void;
}

function stageOf(phase: 'run' | 'explanation', scenario: Scenario, host: Host): Stage {
  return { phase, scenario: scenario.hidden ? 'a hidden scenario' : `scenario ${scenario.name}`, guard: guardOf(scenario, host) };
}

/** The kernel that was handed in, or why there is none. */
export function kernelOf(found: Found): Kernel | Problem | HostFault {
  return 'path' in found ? readKernel(found) : found;
}

/** The evidence of a run that was not to be: `stop` says why. */
export function unrun(scenario: Scenario, drives: ReadonlyMap<string, InitialImage>, stop: Stop, host: Host): Evidence {
  return { ...runScenario(scenario, drives, { problem: '' }, host), stop };
}

/** What grading needs to know of the submission. */
export function runSubmission({ name, kernel: found }: Submission, run: Run): Graded {
  const { rubric, images, host, attempt, enter } = run;
  const kernel = kernelOf(found);
  const runs = new Map<string, ScenarioRun>();
  for (const scenario of rubric.scenarios) {
    enter(stageOf('run', scenario, host));
    const drives = images.get(scenario.name)!;
    const evidence =
      'hostFault' in kernel
        ? unrun(scenario, drives, { reason: 'host-fault', message: kernel.hostFault }, host)
        : runScenario(scenario, drives, kernel, host);
    runs.set(scenario.name, { evidence, images: drives });
  }
  const handedIn = 'bytes' in kernel ? { file: kernel.file, sha256: kernel.sha256 } : null;
  const ran: Graded = { name, tool: host.tool, kernel: handedIn, attempt, runs };
  return run.explain === 'nothing' || !('bytes' in kernel) ? ran : explained(ran, kernel, run);
}

/** The same, with its evidence explained as far as checks that students see have failed, kernels came to a bad end, or raced with a device. */
function explained(submission: Graded, kernel: Kernel, { rubric, images, host, explain: asked, enter }: Run): Graded {
  enter({ phase: 'grading' });
  const { checks } = gradeSubmission(rubric, submission, 'student');
  const runs = new Map<string, ScenarioRun>();
  for (const scenario of rubric.scenarios) {
    const run = submission.runs.get(scenario.name)!;
    const ofScenario = checks.filter((check) => check.scenario === scenario.name && check.outcome === 'failed');
    const details = ofScenario.flatMap((check) => check.details);
    const stores = details.flatMap((detail) => (detail.kind === 'origin' ? [detail.question] : []));
    const prints = details.flatMap((detail) => (detail.kind === 'printed' ? [detail.question] : []));
    enter(stageOf('explanation', scenario, host));
    const repeated = { scenario, images: images.get(scenario.name)!, kernel, host };
    const explanations = explain(repeated, run.evidence, { stores, prints, end: ofScenario.length > 0, races: asked === 'everything' });
    runs.set(scenario.name, { ...run, evidence: { ...run.evidence, explanations } satisfies Evidence });
  }
  return { ...submission, runs };
}
