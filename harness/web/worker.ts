/** Grades one submission, as `bootgrade check` does, or runs a live machine, in a worker of its own: the page stops it by ending the worker. */
import { config } from 'zod';
import { createMachine } from '../../machine/index.ts';
import { TOOL } from '../cli/version.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { gradeSubmission } from '../grade/grade.ts';
import { withOwnRandom } from '../grading/own-random.ts';
import { imagesOf, runSubmission } from '../grading/run-submission.ts';
import { submissionPage } from '../report/html/submission.ts';
import { jsonReport } from '../report/json.ts';
import { excerptOf, type RunExcerpt } from '../report/run-excerpt.ts';
import { score } from '../report/words.ts';
import type { Host } from '../run/host.ts';
import { handedIn } from './hand-in.ts';
import { LiveMachine } from './live-machine.ts';
import type { Answer, Command, Graded, Job, LiveAnswer } from './messages.ts';
import { rubricOf } from './rubric.ts';

// Otherwise the library tries whether it may make code of texts, which the page's policy forbids and reports.
config({ jitless: true });

/** What a worker has of the names that the page has with a different meaning. */
const page = globalThis as unknown as {
  postMessage(answer: Answer | LiveAnswer): void;
  onmessage: (event: { readonly data: Job | Command }) => void;
};

/** Without a guard: the student has a button to stop with, and a slow phone is no fault of the kernel's. */
const HOST: Host = { createMachine, seconds: () => 0, guard: Number.POSITIVE_INFINITY, beat: () => {}, tool: TOOL };

async function grade({ course, chosen }: Job): Promise<Graded> {
  const read = await rubricOf(course);
  page.postMessage({ kind: 'begun', scenarios: read.scenarios.length });
  const runs: RunExcerpt[] = [];
  const submission = handedIn(chosen, read);
  const { rubric, images } = withOwnRandom({ rubric: read, images: imagesOf(read) }, submission);
  const ran = runSubmission(submission, {
    rubric,
    images,
    host: HOST,
    attempt: 1,
    explain: 'failures',
    enter: (stage) => page.postMessage({ kind: 'entered', phase: stage.phase, scenario: 'scenario' in stage ? stage.scenario : null }),
    keep: (evidence: Evidence) => {
      runs.push(excerptOf(evidence));
      return null;
    },
  });
  const result = gradeSubmission(rubric, ran, 'student');
  const { name, outcome } = result;
  const points = result.score === null ? 'no score' : score(result.score, result.maxScore);
  return { name, outcome, score: points, json: jsonReport(result), html: submissionPage({ result, runs, path: null }) };
}

function begin(job: Job): void {
  switch (job.kind) {
    case 'grade':
      grade(job).then(
        (graded) => page.postMessage({ kind: 'done', ...graded }),
        (error: unknown) => page.postMessage({ kind: 'failed', message: messageOf(error) }),
      );
      return;
    case 'live':
      live = boot(job);
      live.catch((error: unknown) => page.postMessage({ kind: 'ended', why: messageOf(error) }));
  }
}

async function boot({ course, chosen }: Job): Promise<LiveMachine> {
  const rubric = await rubricOf(course);
  return new LiveMachine(handedIn(chosen, rubric), rubric, (answer) => page.postMessage(answer));
}

/** The machine, where this worker is for one. */
let live: Promise<LiveMachine> | undefined;

page.onmessage = ({ data }) => {
  if ('course' in data) begin(data);
  else void live?.then((machine) => machine.take(data));
};

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
