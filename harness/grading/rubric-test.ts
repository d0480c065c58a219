/**
 * The rubric under test: grades the submissions of its `expect` block and compares; then mutates the evidence of its reference solution,
 * and lists every mutation that no check notices.
 */
import type { BlindSpots } from '../grade/blind-spots.ts';
import { expectationBlock, unmet } from '../grade/expectations.ts';
import { gradeSubmission } from '../grade/grade.ts';
import type { Expectation } from '../rubric/expectations.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Submission } from '../submission/handed-in.ts';
import { withKernels } from './build-stage.ts';
import { deadSubmission, postponedLine } from './dead-submission.ts';
import { Interruption, type Ports } from './ports.ts';
import { readHandIn } from './read-hand-in.ts';
import { imagesOf } from './run-submission.ts';
import type { Tried } from './worker-jobs.ts';

/** A submission whose grade the rubric's author knows; its name is the expectation's. */
export interface Expected {
  readonly expectation: Expectation;
  readonly submission: Submission;
}

export interface Tested {
  readonly name: string;
  readonly score: number | null;
  readonly errored: boolean;
  /** What is not as expected, as sentences. */
  readonly problems: string[];
  /** Lines of YAML that say what it got, for the rubric's `expect`; empty if all is as expected, or nothing is known. */
  readonly block: string[];
}

export interface RubricTest {
  /** In the order of the expectations. */
  readonly tested: readonly Tested[];
  /** null: there is no reference solution, or it errored. */
  readonly blindSpots: BlindSpots | null;
}

/** `reference`: the name of the submission that solves the lab; null if none is named. Throws HostError; Interruption. */
export async function testRubric(
  rubric: Rubric,
  reference: string | null,
  submissions: readonly Expected[],
  ports: Ports,
): Promise<RubricTest> {
  const ready = await withKernels(
    submissions.map(({ submission }) => submission),
    ports,
  );
  const tried = await ports.interruptible((signal) => tryAll(ready, rubric, reference, ports, signal));
  return {
    tested: submissions.map(({ expectation }) => tested(expectation, tried.get(expectation.submission)!)),
    blindSpots: reference === null ? null : tried.get(reference)!.blindSpots,
  };
}

/** By name. Throws Interruption where the user stops it. */
async function tryAll(
  submissions: readonly Submission[],
  rubric: Rubric,
  reference: string | null,
  { crew, files, progress }: Ports,
  signal: AbortSignal,
): Promise<Map<string, Tried>> {
  const tried = new Map<string, Tried>();
  const tasks = submissions.map((submission) => ({ submission, students: [], handIn: null }));
  await crew.many(
    'test',
    { setup: { rubric, reference }, tasks, alone: [], signal },
    {
      started: () => {},
      answered: ({ submission }, answer) => tried.set(submission.name, answer),
      postponed: ({ submission: { name } }, { reason }) => progress.note(postponedLine(name, reason)),
      died: ({ submission }, { reason }) => {
        const handedIn = { ...readHandIn(submission, rubric, files), students: [], handIn: null };
        const dead = deadSubmission(handedIn, reason, { rubric, images: imagesOf(rubric), host: crew.host, attempt: 1, keep: () => null });
        tried.set(submission.name, { result: gradeSubmission(rubric, dead, 'instructor'), blindSpots: null });
      },
    },
  );
  if (tried.size < tasks.length) throw new Interruption(`stopped after ${tried.size} of ${tasks.length} submissions`, signal);
  return tried;
}

function tested(expectation: Expectation, { result }: Tried): Tested {
  const errored = result.outcome === 'errored';
  const problems = unmet(expectation, result);
  const block = problems.length === 0 ? [] : expectationBlock(expectation, result);
  return { name: expectation.submission, score: result.score, errored, problems, block };
}
