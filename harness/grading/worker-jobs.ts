/** What a worker process can be asked to do with each submission, and what it answers: both are plain data. */
import type { Stage } from '../batch/deadlines.ts';
import { type BlindSpots, findBlindSpots } from '../grade/blind-spots.ts';
import { gradeSubmission } from '../grade/grade.ts';
import type { SubmissionResult } from '../result/result.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Host } from '../run/host.ts';
import type { Files } from './files.ts';
import { buildOf, type GradingSetup, gradeOne, gradingOf } from './grade-one.ts';
import { withOwnRandom } from './own-random.ts';
import { readHandIn } from './read-hand-in.ts';
import { imagesOf, runAndHold, runSubmission, type Task } from './run-submission.ts';

export interface TestSetup {
  readonly rubric: Rubric;
  /** The submission whose evidence is then changed, to find what no check notices. */
  readonly reference: string | null;
}

export interface Tried {
  readonly result: SubmissionResult;
  /** null: it is not the reference. */
  readonly blindSpots: BlindSpots | null;
}

/** By name: the data that all tasks share, and the answer to one. */
export interface Jobs {
  readonly grade: { readonly setup: GradingSetup; readonly answer: SubmissionResult };
  readonly test: { readonly setup: TestSetup; readonly answer: Tried };
}

export type JobName = keyof Jobs;

/** Bytes of memory of the rubric's largest machine. */
export function largestMachine({ scenarios }: Rubric): number {
  return Math.max(...scenarios.map(({ machine }) => machine.memory));
}

/** What a job needs from outside. */
export interface JobPorts {
  readonly host: Host;
  readonly files: Files;
}

/** `enter` is called with what comes next. */
export type Perform<Name extends JobName> = (
  setup: Jobs[Name]['setup'],
  ports: JobPorts,
  enter: (stage: Stage) => void,
) => (task: Task) => Jobs[Name]['answer'];

export const JOBS: { readonly [Name in JobName]: Perform<Name> } = {
  grade: (setup, { host, files }, enter) => {
    const grading = gradingOf(setup, host, files);
    return (task) => gradeOne(task, grading, enter);
  },
  test: ({ rubric, reference }, { host, files }, enter) => {
    const images = imagesOf(rubric);
    return ({ submission }) => {
      const handedIn = { ...readHandIn(submission, rubric, files), sources: null };
      const own = withOwnRandom({ rubric, images }, handedIn);
      const run = { ...own, host, attempt: 1, explain: 'nothing', enter } as const;
      const build = buildOf(submission);
      if (submission.name !== reference) {
        const graded = runSubmission(handedIn, { ...run, keep: () => null });
        return { result: gradeSubmission(own.rubric, { ...graded, ...build }, 'instructor'), blindSpots: null };
      }
      const { graded, left } = runAndHold(handedIn, run);
      enter({ phase: 'grading' });
      const known = { ...graded, ...build };
      return { result: gradeSubmission(own.rubric, known, 'instructor'), blindSpots: findBlindSpots(own.rubric, known, left) };
    };
  },
};
