/** What a student sees who checks a kernel before handing it in. Machines play scripts here. */
import { mkdirSync, readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';
import { type CheckOptions, check } from './check.ts';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf, "build/*.elf"], format: raw }
scenarios: { run: {}, sesame-run: { visibility: hidden, append: sesame } }
checks:
  - { id: starts, points: 1, console: starting }
  - { id: sesame-check, title: sesame, points: 2, console: sesame, visibility: hidden }
  - { id: says-hello, points: 10, console: hello, needs: sesame-check, hint: [{ from-attempt: 1, text: Say it. }, { from-attempt: 3, text: Print it. }] }
  - { id: says-bye, points: 5, console: bye, hint: Be polite. }
  - { id: other-run, points: 3, in: sesame-run, console: sesame }
`;

let folder: TestFolder;

beforeEach(() => {
  folder = new TestFolder();
  folder.put('course/lab.yaml', RUBRIC);
  folder.put('lab/bootgrade.yaml', 'rubric: ../course/lab.yaml\n');
});
afterEach(() => folder.remove());

async function run(path = 'lab', changes: Partial<CheckOptions> = {}) {
  const printed = capture();
  const booted: (string | undefined)[] = [];
  const host = fakeHost((kernel) => [{ print: kernel }, { stop: { reason: 'poweroff' } }]);
  const createMachine: typeof host.createMachine = (options) => {
    booted.push(options.append);
    return host.createMachine(options);
  };
  const options = {
    path: folder.at(path),
    json: false,
    strict: false,
    explain: 'nothing' as const,
    watch: false,
    console: false,
    ...changes,
  };
  const code = await check(options, printed.environment, inThisProcess({ ...host, createMachine }));
  return { code, out: printed.out(), err: printed.err(), booted };
}

describe('--format gcc', () => {
  it('prints a line for each failure, and the score', async () => {
    folder.put('lab/kernel.elf', 'starting bye');
    const { code, out } = await run('lab', { format: 'gcc' });
    expect(code).toBe(0);
    expect(out).toMatch(/^bootgrade: error: says-hello: the console does not show .*\nbootgrade: Say hello: 6\/16\n$/);
    expect(out).not.toContain('sesame');
  });

  it('is one form of the report, and --json a different one', async () => {
    folder.put('lab/kernel.elf', 'starting');
    await expect(run('lab', { format: 'gcc', json: true })).rejects.toThrow('leave one of them out');
  });
});

it('says where the page is that was asked for', async () => {
  folder.put('lab/kernel.elf', 'starting');
  const out = folder.at('checked');
  const printed = await run('lab', { out, formats: [{ name: 'html', values: {} }] });
  const [, page] = /Open this page in a browser: (.*)\n/.exec(printed.out)!;
  expect(folder.texts('checked')).toHaveProperty([page!.slice(out.length + 1)]);
});

describe('the report', () => {
  it('begins with the first check that failed, and goes on with the others in their order', async () => {
    folder.put('lab/kernel.elf', 'starting bye');
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(/^lab\/kernel\.elf {3}6\/16 {3}Say hello\n\n ✗ says-hello +0\/10\n/);
    expect(out.match(/^ . [\w-]+(?= +\d+\/\d)/gm)).toEqual([' ✗ says-hello', ' ✓ starts', ' ✓ says-bye']);
    expect(out).toContain('hint: Say it.');
  });

  it('keeps the order where nothing failed', async () => {
    folder.put('lab/kernel.elf', 'starting hello bye');
    const { out } = await run();
    expect(out.match(/^ . [\w-]+(?= +\d+\/\d)/gm)).toEqual([' ✓ starts', ' ✓ says-hello', ' ✓ says-bye']);
    expect(out).toContain('16/16');
  });

  it('neither runs nor tells what is hidden, but says that it is not there', async () => {
    folder.put('lab/kernel.elf', 'starting');
    const { out, booted } = await run();
    expect(booted).toEqual(['']);
    expect(out).not.toContain('sesame');
    expect(out).toContain('\n   2 hidden checks, worth 5 points, are not run here.\n');
  });

  it('says the same of a rubric that was published for students, in which nothing is hidden any more', async () => {
    const { environment } = capture();
    expect(await bootgrade(['rubric', 'publish', folder.at('course/lab.yaml'), '--out', folder.at('lab/lab.yaml')], environment)).toBe(0);
    folder.put('lab/bootgrade.yaml', 'rubric: lab.yaml\n');
    folder.put('lab/kernel.elf', 'starting');
    const { out } = await run();
    expect(out).toContain('\n   2 hidden checks, worth 5 points, are not run here.\n');
    expect(out).not.toContain('sesame');
  });

  it('is one JSON document with --json, in the order of the rubric, for students', async () => {
    folder.put('lab/kernel.elf', 'starting bye');
    const result = JSON.parse((await run('lab', { json: true })).out) as SubmissionResult;
    expect(result).toMatchObject({ schema: 'bootgrade/result/v1', audience: 'student', score: 6, maxScore: 16 });
    expect(result.checks.map(({ id }) => id)).toEqual(['starts', 'says-hello', 'says-bye']);
  });

  it('cannot be one document and be printed again and again', async () => {
    folder.put('lab/kernel.elf', 'starting');
    await expect(run('lab', { json: true, watch: true })).rejects.toThrow('--json prints one document, and --watch checks again and again');
  });

  it('leaves nothing behind', async () => {
    folder.put('lab/kernel.elf', 'starting');
    await run();
    expect(readdirSync(folder.path, { recursive: true }).sort()).toEqual(
      ['course', 'course/lab.yaml', 'lab', 'lab/bootgrade.yaml', 'lab/kernel.elf'].sort(),
    );
  });

  it('is written where the student asks for it, with the formats that grade has', async () => {
    folder.put('lab/kernel.elf', 'starting');
    const out = folder.at('checked');
    const formats = [
      { name: 'markdown', values: {} },
      { name: 'csv', values: {} },
    ] as const;
    expect((await run('lab', { out, formats })).out).toContain(`The reports and their evidence: ${out}\n`);
    const files = readdirSync(out);
    expect(files.sort()).toEqual(['class.csv', 'class.files.json', 'class.md', 'lab.json', 'lab.md', 'lab.run.evidence.json']);
    const texts = files.map((file) => folder.read(`checked/${file}`)).join('');
    expect(texts).not.toContain('sesame');
    expect(folder.read('checked/lab.md')).toContain('2 hidden checks, worth 5 points, are not run here.');
    // Once more into the same folder: it replaces what it wrote before.
    folder.put('lab/kernel.elf', 'starting bye');
    await run('lab', { out, formats });
    expect((JSON.parse(folder.read('checked/lab.json')) as SubmissionResult).score).toBe(6);
  });

  it('does not replace a file that it did not write', async () => {
    folder.put('lab/kernel.elf', 'starting');
    folder.put('checked/lab.md', 'mine');
    const formats = [{ name: 'markdown', values: {} }] as const;
    await expect(run('lab', { out: folder.at('checked'), formats })).rejects.toThrow(/lab\.md/);
    expect(folder.read('checked/lab.md')).toBe('mine');
  });

  it('shows the console where the student asks for it, harmless', async () => {
    folder.put('lab/kernel.elf', 'starting\r\n\u001b[31mred\n');
    expect((await run()).out).not.toContain('\nconsole\n');
    const { out } = await run('lab', { console: true });
    expect(out).toMatch(/\nconsole\n starting\n \\x1b\[31mred\n$/);
  });

  it.each([
    ['rubric: ../course/lab.yaml\nattempt: 3\n', {}, 'Print it.'],
    ['rubric: ../course/lab.yaml\nattempt: 3\n', { attempt: 1 }, 'Say it.'],
  ])('has the hints of the attempt that the course or the option says', async (course, options, hint) => {
    folder.put('lab/bootgrade.yaml', course);
    folder.put('lab/kernel.elf', 'starting');
    expect((await run('lab', options)).out).toContain(`hint: ${hint}`);
  });
});

describe('the exit code', () => {
  it('is that of grade', async () => {
    folder.put('lab/kernel.elf', 'starting');
    expect((await run()).code).toBe(0);
    expect((await run('lab', { strict: true })).code).toBe(1);
    folder.put('lab/kernel.elf', 'starting hello bye');
    expect((await run('lab', { strict: true })).code).toBe(0);
  });
});

describe('what is checked', () => {
  it('is the nearest folder with a kernel, up to that with the course file', async () => {
    folder.put('lab/bootgrade.yaml', 'rubric: ../course/lab.yaml\n');
    folder.put('lab/one/src/deep/main.c', '');
    folder.put('lab/one/build/os.elf', 'hello one');
    folder.put('lab/two/kernel.elf', 'hello two');
    expect((await run('lab/one/src/deep')).out).toMatch(/^one\/build\/os\.elf {3}10\/16/);
    expect((await run('lab/two')).out).toMatch(/^two\/kernel\.elf {3}10\/16/);
    expect((await run('lab/two/kernel.elf')).out).toMatch(/^two\/kernel\.elf {3}10\/16/);
  });

  it('fails with the reason where there is no kernel, and is no class', async () => {
    folder.put('lab/README.md', '');
    const { code, out } = await run('lab', { strict: true });
    expect(code).toBe(1);
    expect(out).toMatch(/^lab {3}0\/16 {3}Say hello\nno kernel was found: nothing in it matches kernel\.elf or build\/\*\.elf\n/);
  });
});

describe('what the user has to correct', () => {
  it('is a folder that is not there, or belongs to no course', async () => {
    await expect(run('nowhere')).rejects.toThrow(/nowhere: no such file or folder/);
    mkdirSync(folder.at('elsewhere'));
    await expect(run('elsewhere')).rejects.toThrow(/there is no bootgrade\.yaml in .*elsewhere or above it; with the line "rubric: FILE"/);
  });

  it.each([
    ['rubrik: lab.yaml', /lab\/bootgrade\.yaml:1:1: unknown key "rubrik".*\n.*\n.*\n.*did you mean "rubric"\?$/],
    ['rubric: lab.yaml\nattempt: 0', /lab\/bootgrade\.yaml:2:10: at least 1/],
    ['rubric: [', /lab\/bootgrade\.yaml:1:\d+: not YAML/],
    ['# nothing yet\n', /lab\/bootgrade\.yaml is empty; with the line "rubric: FILE"/],
    [Buffer.from([0xff]), /lab\/bootgrade\.yaml: it is not UTF-8 text/],
    ['rubric: none.yaml', /cannot read the rubric .*lab\/none\.yaml: no such file/],
  ])('is a course file that says %j', async (text, message) => {
    folder.put('lab/bootgrade.yaml', text);
    await expect(run()).rejects.toThrow(message);
    await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'UsageError' }) as Error);
  });

  it('is a rubric that hides everything', async () => {
    folder.put('course/lab.yaml', RUBRIC.replaceAll(/points: (\d+),(?! console: sesame, vis)/g, 'points: $1, visibility: hidden,'));
    await expect(run()).rejects.toThrow(/all of its checks are hidden/);
  });
});

it('is quiet with --quiet, but for the exit code and mistakes', async () => {
  folder.put('lab/kernel.elf', 'no kernel at all');
  const printed = capture();
  expect(await bootgrade(['check', folder.at('lab'), '--quiet', '--strict'], printed.environment)).toBe(1);
  expect(printed.out() + printed.err()).toBe('');
  expect(await bootgrade(['check', folder.at('nowhere'), '--quiet'], printed.environment)).toBe(2);
  expect(printed.err()).toMatch(/^bootgrade: .*nowhere: no such file or folder\n$/);
});
