/** Reports of other formats beside the record, as `grade` writes them. Machines play scripts here. */
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChosenFormat, FormatName } from '../report/index.ts';
import type { Host } from '../run/host.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from '../testkit/command.ts';
import { type GradeOptions, grade } from './grade.ts';

const SECRET = 'sesame';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf], format: raw }
scenarios: { run: {}, ${SECRET}-run: { visibility: hidden } }
checks:
  - { id: says-hello, points: 10, console: hello }
  - { id: ${SECRET}-check, title: ${SECRET}, points: 5, in: ${SECRET}-run, console: ${SECRET} }
`;

let folder: TestFolder;

beforeEach(() => {
  folder = new TestFolder();
  folder.put('lab.yaml', RUBRIC);
  folder.put('class/alice/kernel.elf', 'hello');
  folder.put('class/bob/kernel.elf', 'nothing');
});
afterEach(() => folder.remove());

const PLAYS = fakeHost((kernel) => [{ print: kernel }, { stop: { reason: 'poweroff' } }]);

async function run(formats: readonly (FormatName | ChosenFormat)[], changes: Partial<GradeOptions> = {}, host: Host = PLAYS) {
  const printed = capture();
  const options = { rubric: folder.at('lab.yaml'), submissions: [folder.at('class')], out: folder.at('reports') };
  const chosen = formats.map((one) => (typeof one === 'string' ? { name: one, values: {} } : one));
  const base = { json: false, strict: false, explain: 'nothing' as const, attempt: 1, formats: chosen };
  await grade({ ...options, ...base, ...changes }, printed.environment, inThisProcess(host));
  return printed.err();
}

function others(): string[] {
  return readdirSync(folder.at('reports')).filter((file) => !/^(alice|bob)(\.[\w-]+\.evidence)?\.json$/.test(file));
}

describe('the files', () => {
  it('lie beside the record: one for each submission, or one for the class', async () => {
    await run(['html', 'junit', 'check50']);
    expect(others().filter((file) => /^(alice|bob)/.test(file))).toEqual([
      'alice.check50.json',
      'alice.html',
      'bob.check50.json',
      'bob.html',
    ]);
    expect(others()).toEqual(expect.arrayContaining(['class.html', 'class.junit.xml', 'class.files.json']));
    expect(folder.read('reports/class.html')).toContain('href="./bob.html"');
    expect(folder.read('reports/alice.html')).toContain('10/15');
  });

  it('are replaced when the class is graded again', async () => {
    await run(['csv', 'markdown']);
    folder.put('class/bob/kernel.elf', 'hello');
    await run(['csv', 'markdown']);
    expect(parse(folder.read('reports/class.csv'), { bom: true, columns: true })).toMatchObject([{ score: '10' }, { score: '10' }]);
  });

  it('are the same bytes each time', async () => {
    const formats = ['html', 'markdown', 'junit', 'github', 'gradescope', 'check50', 'csv'] as const;
    const all = () => others().map((file) => [file, folder.read(`reports/${file}`)]);
    await run(formats);
    const first = all();
    await run(formats);
    expect(all()).toEqual(first);
  });

  it('replace no file of somebody else, and nothing is graded then', async () => {
    folder.put('reports/bob.html', 'my notes');
    await expect(run(['html'])).rejects.toThrow(/bob.html exists and is not a report of ours/);
    expect(folder.read('reports/bob.html')).toBe('my notes');
    expect(existsSync(folder.at('reports/alice.json'))).toBe(false);
  });

  it('follow no link out of the folder', async () => {
    const victim = folder.put('victim', 'mine');
    await run(['csv']);
    folder.put('reports2/x', '');
    symlinkSync(victim, folder.at('reports2/class.csv'));
    await expect(run(['csv'], { out: folder.at('reports2') })).rejects.toThrow(/exists and is not a report of ours/);
    expect(folder.read('victim')).toBe('mine');
  });

  it('are taken away where a format has none any more', async () => {
    const values = { classroom: 'c', assignment: 'a', owner: 'o', submission: 'submit/1', commit: 'c', release: 'r' };
    const format = { name: 'classroom50', values: { ...values, datetime: '2026-10-01T12:00:00Z' } } as const;
    await run([format]);
    expect(others()).toContain('alice.classroom50.json');
    let seconds = 0;
    const late: Host = { ...fakeHost(() => []), seconds: () => seconds++, guard: 0 };
    await run([format], {}, late);
    expect(others()).not.toContain('alice.classroom50.json');
  });
});

describe('what is hidden', () => {
  const written = (...files: string[]) => files.map((file) => folder.read(`reports/${file}`)).join('\n');
  const FOR_STUDENTS = ['class.junit.xml', 'class.github.txt', 'class.github.md', 'alice.check50.json'];

  it('is in the instructor’s files, and not in those that go where students look', async () => {
    await run(['html', 'csv', 'gradescope', 'junit', 'github', 'check50']);
    for (const file of ['alice.html', 'class.html', 'class.csv', 'alice.gradescope.json']) expect(written(file)).toContain(SECRET);
    expect(written(...FOR_STUDENTS)).not.toContain(SECRET);
    expect(written('class.junit.xml')).toContain('(one hidden check)');
  });

  it('is everywhere where the user asks for it, and nowhere in reports for students', async () => {
    await run(['junit', 'github', 'check50'], { for: 'instructor' });
    expect(written('class.junit.xml')).toContain(SECRET);
    const out = folder.at('handout');
    await run(['html', 'csv', 'gradescope', 'junit', 'github', 'check50', 'markdown'], { for: 'student', out });
    const all = readdirSync(out).map((file) => `${file}\n${folder.read(`handout/${file}`)}`);
    expect(all.join('\n')).not.toContain(SECRET);
  });

  it('does not come to lie among reports for students', async () => {
    await run(['csv'], { for: 'student' });
    await expect(run(['csv'], { for: 'instructor' })).rejects.toThrow(/for students/);
  });
});

it('says whose row a gradebook does not have, before it grades', async () => {
  const values = { worksheet: 'Identifier,Full name,Grade\nParticipant 1,Alice,\n' };
  expect(await run([{ name: 'moodle', values }])).toContain("Moodle's worksheet has no row for bob: it is left out\n");
  expect(folder.read('reports/class.moodle.csv')).toBe('Identifier,Full name,Grade\nParticipant 1,Alice,10\n');
});
