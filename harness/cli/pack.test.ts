/** Packages for platforms, made by the single file and used in folders that are laid out as the platforms do. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lacks } from '../../testing/tools.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { NODE_VERSION } from './pack/platform.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'bootgrade-pack-'));
const at = (...parts: string[]) => join(folder, ...parts);
const program = at('bootgrade.mjs');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const RUBRIC = `rubric: 1
title: Say hello
machine: { drives: { blk: { size: 1M, contents: [{ at: 0, file: ../images/disk.img }] } } }
submission: { kernel: kernel.elf }
scenarios: { run: { limit: 1ms guest } }
checks:
  - id: says-hello
    points: 10
    console: hello
    hint: [{ from-attempt: 1, text: Print it. }, { from-attempt: 3, text: Use the UART at 0x10000000. }]
  - { id: powers-off, points: 2.5, stop: poweroff, visibility: hidden }
`;

function bootgrade(...argv: string[]) {
  return spawnSync(process.execPath, [program, ...argv], { cwd: folder, encoding: 'utf8' });
}

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'build/single-file.mjs'), program], { cwd: ROOT, stdio: 'pipe' });
  for (const name of ['course/labs', 'course/images']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('course/labs/hello.yaml'), RUBRIC);
  writeFileSync(at('course/images/disk.img'), 'x'.repeat(5000));
  bootgrade('pack', 'gradescope', 'course/labs/hello.yaml', '--out', at('autograder.zip'));
}, 120_000);

describe('bootgrade pack', () => {
  it('makes the same bytes again, and replaces nothing', () => {
    const again = bootgrade('pack', 'gradescope', 'course/labs/hello.yaml', '--out', 'again.zip');
    expect(again).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('again.zip is an autograder.zip for Gradescope') as string,
    });
    expect(readFileSync(at('again.zip')).equals(readFileSync(at('autograder.zip')))).toBe(true);
    expect(bootgrade('pack', 'gradescope', 'course/labs/hello.yaml', '--out', 'again.zip')).toMatchObject({
      status: 2,
      stderr: 'bootgrade: --out: again.zip exists; move it, or name another path\n',
    });
  });

  it('says what it cannot pack', () => {
    const refused = (rubric: string, ...options: string[]) => bootgrade('pack', 'gradescope', rubric, '--out', 'none.zip', ...options);
    expect(refused('none.yaml')).toMatchObject({ status: 2, stderr: expect.stringContaining('none.yaml') as string });
    writeFileSync(at('course/labs/absolute.yaml'), RUBRIC.replace('../images/disk.img', at('course/images/disk.img')));
    expect(refused('course/labs/absolute.yaml')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('relative to the rubric') as string,
    });
    expect(refused(join(ROOT, 'rubrics/lab13-source.yaml'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no compilers') as string,
    });
    expect(refused('course/labs/hello.yaml', '--program', 'course/labs/hello.yaml')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is not the single file') as string,
    });
    expect(existsSync(at('none.zip'))).toBe(false);
  });
});

describe.skipIf(lacks('Python'))('the package for Gradescope', () => {
  let root: string;
  let count = 0;

  /** /autograder as Gradescope's documentation has it: the archive in source/, its run_autograder beside it. */
  function layOut(metadata?: string) {
    root = at(`autograder-${++count}`);
    mkdirSync(join(root, 'submission'), { recursive: true });
    // Platforms unpack it with tools that are not ours, too.
    const unpack = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';
    execFileSync('python3', ['-c', unpack, at('autograder.zip'), join(root, 'source')]);
    copyFileSync(join(root, 'source/run_autograder'), join(root, 'run_autograder'));
    chmodSync(join(root, 'run_autograder'), 0o755);
    if (metadata !== undefined) writeFileSync(join(root, 'submission_metadata.json'), metadata);
  }

  function run(environment: Record<string, string> = {}) {
    const path = [join(process.execPath, '..'), process.env['PATH']].join(delimiter);
    const ended = spawnSync(join(root, 'run_autograder'), {
      cwd: '/',
      encoding: 'utf8',
      env: { PATH: path, AUTOGRADER_ROOT: root, ...environment },
    });
    return { ...ended, results: JSON.parse(readFileSync(join(root, 'results/results.json'), 'utf8')) as Results };
  }

  interface Results {
    readonly score?: number;
    readonly output: string;
    readonly tests?: readonly { name: string; score: number; output: string; visibility: string }[];
  }

  /** As Gradescope's "Submission Metadata" shows it. */
  const metadata = (previous: number, created: string, own?: string) =>
    JSON.stringify({
      id: 123456,
      created_at: created,
      assignment: {
        due_date: '2026-07-31T23:00:00.000000-07:00',
        late_due_date: null,
        title: 'Programming Assignment 1',
        total_points: '20.0',
      },
      submission_method: 'upload',
      users: [{ email: 's1001@example.com', id: 1234, name: 's1001', ...(own === undefined ? {} : { assignment: { due_date: own } }) }],
      previous_submissions: Array.from({ length: previous }, () => ({ submission_time: created, score: 0, results: {} })),
    });

  it('grades what was handed in, with the attempt and the due date of the metadata', () => {
    layOut(metadata(2, '2026-08-01T00:30:00.365935-07:00'));
    writeFileSync(join(root, 'submission/kernel.elf'), tinyKernel('bye'));
    const { status, results } = run();
    expect(status).toBe(0);
    expect(results.score).toBe(2.5);
    expect(results.output).toMatch(/^handed in 2026-08-01T00:30:00.*, 1 day late \(5,400 s\), attempt 3\n/);
    // The hint of the third attempt, and what is hidden marked so.
    expect(results.tests![0]).toMatchObject({
      score: 0,
      output: expect.stringContaining('UART at 0x10000000') as string,
      visibility: 'visible',
    });
    expect(results.tests![1]).toMatchObject({ score: 2.5, visibility: 'hidden' });
  });

  it("takes the student's own due date, which an extension has moved", () => {
    layOut(metadata(0, '2026-08-01T00:30:00.365935-07:00', '2026-08-07T23:00:00.000000-07:00'));
    writeFileSync(join(root, 'submission/kernel.elf'), tinyKernel('hello'));
    expect(run().results).toMatchObject({ score: 12.5, output: expect.stringMatching(/in time, attempt 1\n/) as string });
  });

  it.each([undefined, 'no JSON', '[]', '{"previous_submissions": 7, "users": [1], "assignment": []}'])(
    'grades with the metadata %j',
    (text) => {
      layOut(text);
      writeFileSync(join(root, 'submission/kernel.elf'), tinyKernel('hello'));
      expect(run()).toMatchObject({ status: 0, results: { score: 12.5 } });
    },
  );

  it('gives 0 points and the reason where no kernel was handed in', () => {
    layOut(metadata(0, '2026-07-01T00:00:00.000000-07:00'));
    writeFileSync(join(root, 'submission/notes.txt'), '');
    expect(run()).toMatchObject({ status: 0, results: { score: 0, output: expect.stringContaining('no kernel was found') as string } });
  });

  it('leaves a result without a score where the grader fails, which is no zero', () => {
    layOut(metadata(0, '2026-07-01T00:00:00.000000-07:00'));
    writeFileSync(join(root, 'submission/kernel.elf'), tinyKernel('hello'));
    writeFileSync(join(root, 'source/course/rubric/bootgrade-rubric.yaml'), 'rubric: 2\n');
    const broken = run();
    expect(broken.status).toBe(2);
    expect(broken.results).not.toHaveProperty('score');
    expect(broken.results.output).toContain('The grader failed, not your submission');
    // Where not even Node starts, there is a result all the same.
    rmSync(join(root, 'source/bootgrade.mjs'));
    rmSync(join(root, 'results'), { recursive: true });
    const none = run();
    expect(none.status).not.toBe(0);
    expect(none.results).not.toHaveProperty('score');
    expect(none.results.output).toContain('The grader did not start');
  });

  it.skipIf(lacks('shellcheck'))('has scripts that shellcheck passes', () => {
    layOut();
    const scripts = ['setup.sh', 'run_autograder'].map((name) => join(root, 'source', name));
    expect(spawnSync('shellcheck', scripts, { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
  });

  describe('setup.sh', () => {
    const machine = process.arch === 'arm64' ? 'arm64' : 'x64';
    const archive = `node-v${NODE_VERSION}-linux-${machine}.tar.gz`;

    /** Runs it with a nodejs.org of our own, from which `curl` copies, and a Node that prints a word. */
    function setUp(sumOf: (bytes: Buffer) => string) {
      layOut();
      const site = join(root, 'site');
      const node = join(site, archive.replace('.tar.gz', ''), 'bin/node');
      mkdirSync(join(node, '..'), { recursive: true });
      writeFileSync(node, '#!/bin/sh\necho installed\n', { mode: 0o755 });
      execFileSync('tar', ['-czf', join(site, archive), '-C', site, archive.replace('.tar.gz', '')]);
      const sum = sumOf(readFileSync(join(site, archive)));
      writeFileSync(join(site, 'SHASUMS256.txt'), `${sum}  ${archive}\n${'0'.repeat(64)}  node-v${NODE_VERSION}.tar.gz\n`);
      mkdirSync(join(root, 'bin'));
      writeFileSync(join(root, 'bin/curl'), `#!/bin/sh\nprintf '%s\\n' "$2" >>'${root}/asked'\ncp '${site}'/"\${2##*/}" .\n`, {
        mode: 0o755,
      });
      mkdirSync(join(root, 'prefix'));
      const env = { PATH: [join(root, 'bin'), process.env['PATH']].join(delimiter), NODE_PREFIX: join(root, 'prefix') };
      return spawnSync('bash', [join(root, 'source/setup.sh')], { cwd: root, encoding: 'utf8', env });
    }

    it('installs the pinned Node from nodejs.org', () => {
      expect(setUp((bytes) => createHash('sha256').update(bytes).digest('hex'))).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('installed') as string,
      });
      const folderOf = `https://nodejs.org/dist/v${NODE_VERSION}`;
      expect(readFileSync(join(root, 'asked'), 'utf8')).toBe(`${folderOf}/${archive}\n${folderOf}/SHASUMS256.txt\n`);
    });

    it('installs nothing whose checksum is a different one', () => {
      expect(setUp(() => 'f'.repeat(64)).status).not.toBe(0);
      expect(existsSync(join(root, 'prefix/bin'))).toBe(false);
    });
  });
});

describe('the image for PrairieLearn', () => {
  const image = () => at('image');
  beforeAll(() => {
    expect(bootgrade('pack', 'prairielearn', 'course/labs/hello.yaml', '--out', 'image')).toMatchObject({ status: 0, stderr: '' });
  });

  /** /grade as PrairieLearn's documentation has it. */
  function run(name: string, files: Record<string, Uint8Array | string>, script = join(image(), 'grade.sh')) {
    const root = at(name);
    mkdirSync(join(root, 'student'), { recursive: true });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(root, 'student', file), content);
    const path = [join(process.execPath, '..'), process.env['PATH']].join(delimiter);
    const { status } = spawnSync('bash', [script], { cwd: '/', encoding: 'utf8', env: { PATH: path, GRADE_ROOT: root } });
    return { status, results: JSON.parse(readFileSync(join(root, 'results/results.json'), 'utf8')) as unknown };
  }

  it('grades what was handed in, and shows nothing hidden', () => {
    const { status, results } = run('grade-1', { 'kernel.elf': tinyKernel('bye') });
    expect(status).toBe(0);
    expect(results).toMatchObject({ gradable: true, score: 2.5 / 12.5 });
    expect(JSON.stringify(results)).not.toContain('powers-off');
    expect(run('grade-2', {}).results).toMatchObject({ gradable: true, score: 0 });
  });

  it('leaves a result that costs no attempt where the grader fails', () => {
    const broken = at('broken');
    cpSync(image(), broken, { recursive: true });
    writeFileSync(join(broken, 'course/rubric/bootgrade-rubric.yaml'), 'rubric: 2\n');
    expect(run('grade-3', { 'kernel.elf': tinyKernel('bye') }, join(broken, 'grade.sh'))).toMatchObject({
      status: 2,
      results: { gradable: false },
    });
    rmSync(join(broken, 'bootgrade.mjs'));
    expect(run('grade-4', {}, join(broken, 'grade.sh')).results).toMatchObject({ gradable: false });
  });

  it.skipIf(lacks('hadolint'))('has a Dockerfile that hadolint passes', () => {
    expect(spawnSync('hadolint', ['--no-color', join(image(), 'Dockerfile')], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: '',
    });
  });

  it.skipIf(lacks('shellcheck'))('has a script that shellcheck passes', () => {
    expect(spawnSync('shellcheck', [join(image(), 'grade.sh')], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
  });
});

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
    const path = [join(process.execPath, '..'), process.env['PATH']].join(delimiter);
    const env = { PATH: path, SANDBOX_HOME: home() };
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
    expect(spawnSync('hadolint', ['--no-color', join(image(), 'Dockerfile')], { encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: '',
    });
  });

  it.skipIf(lacks('shellcheck'))('has a script that shellcheck passes', () => {
    expect(spawnSync('shellcheck', [join(inside(), 'lab.sh')], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
  });
});

describe.skipIf(lacks('Python'))("the autograder for Classroom 50's runner", () => {
  const bundle = () => at('bundle');
  const repository = () => at('checkout');
  const git = (...argv: string[]) =>
    execFileSync('git', ['-C', repository(), '-c', 'user.name=s1001', '-c', 'user.email=s1001@example.com', ...argv], {
      env: { ...process.env, GIT_COMMITTER_DATE: '2026-10-01T14:00:00+02:00' },
    });

  beforeAll(() => {
    bootgrade('pack', 'classroom50', 'course/labs/hello.yaml', '--out', 'bundle');
    mkdirSync(repository());
    writeFileSync(join(repository(), 'kernel.elf'), tinyKernel('bye'));
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'Done');
  });

  /** The environment that the wiki lists, in the student's checkout. */
  function run() {
    const path = [join(process.execPath, '..'), process.env['PATH']].join(delimiter);
    const of = { CLASSROOM: 'os', ASSIGNMENT: 'hello', ASSIGNMENT_TYPE: 'individual', USERNAME: 's1001', OWNER: 's1001' };
    const urls = { COMMIT_URL: 'https://example.org/c', RELEASE_URL: 'https://example.org/r', REVIEW_URL: 'https://example.org/d' };
    const env = { PATH: path, HOME: folder, ...of, ...urls, SUBMISSION_TAG: 'submit/2026-10-01T12-00-00Z-abc1234' };
    return spawnSync('python3', [join(bundle(), 'autograder.py')], { cwd: repository(), encoding: 'utf8', env });
  }

  it('leaves result.json, with the time of the commit, and the body of the release', () => {
    expect(run()).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(readFileSync(join(repository(), 'result.json'), 'utf8'))).toMatchObject({
      schema: 'classroom50/result/v1',
      classroom: 'os',
      owner: 's1001',
      submission: 'submit/2026-10-01T12-00-00Z-abc1234',
      datetime: '2026-10-01T12:00:00Z',
      score: 250,
      'max-score': 1250,
    });
    const body = readFileSync(join(repository(), 'release-body.md'), 'utf8');
    expect(body).toContain('says-hello');
    expect(body).not.toContain('powers-off');
  });

  it('ends with a code that is not 0, and no result, where the grader fails', () => {
    rmSync(join(repository(), 'result.json'));
    writeFileSync(join(bundle(), 'course/rubric/bootgrade-rubric.yaml'), 'rubric: 2\n');
    expect(run().status).toBe(2);
    expect(existsSync(join(repository(), 'result.json'))).toBe(false);
  });
});

describe("GitLab's template", () => {
  const template = parse(readFileSync(join(ROOT, 'docs/gitlab/lab.yml'), 'utf8')) as {
    grade: { script: string[]; artifacts: { paths: string[]; reports: Record<string, string> } };
  };

  it('grades a lab, and leaves the reports that GitLab is to show', () => {
    const lab = at('gitlab');
    mkdirSync(join(lab, 'course'), { recursive: true });
    copyFileSync(program, join(lab, 'course/bootgrade.mjs'));
    writeFileSync(join(lab, 'course/lab13.yaml'), RUBRIC.replace('../images/disk.img', '../../course/images/disk.img'));
    writeFileSync(join(lab, 'kernel.elf'), tinyKernel('bye'));
    const path = [join(process.execPath, '..'), process.env['PATH']].join(delimiter);
    const ended = spawnSync('bash', ['--norc', '-e', '-c', template.grade.script.join('\n')], {
      cwd: lab,
      encoding: 'utf8',
      env: { PATH: path },
    });
    // With --strict, the job fails as a check has failed.
    expect(ended).toMatchObject({ status: 1, stderr: '' });
    const { paths, reports } = template.grade.artifacts;
    expect(readFileSync(join(lab, reports['junit']!), 'utf8')).toContain('<testcase classname="');
    expect(JSON.parse(readFileSync(join(lab, reports['codequality']!), 'utf8'))).toBeInstanceOf(Array);
    const badge = readFileSync(join(lab, paths[0]!, 'class.badge.svg'), 'utf8');
    expect(badge).toContain('<title>score: 2.5/12.5</title>');
    expect(Object.values(reports).every((file) => file.startsWith(paths[0]!))).toBe(true);
  });
});
