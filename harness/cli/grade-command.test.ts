/** The command `grade` around the machine: what it finds, writes, prints and answers. Machines play scripts here. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GuestFileError } from '../../machine/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { SubmissionResult } from '../result/result.ts';
import type { Host } from '../run/host.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from '../testkit/command.ts';
import type { Step } from '../testkit/fake-machine.ts';
import { type GradeOptions, grade } from './grade.ts';

const RUBRIC = `rubric: 1
title: Say hello
machine:
  cpu: rv64
  memory: 128M
  drives:
    blk: { size: 1M }
submission:
  kernel: [kernel.elf]
  format: raw
scenarios:
  hello:
    until: { console: "bye" }
    limit: 1ms guest
checks:
  - id: says-hello
    title: The kernel says hello
    points: 10
    console: hello
`;

/** The kernel's text is what it prints. */
function prints(kernel: string): readonly Step[] {
  return [{ print: kernel }, { stop: { reason: 'poweroff' } }];
}

let folder: TestFolder;
let rubric: string;

beforeEach(() => {
  folder = new TestFolder();
  rubric = folder.put('lab.yaml', RUBRIC);
});
afterEach(() => folder.remove());

async function run(submissions: string[], changes: Partial<GradeOptions> = {}, host: Host = fakeHost(prints)) {
  const printed = capture();
  const options = {
    rubric,
    submissions: submissions.map((path) => folder.at(path)),
    out: folder.at('reports'),
    json: false,
    strict: false,
    explain: 'nothing' as const,
    attempt: 1,
    ...changes,
  };
  const code = await grade(options, printed.environment, inThisProcess(host));
  return { code, out: printed.out(), err: printed.err() };
}

function report(name: string): SubmissionResult {
  return JSON.parse(readFileSync(folder.at(`reports/${name}.json`), 'utf8')) as SubmissionResult;
}

describe('one submission', () => {
  it('gets its report printed, and written with its evidence beside it', async () => {
    folder.put('alice/kernel.elf', 'hello bye');
    const { code, out } = await run(['alice']);
    expect(code).toBe(0);
    expect(out).toContain('alice/kernel.elf   10/10   Say hello');
    expect(out).not.toContain('submission');
    expect(report('alice')).toMatchObject({
      schema: 'bootgrade/result/v1',
      name: 'alice',
      outcome: 'passed',
      score: 10,
      kernel: { file: 'kernel.elf' },
    });
    const { evidence } = report('alice').scenarios[0]!;
    expect(evidence).toBe('alice.hello.evidence.json');
    const run1 = JSON.parse(readFileSync(folder.at(`reports/${evidence}`), 'utf8')) as Evidence;
    expect(run1).toMatchObject({ schema: 'bootgrade/evidence/v1', scenario: 'hello', stop: { reason: 'until', console: 'bye' } });
    expect(Buffer.from(run1.console, 'base64').toString()).toBe('hello bye');
  });

  it('is the same on disk when it is graded again', async () => {
    folder.put('alice/kernel.elf', 'hello');
    await run(['alice']);
    const read = () => readdirSync(folder.at('reports')).map((file) => readFileSync(folder.at(`reports/${file}`), 'utf8'));
    const before = read();
    await run(['alice']);
    expect(read()).toEqual(before);
    expect(before).toHaveLength(2);
  });
});

describe('a class', () => {
  it('gets every report, then a table, however deep its kernel lies', async () => {
    folder.put('class/alice/kernel.elf', 'hello');
    folder.put('class/bob/kernel.elf', 'nothing');
    folder.put('class/carol/lab13/kernel.elf', 'hello');
    const { code, out } = await run(['class']);
    expect(code).toBe(0);
    expect(out.match(/^\S+ +\d+\/10 +Say hello$/gm)).toHaveLength(3);
    expect(out).toMatch(/ ✓ alice +passed +10\/10\n ✗ bob +failed +0\/10 +says-hello: The kernel says hello\n ✓ carol/);
    expect(out).toContain('3 submissions: 2 passed, 1 failed');
    expect(report('carol')).toMatchObject({ name: 'carol', kernel: { file: 'lab13/kernel.elf' } });
  });

  it('fails what cannot boot with its reason, and grades the others', async () => {
    folder.put('class/alice/kernel.elf', 'hello');
    folder.put('class/bob/main.rs', '');
    folder.put('class/carol/kernel.elf', 'x86');
    mkdirSync(folder.at('class/dave/kernel.elf'), { recursive: true });
    const fake = fakeHost(prints);
    const createMachine: Host['createMachine'] = (options) => {
      if (Buffer.from(options.kernel!).toString() === 'x86') throw new GuestFileError('elf-machine', 'kernel', 'built for x86-64');
      return fake.createMachine(options);
    };
    const { code } = await run(['class'], {}, { ...fake, createMachine });
    expect(code).toBe(0);
    expect(report('alice')).toMatchObject({ outcome: 'passed', score: 10 });
    expect(report('bob')).toMatchObject({
      outcome: 'failed',
      score: 0,
      kernel: null,
      reason: 'no kernel was found: nothing in it matches kernel.elf',
    });
    expect(report('carol')).toMatchObject({ outcome: 'failed', score: 0, reason: 'built for x86-64', kernel: { file: 'kernel.elf' } });
    expect(report('dave')).toMatchObject({ outcome: 'failed', score: 0, reason: 'kernel.elf is a folder, not a file' });
  });

  it('keeps hostile names inside the reports, and off the terminal', async () => {
    folder.put('class/\u001b[2J\nevil/kernel.elf', 'hello');
    folder.put('class/alice.hello.evidence/kernel.elf', 'hello');
    folder.put('class/alice/kernel.elf', 'hello');
    const { out } = await run(['class']);
    expect(out.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
    expect(
      readdirSync(folder.at('reports'))
        .filter((file) => file.endsWith('.json') && !file.includes('.hello.evidence.json'))
        .sort(),
    ).toEqual(['%1B%5B2J%0Aevil.json', 'alice.hello%2Eevidence.json', 'alice.json'].sort());
    expect(report('%1B%5B2J%0Aevil').name).toBe('\u001b[2J\nevil');
  });
});

describe('what is answered', () => {
  it('prints one JSON document and nothing else with --json, also for one submission', async () => {
    folder.put('alice/kernel.elf', 'hello');
    const { out } = await run(['alice'], { json: true });
    const document = JSON.parse(out) as { schema: string; results: SubmissionResult[] };
    expect(document.schema).toBe('bootgrade/results/v1');
    expect(document.results).toEqual([report('alice')]);
  });

  it('is 1 with --strict when something failed, and only then', async () => {
    folder.put('good/kernel.elf', 'hello');
    folder.put('bad/kernel.elf', 'nothing');
    expect((await run(['good'], { strict: true })).code).toBe(0);
    expect((await run(['good', 'bad'], { strict: true })).code).toBe(1);
    expect((await run(['good', 'bad'])).code).toBe(0);
  });

  it('is 3, without a score, when a run errored', async () => {
    folder.put('alice/kernel.elf', 'hello');
    let seconds = 0;
    const slow: Host = { ...fakeHost(() => []), seconds: () => seconds++, guard: 0 };
    writeFileSync(rubric, RUBRIC.replace('1ms guest', '1s guest'));
    const { code, out } = await run(['alice'], { strict: true }, slow);
    expect(code).toBe(3);
    expect(out).toContain('errored (of 10)');
    expect(report('alice')).toMatchObject({ outcome: 'errored', score: null });
  });
});

describe('what the user has to correct', () => {
  it('is a path that is not there', async () => {
    await expect(run(['nobody'])).rejects.toThrow(/nobody: no such file or folder/);
    expect(existsSync(folder.at('reports'))).toBe(false);
  });

  it.each([
    ['a key that does not exist', RUBRIC.replace('points:', 'pionts:'), /lab\.yaml:\d+:\d+: .*pionts/],
    ['no YAML', 'a: [1', /lab\.yaml:\d+:\d+: /],
    ['an unknown CPU', RUBRIC.replace('cpu: rv64', 'cpu: rv64,zbx=true'), /lab\.yaml:4:\d+: .*zbx/],
    [
      'a YAML bomb',
      `a: &a [x,x,x,x,x,x,x,x]\n${'bcdefghijk'
        .split('')
        .map((key, i) => `${key}: &${key} [${Array(8).fill(`*${'abcdefghij'[i]}`).join(',')}]`)
        .join('\n')}`,
      /lab\.yaml/,
    ],
    ['nothing at all', '', /lab\.yaml/],
    ['bytes that are not text', Buffer.from([0xff, 0xfe, 0x00, 0x80]), /lab\.yaml: it is not UTF-8 text/],
    ['50 megabytes', Buffer.alloc(50 << 20, '#\n'), /lab\.yaml: it has 52428800 bytes/],
  ])('is a rubric that is %s, before anything is booted', async (_, text, message) => {
    folder.put('alice/kernel.elf', 'hello');
    writeFileSync(rubric, text);
    const booted: string[] = [];
    const host = fakeHost((kernel) => {
      booted.push(kernel);
      return prints(kernel);
    });
    await expect(run(['alice'], {}, host)).rejects.toThrow(message);
    await expect(run(['alice'], {}, host)).rejects.toThrow(expect.objectContaining({ name: 'UsageError' }) as Error);
    expect(booted).toEqual([]);
  });

  it('is a rubric that is a folder, or missing', async () => {
    folder.put('alice/kernel.elf', 'hello');
    await expect(run(['alice'], { rubric: folder.path })).rejects.toThrow(/cannot read the rubric .*: it is a folder/);
    await expect(run(['alice'], { rubric: folder.at('none.yaml') })).rejects.toThrow(/cannot read the rubric .*: no such file/);
  });

  it("is a report that would replace somebody else's file, or follow a link", async () => {
    folder.put('alice/kernel.elf', 'hello');
    folder.put('reports/alice.json', '{"grades": "by hand"}');
    await expect(run(['alice'])).rejects.toThrow(/alice\.json exists and is not a report of ours/);
    expect(readFileSync(folder.at('reports/alice.json'), 'utf8')).toBe('{"grades": "by hand"}');
    folder.put('graded/old.json', '{"schema":"bootgrade/result/v1"}');
    symlinkSync('old.json', folder.at('graded/alice.json'));
    await expect(run(['alice'], { out: folder.at('graded') })).rejects.toThrow(/not a report of ours/);
  });

  it('is the class as the folder for reports; a folder in it will do', async () => {
    folder.put('class/alice/kernel.elf', 'hello');
    folder.put('class/bob/kernel.elf', 'hello');
    await expect(run(['class'], { out: folder.at('class/../class') })).rejects.toThrow(/is the class itself/);
    expect(readdirSync(folder.at('class')).sort()).toEqual(['alice', 'bob']);
    const out = folder.at('class/reports');
    await run(['class'], { out });
    const again = await run(['class'], { out });
    expect(again.err).toContain(`bootgrade: left out, because it is a folder of reports: ${out}\n`);
    expect(again.out).toContain('2 submissions: 2 passed');
  });

  it('is a folder for reports that cannot be one', async () => {
    folder.put('alice/kernel.elf', 'hello');
    await expect(run(['alice'], { out: rubric })).rejects.toThrow(/--out: cannot make the folder/);
  });
});

it('shows where it is only on a terminal, and wipes it away', async () => {
  folder.put('class/a/kernel.elf', 'hello');
  folder.put('class/b/kernel.elf', 'hello');
  const printed = capture({ progress: true });
  await grade(
    {
      rubric,
      submissions: [folder.at('class')],
      out: join(folder.path, 'reports'),
      json: false,
      strict: false,
      explain: 'nothing' as const,
      attempt: 1,
    },
    printed.environment,
    inThisProcess(fakeHost(prints)),
  );
  expect(printed.err()).toContain('1/2 · 1 passed');
  expect(printed.err()).toContain('\n b\n');
  expect(printed.err().endsWith('2/2 · 2 passed\n \n\u001b[2K\u001b[1A\u001b[2K\u001b[1A\u001b[2K\u001b[G')).toBe(true);
  expect((await run(['class'])).err).toBe('');
});
