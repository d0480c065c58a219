// What the action does (../../action.yml): grades one submission with the single file that lies beside action.yml, annotates the student's
// lines, adds to the job summary, and sets the outputs. It uses no package, so that the runner has nothing to install.
// Reference: GitHub's documentation, "Workflow commands for GitHub Actions" (commands, environment files), "Metadata syntax" (INPUT_…).
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../bootgrade.mjs', import.meta.url));

/** bootgrade's exit code for a submission that failed, with --strict. */
const FAILED = 1;

/** How YAML 1.2 writes a boolean in its core schema. */
const BOOLEANS = new Map([
  ...['true', 'True', 'TRUE'].map((word) => /** @type {const} */ ([word, true])),
  ...['false', 'False', 'FALSE'].map((word) => /** @type {const} */ ([word, false])),
]);

/**
 * What is read here of a result (docs/result.md).
 *
 * @typedef {{ schema: string, score: number | null, maxScore: number }} Result
 */

/** @param {'RUBRIC' | 'SUBMISSION' | 'REPORT' | 'STRICT'} name */
function input(name) {
  return (process.env[`INPUT_${name}`] ?? '').trim();
}

function isStrict() {
  const strict = BOOLEANS.get(input('STRICT') || 'false');
  if (strict === undefined) throw new Error(`the input "strict" is ${JSON.stringify(input('STRICT'))}: write true or false`);
  return strict;
}

/**
 * A line of the log that the runner acts on.
 *
 * @param {'error' | 'notice'} kind
 * @param {string} message
 */
function say(kind, message) {
  const escaped = message.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::${kind}::${escaped}\n`);
}

/**
 * The file that the runner has named, which takes outputs or the summary.
 *
 * @param {'GITHUB_OUTPUT' | 'GITHUB_STEP_SUMMARY'} variable
 * @param {string} text
 */
function append(variable, text) {
  const file = process.env[variable];
  if (!file) throw new Error(`the runner has set no ${variable}`);
  appendFileSync(file, text);
}

/**
 * A value may have lines of its own: what ends it is a word that nobody can have foreseen.
 *
 * @param {string} name
 * @param {string | number} value
 */
function setOutput(name, value) {
  const end = randomUUID();
  append('GITHUB_OUTPUT', `${name}<<${end}\n${value}\n${end}\n`);
}

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
  const rubric = input('RUBRIC');
  if (rubric === '') throw new Error('the input "rubric" is needed: it names the lab\'s rubric');
  const formats = ['github', 'autograding', input('REPORT')].filter((format) => format !== '').join(',');
  const options = ['--single', '--for', 'student', '--out', out, '--report', formats];
  const strict = isStrict() ? ['--strict'] : [];
  const command = [PROGRAM, 'grade', ...options, ...strict, '--', rubric, input('SUBMISSION') || '.'];
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
function publish(out, { path, result }) {
  setOutput('score', result.score ?? '');
  setOutput('max-score', result.maxScore);
  setOutput('result', path);
  setOutput('folder', out);
  setOutput('autograding', readFileSync(path.replace(/\.json$/, '.autograding.json')).toString('base64'));
  process.stdout.write(readFileSync(join(out, 'class.github.txt'), 'utf8'));
  summarize(readFileSync(join(out, 'class.github.md'), 'utf8'));
}

/**
 * Not every runner has summaries, and a grade does not depend on one: the log has the report.
 *
 * @param {string} text
 */
function summarize(text) {
  try {
    append('GITHUB_STEP_SUMMARY', text);
  } catch (error) {
    say('notice', `there is no job summary: ${messageOf(error)}`);
  }
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/** @param {string} message */
function fail(message) {
  say('error', message);
  process.exitCode = 1;
}

function main() {
  const out = mkdtempSync(join(process.env.RUNNER_TEMP ?? tmpdir(), 'bootgrade-'));
  const code = grade(out);
  const found = findResult(out);
  if (found !== undefined) publish(out, found);
  if (code === FAILED) fail('bootgrade: not every check passed');
  else if (code !== 0) fail(`bootgrade ended with exit code ${code}: the log says why`);
}

try {
  main();
} catch (error) {
  // An input that is missing or no boolean, a disk that is full: one line says it.
  fail(messageOf(error));
}
