// What the action does (../../action.yml): grades one submission with the command beside it, annotates the student's lines, adds to the job
// summary, and sets the outputs. Inputs are INPUT_…, as GitHub's toolkit reads them.
// Reference: GitHub's documentation, "Workflow commands for GitHub Actions".
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as core from '@actions/core';

const PROGRAM = fileURLToPath(new URL('../../dist/bootgrade.mjs', import.meta.url));

/** bootgrade's exit code for a submission that failed, with --strict. */
const FAILED = 1;

/**
 * What is read here of a result (docs/result.md).
 *
 * @typedef {{ schema: string, score: number | null, maxScore: number }} Result
 */

/**
 * The report quotes what the kernel printed, and a line of a log that begins with `::` is a command to the runner.
 *
 * @template Value
 * @param {() => Value} act
 */
function withoutCommands(act) {
  const token = randomUUID();
  process.stdout.write(`::stop-commands::${token}\n`);
  try {
    return act();
  } finally {
    process.stdout.write(`::${token}::\n`);
  }
}

/**
 * Whoever sees the log is a student, so nothing hidden gets onto the runner at all.
 *
 * @param {string} out
 */
function grade(out) {
  const formats = ['github', core.getInput('report')].filter((format) => format !== '').join(',');
  const options = ['--single', '--for', 'student', '--out', out, '--report', formats];
  const strict = core.getBooleanInput('strict') ? ['--strict'] : [];
  const paths = [core.getInput('rubric', { required: true }), core.getInput('submission') || '.'];
  const command = [PROGRAM, 'grade', ...options, ...strict, '--', ...paths];
  return withoutCommands(() => spawnSync(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'] }).status);
}

/**
 * The result's path and content; undefined where nothing was graded.
 *
 * @param {string} out
 */
function findResult(out) {
  const files = readdirSync(out).filter((file) => file.endsWith('.json'));
  const results = files.map((file) => {
    const path = join(out, file);
    return { path, result: /** @type {Result} */ (JSON.parse(readFileSync(path, 'utf8'))) };
  });
  return results.find(({ result }) => result.schema === 'bootgrade/result/v1');
}

/**
 * @param {string} out
 * @param {{ path: string, result: Result }} found
 */
async function publish(out, { path, result }) {
  core.setOutput('score', result.score ?? '');
  core.setOutput('max-score', result.maxScore);
  core.setOutput('result', path);
  process.stdout.write(readFileSync(join(out, 'class.github.txt'), 'utf8'));
  await summarize(readFileSync(join(out, 'class.github.md'), 'utf8'));
}

/**
 * Not every runner has summaries, and a grade does not depend on one: the log has the report.
 *
 * @param {string} text
 */
async function summarize(text) {
  try {
    await core.summary.addRaw(text).write();
  } catch (error) {
    core.notice(`there is no job summary: ${messageOf(error)}`);
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

async function main() {
  const out = mkdtempSync(join(process.env.RUNNER_TEMP ?? tmpdir(), 'bootgrade-'));
  const code = grade(out);
  const found = findResult(out);
  if (found !== undefined) await publish(out, found);
  if (code === FAILED) core.setFailed('bootgrade: not every check passed');
  else if (code !== 0) core.setFailed(`bootgrade ended with exit code ${code}: the log says why`);
}

try {
  await main();
} catch (error) {
  // An input that is missing or no boolean, a disk that is full: one line says it.
  core.setFailed(messageOf(error));
}
