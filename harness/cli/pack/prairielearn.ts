/**
 * PrairieLearn: an image for its external grader, in which a submission lies in /grade/student, and the result is expected in
 * /grade/results/results.json. There is one from the first moment on, as not gradable: it costs no attempt.
 * Reference: PrairieLearn's documentation, "External Grading".
 */
import { join } from 'node:path';
import { asUsage } from '../../files/system-error.ts';
import { makeFolder, replaceFile } from '../../files/write.ts';
import { graded } from './graded.ts';
import { NODE_VERSION, type Place, type Platform, PROGRAM } from './platform.ts';

const RESULTS = 'results/results.json';
const SCRIPT = 'grade.sh';

const dockerfile = `# Written by "bootgrade pack prairielearn": an image for PrairieLearn's external grader.
FROM node:${NODE_VERSION}-bookworm-slim
COPY . /bootgrade
ENTRYPOINT ["bash", "/bootgrade/${SCRIPT}"]
`;

const script = (rubric: string) => `#!/usr/bin/env bash
# Written by "bootgrade pack prairielearn". PrairieLearn runs this for each submission.
set -euo pipefail
root=\${GRADE_ROOT:-/grade}
here=$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$root/results"
# If nothing comes in its place, the submission is not gradable, which costs no attempt.
printf '%s\\n' '${notGraded('The grader did not start. Your course can see why in the log of the grading job.')}' >"$root/${RESULTS}"
exec node "$here/${PROGRAM}" packed prairielearn "$here/${rubric}" "$root"
`;

export const prairielearn: Platform = {
  describe: "an image for PrairieLearn's external grader",
  form: 'folder',
  next: `build the image with "docker build" in the folder, and name it in the question's info.json`,
  files: (rubric) => [
    { name: 'Dockerfile', content: dockerfile },
    { name: '.dockerignore', content: 'Dockerfile\n.dockerignore\n' },
    { name: SCRIPT, content: script(rubric), isProgram: true },
  ],
  grade,
};

function notGraded(message: string): string {
  return JSON.stringify({ gradable: false, message, format_errors: [message] });
}

async function grade(place: Place): Promise<number> {
  const { root } = place;
  const write = (text: string) => asUsage(`cannot write ${RESULTS}`, () => replaceFile(join(root, RESULTS), text));
  const say = (message: string) => write(`${notGraded(message)}\n`);
  asUsage(`cannot write into ${root}`, () => makeFolder(join(root, 'results')));
  say('The grading was ended before it was done: please submit again, or ask your course.');
  const failed = () => say('The grader failed, not your submission: your course can see why in the log of the grading job.');
  try {
    const { code, text } = await graded(place, join(root, 'student'), 'prairielearn', []);
    if (text === null) failed();
    else write(text);
    return text === null ? code : 0;
  } catch (error) {
    failed();
    throw error;
  }
}
