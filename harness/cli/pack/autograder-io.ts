/**
 * autograder.io: an image for a test suite's sandbox. The suite's set-up command grades the student's files once, and a test command for each check
 * says by its exit code whether it has its points: autograder.io reads no file of results.
 *
 * The result lies outside of the folder with the student's files, so that nothing that was handed in can be taken for it. Where the grader failed
 * there is none: the set-up command fails, for which autograder.io can reject the submission, and test commands end with 2.
 * What the package is made of goes into one archive, since the page on which an image is built takes files and no folders.
 * Reference: autograder.io's documentation, "Building Custom Sandbox Images with Docker" (no CMD or ENTRYPOINT), and the README of its base images.
 */
import { join } from 'node:path';
import picocolors from 'picocolors';
import { quoted } from '../../evidence/printable.ts';
import { listFolder, readIfThere, readRegular } from '../../files/read.ts';
import { asUsage } from '../../files/system-error.ts';
import { makeFolder, removeFile, replaceFile } from '../../files/write.ts';
import { zipArchive } from '../../files/zip.ts';
import { studentVersion } from '../../grade/audience.ts';
import { entriesOf } from '../../report/entries.ts';
import { escapeMarkdown } from '../../report/markdown.ts';
import { terminalReport } from '../../report/terminal.ts';
import { clean, mark, score } from '../../report/words.ts';
import type { SubmissionResult } from '../../result/result.ts';
import { parseResult } from '../../result/saved-result.ts';
import { isHidden, type Rubric } from '../../rubric/types.ts';
import { MOST_BYTES } from '../../vocabulary/most-bytes.ts';
import { UsageError } from '../../vocabulary/usage-error.ts';
import { OUR_FAULT } from '../exit-codes.ts';
import { membersOf, NODE_VERSION, type PackedFile, type Place, type Platform, PROGRAM } from './platform.ts';

const ARCHIVE = 'bootgrade.zip';
const SCRIPT = 'lab.sh';
/** In the image. */
const COMMAND = `bash /bootgrade/${SCRIPT}`;
const PLAIN = picocolors.createColors(false);

/** The user, the working folder and the command are those of the base image, which autograder.io expects. */
const dockerfile = `# Written by "bootgrade pack autograder-io": an image for the sandbox of a test suite on autograder.io.
FROM node:${NODE_VERSION}-bookworm-slim AS node

# autograder.io supports this tag of its base image.
# hadolint ignore=DL3007
FROM eecsautograder/ubuntu22:latest
COPY --from=node /usr/local/bin/node /usr/local/bin/node
COPY ${ARCHIVE} /bootgrade/
RUN python3 -m zipfile -e /bootgrade/${ARCHIVE} /bootgrade && node /bootgrade/${PROGRAM} --version
`;

const script = (rubric: string) => `#!/usr/bin/env bash
# Written by "bootgrade pack autograder-io". "grade" is the suite's set-up command, "check ID" a test command.
set -euo pipefail
home=\${SANDBOX_HOME:-/home/autograder}
here=$(cd "$(dirname "\${BASH_SOURCE[0]}")" && pwd)
case "\${1-} $#" in
  'grade 1' | 'check 2') exec node "$here/${PROGRAM}" packed autograder-io -- "$here/${rubric}" "$home" "\${@:2}" ;;
esac
echo 'the commands are "grade" and "check ID"' >&2
exit 2
`;

export const autograderIo: Platform = {
  describe: 'an image for a test suite on autograder.io',
  form: 'folder',
  next: `upload its Dockerfile and ${ARCHIVE} under "Sandbox Images", and set up a test suite as its suite.md says`,
  files: (rubric) => [{ name: SCRIPT, content: script(rubric), isProgram: true }],
  around: (files: readonly PackedFile[], rubric: Rubric) => [
    { name: 'Dockerfile', content: dockerfile },
    { name: ARCHIVE, content: zipArchive(membersOf(files)) },
    { name: 'suite.md', content: suite(rubric) },
  ],
  grade,
  check,
};

/** Powers of ten that make points whole. */
const UNITS = [
  { factor: 1, text: 'Points are those of the rubric.' },
  { factor: 10, text: 'autograder.io takes whole points: they are tenths of a point here.' },
  { factor: 100, text: 'autograder.io takes whole points: they are hundredths of a point here.' },
] as const;

function suite(rubric: Rubric): string {
  const whole = ({ factor }: { factor: number }) =>
    rubric.checks.every(({ points }) => Math.abs(points * factor - Math.round(points * factor)) < 1e-6);
  const { factor, text } = UNITS.find(whole) ?? UNITS[2];
  const rows = rubric.checks.map((check) => {
    const { id, title, points } = check;
    const name = escapeMarkdown(clean(title === '' ? id : title));
    return `| ${name} | \`${COMMAND} check ${id}\` | ${Math.round(points * factor)} | ${isHidden(check, rubric) ? 'staff only' : 'students'} |`;
  });
  return `# The test suite on autograder.io: ${escapeMarkdown(clean(rubric.title))}

- Sandbox environment: the image that was built of the \`Dockerfile\` and of \`${ARCHIVE}\`. Use it for this suite alone: the rubric is in it.
- Setup command: \`${COMMAND} grade\`. Have submissions rejected if it fails: it fails only where the grader does.
- Of each command, leave "Limit virtual memory" and "Block subprocess spawning" off: Node reserves more memory than it uses, and starts processes.

A test case for each check, with the expected return code "Zero". ${text} A check with only some of its points has none on autograder.io.
Feedback of the checks for "staff only" must not be visible to students.

| Test case | Command | Points for the return code | Who sees it |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function places(root: string) {
  const folder = join(root, 'bootgrade');
  return { folder, reports: join(folder, 'reports'), result: join(folder, 'result.json') };
}

async function grade({ root, rubric, environment, command }: Place): Promise<number> {
  const { folder, reports, result: file } = places(root);
  asUsage(`cannot write into ${root}`, () => makeFolder(folder));
  // If this run fails, the result of an earlier one must not be taken for its result.
  removeFile(file);
  const submission = join(root, 'working_dir');
  const code = await command(['grade', '--single', '--quiet', '--for', 'instructor', '--out', reports, '--', rubric, submission]);
  if (code !== 0) {
    environment.err('The grader failed, not the submission: there is no result.\n');
    return code;
  }
  const text = asUsage(`cannot read ${reports}`, () => {
    const name = listFolder(reports).find((entry) => entry.name?.endsWith('.json') && !entry.name.endsWith('.evidence.json'))?.name;
    return name == null ? null : readRegular(join(reports, name), MOST_BYTES.report).toString('utf8');
  });
  if (text === null) return OUR_FAULT;
  const result = parsed(text, reports);
  replaceFile(file, text);
  environment.out(terminalReport(studentVersion(result), PLAIN));
  return 0;
}

function parsed(text: string, where: string): SubmissionResult {
  const result = parseResult(text);
  if (result === null) throw new UsageError(`${where}: it has no result of bootgrade`);
  if ('problem' in result) throw new UsageError(`${where} ${result.problem}`);
  return result;
}

/** 0: the check has all its points; 1: it does not. Throws UsageError where that is not known. */
async function check({ root, environment }: Place, id: string): Promise<number> {
  const { result: file } = places(root);
  const bytes = asUsage(`cannot read ${file}`, () => readIfThere(file, MOST_BYTES.report));
  if (bytes === undefined) {
    throw new UsageError('there is no result: the set-up command "grade" failed or was not run. This is not the fault of the submission');
  }
  const result = parsed(bytes.toString('utf8'), file);
  // What students see of a visible check names nothing hidden.
  const entry = [studentVersion(result), result].flatMap(entriesOf).find((one) => one.check?.id === id);
  if (entry === undefined) throw new UsageError(`the rubric has no check ${quoted(id)}: suite.md lists them`);
  const { label, outcome, reason, lines } = entry;
  const below = lines.length > 0 ? lines : reason === null ? [] : [reason];
  const shown = [`${mark(PLAIN, outcome)} ${label}  ${score(entry.score, entry.maxScore)}`, ...below.map((line) => `    ${line}`)];
  environment.out(`${shown.join('\n')}\n`);
  return outcome === 'passed' && entry.score === entry.maxScore ? 0 : 1;
}
