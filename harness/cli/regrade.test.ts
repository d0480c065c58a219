/** The command `regrade`, on what `grade` leaves: what changes, what must be run again, and what is refused. Machines play scripts here. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SubmissionResult } from '../grade/result.ts';
import { grade } from './grade.ts';
import { type RegradeOptions, regrade } from './regrade.ts';
import { capture, fakeHost, TestFolder } from './test-command.ts';

const RUBRIC = `rubric: 1
title: Say hello
machine: { memory: 128M, drives: { blk: { size: 1M } } }
submission: { kernel: [kernel.elf] }
scenarios:
  hello: { until: { console: bye }, limit: 1ms guest }
  again: { visibility: hidden, append: again, limit: 1ms guest }
checks:
  - { id: says-hello, title: The kernel says hello, points: 10, console: hello }
  - { id: says-more, title: It says more, points: 5, in: again, console: more }
`;

let folder: TestFolder;
let rubric: string;

beforeEach(async () => {
  folder = new TestFolder();
  rubric = folder.put('lab.yaml', RUBRIC);
  folder.put('class/alice/kernel.elf', 'hello more');
  folder.put('class/bob/kernel.elf', 'Hello');
  folder.put('class/carol/main.rs', 'no kernel');
  await gradeInto('reports');
});
afterEach(() => folder.remove());

async function gradeInto(out: string, audience: 'student' | 'instructor' = 'instructor'): Promise<void> {
  const host = fakeHost((kernel) => [{ print: kernel }, { stop: { reason: 'poweroff' } }]);
  const options = {
    rubric,
    submissions: [folder.at('class')],
    out: folder.at(out),
    json: false,
    strict: false,
    explain: false,
    attempt: 1,
    for: audience,
  };
  await grade(options, capture().environment, host);
}

async function run(changes: Partial<RegradeOptions> = {}) {
  const printed = capture();
  const options = { rubric, reports: folder.at('reports'), out: folder.at('regraded'), json: false, for: 'instructor' as const };
  const code = await regrade({ ...options, ...changes }, printed.environment);
  return { code, out: printed.out(), lines: printed.out().split('\n') };
}

function change(from: string, to: string): void {
  writeFileSync(rubric, readFileSync(rubric, 'utf8').replace(from, to));
}

function filesIn(path: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder.at(path))
      .filter((file) => file.endsWith('.json'))
      .map((file) => [file, folder.read(`${path}/${file}`)]),
  );
}

function report(path: string): SubmissionResult {
  return JSON.parse(folder.read(path)) as SubmissionResult;
}

describe('by the same rubric', () => {
  it('gives the same record, but for the version that graded, which can be graded again in turn', async () => {
    const { code, lines } = await run();
    expect(code).toBe(0);
    expect(lines[0]).toBe('3 submissions graded again: 0 changed, 3 as before');
    const before = Object.entries(filesIn('reports')).map(([file, text]) => [file, text.replace(/"tool": ".*"/, '')]);
    const after = Object.entries(filesIn('regraded')).map(([file, text]) => [file, text.replace(/"tool": ".*"/, '')]);
    expect(after).toEqual(before);
    expect((await run({ reports: folder.at('regraded'), out: folder.at('third') })).code).toBe(0);
  });
});

describe('by a changed rubric', () => {
  it('shows who changed, check by check, and leaves the earlier reports as they were', async () => {
    const before = filesIn('reports');
    change('console: hello', 'console: { matches: "[Hh]ello" }');
    change('points: 5', 'points: 4');
    const { code, lines } = await run();
    expect(code).toBe(0);
    expect(lines).toEqual([
      ' - alice  15/15 → 14/14',
      '     says-more  passed 5/5 → passed 4/4',
      ' + bob    0/15 → 10/14',
      '     says-hello  failed 0/10 → passed 10/10',
      '     says-more   failed 0/5 → failed 0/4',
      ' = carol  0/15 → 0/14',
      '     says-more  failed 0/5 → failed 0/4',
      '',
      '3 submissions graded again: 3 changed, 0 as before',
      `The new reports and their evidence: ${folder.at('regraded')}`,
      '',
    ]);
    expect(report('regraded/bob.json')).toMatchObject({ outcome: 'failed', score: 10, maxScore: 14 });
    expect(filesIn('reports')).toEqual(before);
  });

  it('as one JSON document', async () => {
    change('console: hello', 'console: { matches: "[Hh]ello" }');
    const { changes, results, rerun, schema } = JSON.parse((await run({ json: true })).out) as Record<string, unknown>;
    expect(schema).toBe('bootgrade/regrade/v1');
    expect(changes).toEqual([
      {
        ...{ name: 'bob', before: { score: 0, maxScore: 15 }, after: { score: 10, maxScore: 15 } },
        checks: [
          {
            id: 'says-hello',
            before: { outcome: 'failed', score: 0, maxScore: 10 },
            after: { outcome: 'passed', score: 10, maxScore: 10 },
          },
        ],
      },
    ]);
    expect([rerun, (results as unknown[]).length]).toEqual([[], 3]);
  });

  it.each([
    ['memory: 128M', 'memory: 256M', ['hello', 'again'], 'machine'],
    ['size: 1M', 'size: 1M, contents: [{ at: 0, text: x }]', ['hello', 'again'], 'drives'],
    ['console: bye', 'console: Bye', ['hello'], 'until'],
    ['append: again', 'append: "again "', ['again'], 'machine'],
    ['limit: 1ms guest }\n  again', 'keys: [{ when: x, type: y }], limit: 1ms guest }\n  again', ['hello'], 'keys'],
  ])('%s → %s must be run again', async (from, to, scenarios, part) => {
    change(from, to);
    const { code, lines } = await run();
    expect(code).toBe(1);
    const reasons = scenarios.map((scenario) => `     the scenario ${scenario} is another now: ${part} changed`);
    expect(lines.slice(0, 2 + reasons.length)).toEqual(['3 submissions must be run again:', ' alice', ...reasons]);
    expect(existsSync(folder.at('regraded/alice.json'))).toBe(false);
  });

  it('a new scenario, or another way to the kernel, must be run again as well', async () => {
    change('scenarios:\n', 'scenarios:\n  third: {}\n');
    change('[kernel.elf]', '[kernel.bin, kernel.elf]');
    const { lines } = await run();
    expect(lines.slice(1, 4)).toEqual([
      ' alice',
      '     the rubric looks for the kernel in another way now',
      '     there is no evidence of the scenario third',
    ]);
  });

  it('a limit that a run would have reached must be run again; any other does no harm', async () => {
    change('limit: 1ms guest }\n  again', 'limit: 5ns guest }\n  again');
    const { lines } = await run();
    const reason = '     the scenario hello is another now: limit changed';
    // Carol's has no kernel, so nothing ran.
    expect(lines.slice(0, 6)).toEqual([
      '1 submission graded again: 0 changed, 1 as before',
      '2 submissions must be run again:',
      ' alice',
      reason,
      ' bob',
      reason,
    ]);
  });

  it('a longer limit does no harm', async () => {
    change('limit: 1ms guest }\n  again', 'limit: 1s guest }\n  again');
    expect((await run()).code).toBe(0);
  });
});

describe('for students', () => {
  it('makes reports to hand out, without anything hidden', async () => {
    const { code } = await run({ for: 'student' });
    expect(code).toBe(0);
    await gradeInto('handout', 'student');
    const strip = (files: Record<string, string>) => Object.entries(files).map(([file, text]) => [file, text.replace(/"tool": ".*"/, '')]);
    expect(strip(filesIn('regraded'))).toEqual(strip(filesIn('handout')));
    expect(JSON.stringify(filesIn('regraded'))).not.toMatch(/says-more|again/);
  });

  it('names no hidden scenario', async () => {
    change('append: again', 'append: other');
    const { out } = await run({ for: 'student' });
    expect(out).toContain('     the evidence of a hidden run does not do\n');
    expect(out).not.toMatch(/\bscenario again|evidence\.json/);
  });

  it('cannot be taken back: their folder lacks the evidence of what is hidden', async () => {
    await gradeInto('handout', 'student');
    const { code, lines } = await run({ reports: folder.at('handout') });
    expect(code).toBe(1);
    expect(lines[2]).toBe('     there is no evidence of the scenario again');
  });

  it('does not mix with reports for instructors', async () => {
    await expect(run({ for: 'student', out: folder.at('reports2') })).resolves.toMatchObject({ code: 0 });
    await expect(run({ out: folder.at('reports2') })).rejects.toThrow(/alice\.json is a report for students; name another folder/);
    rmSync(folder.at('reports2/alice.json'));
    folder.put('reports2/alice.again.evidence.json', folder.read('reports/alice.again.evidence.json'));
    await expect(run({ for: 'student', out: folder.at('reports2') })).rejects.toThrow(/alice\.again\.evidence\.json is not for students/);
  });
});

const EVIDENCE = 'reports/alice.hello.evidence.json';

/** The report's SHA-256 of the evidence is made to fit, as somebody who edits both would. */
function forge(edit: (text: string) => string): void {
  const before = folder.read(EVIDENCE);
  const after = edit(before);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  folder.put(EVIDENCE, after);
  folder.put('reports/alice.json', folder.read('reports/alice.json').replace(sha256(before), sha256(after)));
}

describe('files that are not to be trusted', () => {
  const edited: [string, () => void, RegExp][] = [
    [
      'evidence that is cut off',
      () => folder.put(EVIDENCE, folder.read(EVIDENCE).slice(0, -20)),
      /evidence\.json is no whole JSON document/,
    ],
    ['evidence that is edited', () => folder.put(EVIDENCE, folder.read(EVIDENCE).replace('"time":', '"time":1')), /its SHA-256 is another/],
    ['evidence that is missing', () => rmSync(folder.at(EVIDENCE)), /alice\.hello\.evidence\.json is missing/],
    ['evidence that is empty', () => folder.put(EVIDENCE, ''), /alice\.hello\.evidence\.json: .*is empty/],
    [
      'evidence of another version',
      () => folder.put(EVIDENCE, folder.read(EVIDENCE).replace('evidence/v1', 'evidence/v2')),
      /evidence\/v2"; this version reads/,
    ],
    ['evidence of another kind', () => forge((text) => text.replace('"requests":[]', '"requests":7')), /is not as .* has it, at requests/],
    [
      'evidence of another scenario',
      () => forge((text) => text.replace('"scenario":"hello"', '"scenario":"again"')),
      /is evidence of another scenario, again/,
    ],
    [
      'evidence of another kernel',
      () => forge((text) => text.replace(/"kernelSha256":"\w+"/, `"kernelSha256":"${'ab'.repeat(32)}"`)),
      /is evidence of another kernel/,
    ],
    [
      'a report that is cut off',
      () => folder.put('reports/alice.json', folder.read('reports/alice.json').slice(0, 200)),
      /alice\.json\n +the report is no whole JSON/,
    ],
    [
      'a report of another version',
      () => folder.put('reports/alice.json', '{"schema": "bootgrade/result/v9"}'),
      /the report is "bootgrade\/result\/v9"/,
    ],
    [
      'a report that leads elsewhere',
      () => folder.put('reports/alice.json', folder.read('reports/alice.json').replace('"alice.hello', '"../alice.hello')),
      /the report is not as .* at scenarios\.0\.evidence/,
    ],
  ];

  it.each(edited)('%s is refused by name, and the others are graded', async (_, edit, message) => {
    edit();
    const { code, out } = await run();
    expect(code).toBe(1);
    expect(out).toMatch(message);
    expect(out).toContain('2 submissions graded again');
    expect(existsSync(folder.at('regraded/alice.json'))).toBe(false);
  });

  it('files of others are passed over', async () => {
    folder.put('reports/grades.json', '{"alice": "A"}');
    folder.put('reports/notes.txt', 'bring cake');
    expect((await run()).code).toBe(0);
  });
});

describe('what the user has to correct', () => {
  it('is a folder that is not there, or without reports', async () => {
    await expect(run({ reports: folder.at('nowhere') })).rejects.toThrow(/cannot read the reports in .*: no such file/);
    await expect(run({ reports: folder.at('class') })).rejects.toThrow(/there is no report in this folder/);
  });

  it('is the earlier reports as the place for the new ones', async () => {
    await expect(run({ out: folder.at('reports') })).rejects.toThrow(/must stay; name another folder/);
  });

  it('is a new report that would replace somebody else’s file', async () => {
    folder.put('regraded/alice.json', 'A+');
    await expect(run()).rejects.toThrow(/alice\.json exists and is no report of ours/);
    expect(folder.read('regraded/alice.json')).toBe('A+');
  });
});

it('names an earlier report that stands where a new one is missing', async () => {
  await run();
  change('memory: 128M', 'memory: 256M');
  const { out } = await run();
  expect(out).toMatch(/ alice\n(.*\n)* +.*regraded\/alice\.json is from an earlier grading, and was left as it is/);
});
