/** The image for autograder.io: its script, in a folder that is laid out as autograder.io does. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../../testing/tools.ts';
import { lint, PATH_WITH_NODE, packingForTests, RUBRIC } from '../../testkit/packing.ts';
import { tinyKernel } from '../../testkit/tiny-kernel.ts';

const { at, bootgrade } = packingForTests();

describe.skipIf(lacks('Python'))('the image for autograder.io', () => {
  const image = () => at('autograder-io');
  const inside = () => at('bootgrade-in-image');
  const home = () => at('home');
  beforeAll(() => {
    const rubric = RUBRIC.replace('points: 10', 'points: 10\n    title: Prints | hello');
    writeFileSync(at('course/labs/sandbox.yaml'), `${rubric}  - { id: says-more, points: 1, console: more }\n`);
    expect(bootgrade('pack', 'autograder-io', 'course/labs/sandbox.yaml', '--out', 'autograder-io')).toMatchObject({
      status: 0,
      stderr: '',
    });
    // As the Dockerfile does it.
    execFileSync('python3', ['-m', 'zipfile', '-e', join(image(), 'bootgrade.zip'), inside()]);
  });

  /** A new sandbox, with what was handed in. */
  function sandbox(files: Record<string, Uint8Array | string>) {
    rmSync(home(), { recursive: true, force: true });
    mkdirSync(join(home(), 'working_dir'), { recursive: true });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(home(), 'working_dir', file), content);
  }

  function run(...argv: string[]) {
    const env = { PATH: PATH_WITH_NODE, SANDBOX_HOME: home() };
    return spawnSync('bash', [join(inside(), 'lab.sh'), ...argv], { cwd: join(home(), 'working_dir'), encoding: 'utf8', env });
  }

  it('grades once, and says of each check whether it has its points', () => {
    sandbox({ 'kernel.elf': tinyKernel('bye') });
    const graded = run('grade');
    expect(graded).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('(one hidden check) 2.5/2.5') as string });
    expect(graded.stdout).toContain('0/10');
    expect(graded.stdout).not.toContain('powers-off');
    const failed = run('check', 'says-hello');
    expect(failed).toMatchObject({
      status: 1,
      stderr: '',
      stdout: expect.stringMatching(/^✗ says-hello: Prints \| hello {2}0\/10\n/) as string,
    });
    expect(failed.stdout).toContain('hint: Print it.');
    expect(run('check', 'powers-off')).toMatchObject({ status: 0, stdout: '✓ powers-off (hidden)  2.5/2.5\n', stderr: '' });
    sandbox({ 'kernel.elf': tinyKernel('hello') });
    expect(run('grade').status).toBe(0);
    expect(run('check', 'says-hello')).toMatchObject({ status: 0, stdout: '✓ says-hello: Prints | hello  10/10\n' });
  });

  it('gives no points where nothing was handed in, which is no fault of the grader', () => {
    sandbox({});
    expect(run('grade')).toMatchObject({ status: 0, stdout: expect.stringContaining('no kernel was found') as string });
    expect(run('check', 'powers-off')).toMatchObject({ status: 1, stdout: expect.stringContaining('no kernel was found') as string });
  });

  it('says that it is the fault of the grader where there is no result, whatever was handed in', () => {
    sandbox({ 'kernel.elf': tinyKernel('hello') });
    const line =
      'bootgrade: there is no result: the set-up command "grade" failed or was not run. This is not the fault of the submission\n';
    expect(run('check', 'says-hello')).toMatchObject({ status: 2, stdout: '', stderr: line });
    // Of an earlier run there is one, which does not count when the grader fails later.
    expect(run('grade').status).toBe(0);
    const rubric = join(inside(), 'course/rubric/bootgrade-rubric.yaml');
    const text = readFileSync(rubric);
    writeFileSync(rubric, 'rubric: 2\n');
    expect(run('grade').status).not.toBe(0);
    writeFileSync(rubric, text);
    expect(run('check', 'says-hello')).toMatchObject({ status: 2, stdout: '', stderr: line });
  });

  it('refuses other commands', () => {
    sandbox({ 'kernel.elf': tinyKernel('hello') });
    expect(run('grade').status).toBe(0);
    expect(run('check', 'none')).toMatchObject({ status: 2, stderr: 'bootgrade: the rubric has no check "none": suite.md lists them\n' });
    for (const argv of [[], ['check'], ['grade', 'x'], ['x']]) {
      expect(run(...argv)).toMatchObject({ status: 2, stderr: 'the commands are "grade" and "check ID"\n' });
    }
  });

  it('lists the commands with whole points, and which of them are hidden', () => {
    const text = readFileSync(join(image(), 'suite.md'), 'utf8');
    expect(text).toContain('tenths of a point');
    expect(text.split('\n').filter((line) => line.includes('lab.sh check '))).toEqual([
      '| Prints \\| hello | `bash /bootgrade/lab.sh check says-hello` | 100 | students |',
      '| powers-off | `bash /bootgrade/lab.sh check powers-off` | 25 | staff only |',
      '| says-more | `bash /bootgrade/lab.sh check says-more` | 10 | students |',
    ]);
  });

  it('keeps the user, the working folder and the command of the base image', () => {
    const instructions = readFileSync(join(image(), 'Dockerfile'), 'utf8').match(/^[A-Z]+(?= )/gm);
    expect(instructions).toEqual(['FROM', 'FROM', 'COPY', 'COPY', 'RUN']);
  });

  it.skipIf(lacks('hadolint'))('has a Dockerfile that hadolint passes', () => {
    expect(lint('hadolint', join(image(), 'Dockerfile'))).toMatchObject({
      status: 0,
      stdout: '',
    });
  });

  it.skipIf(lacks('shellcheck'))('has a script that shellcheck passes', () => {
    expect(lint('shellcheck', join(inside(), 'lab.sh'))).toMatchObject({ status: 0, stdout: '' });
  });
});
