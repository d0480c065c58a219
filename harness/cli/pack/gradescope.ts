/**
 * Gradescope: `autograder.zip`, which it unpacks into /autograder/source. `setup.sh` is run once, when the image is built; `run_autograder` for each
 * submission, which lies in /autograder/submission, with /autograder/submission_metadata.json beside it.
 *
 * There is a result from the first moment on, without a score: Gradescope reports it as the autograder's failure and never as a zero,
 * also where the run is ended from outside. Attempts are counted by `previous_submissions`.
 * Reference: Gradescope's autograder documentation, "Specifications", "Submission Metadata", "Output format".
 */
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere } from '../../files/read.ts';
import { asUsage } from '../../files/system-error.ts';
import { makeFolder, replaceFile } from '../../files/write.ts';
import { handInText } from '../../report/attempts.ts';
import { daysOf, secondsAfter } from '../../vocabulary/moment.ts';
import { MOST_BYTES } from '../../vocabulary/most-bytes.ts';
import { type Graded, graded } from './graded.ts';
import { type Place, type Platform, PROGRAM } from './platform.ts';
import { installNode } from './setup.ts';

const RESULTS = 'results/results.json';
const MOST_ATTEMPTS = 999_999;

const moment = z.string().nullish().catch(null);
const dates = z.looseObject({ due_date: moment });

/** What is read of it; Gradescope says that it may change, so that nothing in it has to be there. */
const metadataSchema = z.looseObject({
  created_at: moment,
  assignment: dates.nullish().catch(null),
  users: z.array(z.looseObject({ assignment: dates.nullish().catch(null) })).catch([]),
  previous_submissions: z.array(z.unknown()).catch([]),
});

type Metadata = z.infer<typeof metadataSchema>;

const setup = `#!/usr/bin/env bash
# Written by "bootgrade pack gradescope". Gradescope runs this once, when it builds the autograder's image.
set -euo pipefail
${installNode}`;

const run = (rubric: string) => `#!/usr/bin/env bash
# Written by "bootgrade pack gradescope". Gradescope runs this for each submission.
set -euo pipefail
root=\${AUTOGRADER_ROOT:-/autograder}
mkdir -p "$root/results"
# Without a score: if nothing comes in its place, Gradescope reports that the autograder failed, and no zero.
printf '%s\\n' '${resultText('The grader did not start. Your course can see why in the output of the autograder.')}' >"$root/${RESULTS}"
exec node "$root/source/${PROGRAM}" packed gradescope "$root/source/${rubric}" "$root"
`;

export const gradescope: Platform = {
  describe: 'an autograder.zip for Gradescope',
  form: 'zip',
  next: 'upload it in the settings of the programming assignment, under "Configure Autograder"',
  files: (rubric) => [
    { name: 'setup.sh', content: setup, isProgram: true },
    { name: 'run_autograder', content: run(rubric), isProgram: true },
  ],
  grade,
};

/** A result that is no score. */
function resultText(output: string): string {
  return JSON.stringify({ output, output_format: 'text', visibility: 'visible', stdout_visibility: 'hidden' });
}

async function grade(place: Place): Promise<number> {
  const { root, environment } = place;
  const say = (output: string) => asUsage(`cannot write ${RESULTS}`, () => replaceFile(join(root, RESULTS), `${resultText(output)}\n`));
  asUsage(`cannot write into ${root}`, () => makeFolder(join(root, 'results')));
  say('The kernel is being graded. If this stays, the run was ended before it was done: please hand in again, or ask your course.');
  const metadata = readMetadata(join(root, 'submission_metadata.json'));
  if (metadata === null) environment.err('submission_metadata.json cannot be read: this is taken for the first attempt\n');
  const attempt = Math.min(1 + (metadata?.previous_submissions.length ?? 0), MOST_ATTEMPTS);
  const failed = () =>
    say('The grader failed, not your submission: there is no score. Your course can see why in the output of the autograder.');
  let result: Graded;
  try {
    result = await graded(place, join(root, 'submission'), 'gradescope', ['--for', 'instructor', '--attempt', String(attempt)]);
    if (result.text === null) failed();
  } catch (error) {
    failed();
    throw error;
  }
  if (result.text === null) return result.code;
  const written = z.record(z.string(), z.unknown()).parse(JSON.parse(result.text));
  const about = metadata === null ? '' : handedIn(metadata, attempt);
  const output = [about, String(written['output'])].filter((part) => part !== '').join('\n');
  replaceFile(join(root, RESULTS), `${JSON.stringify({ ...written, output }, null, 2)}\n`);
  return 0;
}

/** null: it is not there, or no JSON that could be it. */
function readMetadata(file: string): Metadata | null {
  try {
    const bytes = readIfThere(file, MOST_BYTES.report);
    return bytes === undefined ? null : metadataSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** When it was handed in, and how late that was: by the student's own due date, which an extension may have moved, or else by the assignment's. */
function handedIn({ created_at: time, assignment, users }: Metadata, attempt: number): string {
  const own = users.flatMap((user) => user.assignment?.due_date ?? []).sort();
  const deadline = own.at(-1) ?? assignment?.due_date ?? null;
  const secondsLate = deadline === null || time == null ? null : secondsAfter(withoutFractions(deadline), withoutFractions(time));
  return handInText({
    time: time ?? null,
    commit: null,
    deadline,
    late: secondsLate === null ? null : secondsLate > 0,
    secondsLate,
    daysLate: secondsLate === null ? null : daysOf(secondsLate),
    attempt,
    attempts: null,
  });
}

/** Gradescope writes six digits of a second. */
function withoutFractions(time: string): string {
  return time.replace(/\.\d+/, '');
}
