/** Who a grading is for: what is printed, and what is recorded, by `--for` and `--attempt`. Machines play scripts here. */
import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from '../testkit/command.ts';
import { everyFormat } from '../testkit/formats.ts';
import { bootgrade } from './bootgrade.ts';
import { type GradeOptions, grade } from './grade.ts';

const SECRET = 'sesame';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf], format: raw }
scenarios: { run: {}, ${SECRET}-run: { visibility: hidden, append: ${SECRET} } }
checks:
  - { id: says-hello, points: 10, console: hello, hint: [{ from-attempt: 1, text: Say it. }, { from-attempt: 3, text: Print it. }] }
  - { id: ${SECRET}-check, title: ${SECRET}, points: 5, in: ${SECRET}-run, console: ${SECRET}, hint: ${SECRET} }
`;

let folder: TestFolder;

beforeEach(() => {
  folder = new TestFolder();
  folder.put('lab.yaml', RUBRIC);
  folder.put('class/alice/kernel.elf', 'hello');
  folder.put('class/bob/kernel.elf', 'nothing');
});
afterEach(() => folder.remove());

async function run(changes: Partial<GradeOptions> = {}) {
  const printed = capture({ progress: true });
  const options = { rubric: folder.at('lab.yaml'), submissions: [folder.at('class')], out: folder.at('reports') };
  const host = fakeHost((kernel) => [{ print: kernel }, { stop: { reason: 'poweroff' } }]);
  const code = await grade(
    { ...options, json: false, strict: false, explain: 'nothing' as const, attempt: 1, ...changes },
    printed.environment,
    inThisProcess(host),
  );
  return { code, out: printed.out(), printed: printed.out() + printed.err() };
}

function recorded(out = 'reports'): string {
  return readdirSync(folder.at(out))
    .map((file) => `${file}\n${folder.read(`${out}/${file}`)}`)
    .join('\n');
}

describe('a roster', () => {
  const NOTE = 'suspected of copying';
  let options: Partial<GradeOptions>;

  beforeEach(() => {
    const rows = `alice,1,Alice,doe,${NOTE}\nbob,2,Bob,roe,${NOTE}\n,3,Carol,poe,${NOTE}\n`;
    const roster = folder.put('class.csv', `submission,id,name,Username,notes\n${rows}`);
    options = { roster, formats: everyFormat(folder, ['Alice', 'Bob']) };
  });

  const student = (out = 'reports') => (JSON.parse(folder.read(`${out}/alice.json`)) as SubmissionResult).students[0];

  it('gives students no more of it than id and name, in no file', async () => {
    const { printed } = await run({ ...options, for: 'student' });
    expect(student()).toEqual({ id: '1', name: 'Alice', columns: {}, ids: {} });
    expect(printed + recorded()).not.toContain(NOTE);
    expect(recorded()).toContain('"name":"Carol"');
  });

  it('gives instructors all of it, but nothing to what students look at', async () => {
    const { printed } = await run(options);
    expect(student()?.columns).toEqual({ Username: 'doe', notes: NOTE });
    const files = ['class.junit.xml', 'class.github.txt', 'class.github.md', 'alice.classroom50.json', 'alice.check50.json'];
    expect(printed + files.map((file) => folder.read(`reports/${file}`)).join('\n')).not.toContain(NOTE);
  });

  it('gives what is asked for', async () => {
    await run({ ...options, for: 'student', rosterColumns: ['username'] });
    expect(student()?.columns).toEqual({ Username: 'doe' });
    expect(folder.read('reports/class.blackboard.txt')).toContain('doe\t');
    await expect(run({ rosterColumns: ['notes'] })).rejects.toThrow('--roster-columns needs a roster: add --roster FILE');
    await expect(run({ ...options, rosterColumns: ['group'] })).rejects.toThrow(/class\.csv: line 1: no other column is called "group"/);
    await expect(run({ ...options, for: 'student', resume: true })).rejects.toThrow(/a different roster, or different columns of it/);
  });

  it('gives no more of it when an instructor’s record is graded again for students', async () => {
    await run(options);
    const paths = [folder.at('lab.yaml'), folder.at('reports'), '--for', 'student', '--out'];
    const regraded = async (out: string, ...more: string[]) => {
      const argv = ['regrade', ...paths, folder.at(out), ...more];
      expect(await bootgrade(argv, capture().environment)).toBe(0);
      return student(out);
    };
    expect(await regraded('handout')).toEqual({ id: '1', name: 'Alice', columns: {}, ids: {} });
    expect(await regraded('asked', '--roster-columns', 'USERNAME')).toEqual({
      id: '1',
      name: 'Alice',
      columns: { Username: 'doe' },
      ids: {},
    });
  });
});

describe('what is hidden', () => {
  it('is recorded and not printed, where nobody says for whom', async () => {
    const { printed, out } = await run();
    expect(printed).not.toContain(SECRET);
    expect(out).toContain(' ✗ (one hidden check) 0/5\n');
    expect(out).toContain('reports holds what is hidden from students; --for student --out FOLDER writes reports for them.\n');
    expect(recorded()).toContain(`alice.${SECRET}-run.evidence.json`);
    expect(recorded()).toContain(`"title": "${SECRET}"`);
  });

  it('is neither printed nor recorded for students', async () => {
    const { printed } = await run({ for: 'student' });
    expect(printed).not.toContain(SECRET);
    expect(recorded()).not.toContain(SECRET);
    expect(readdirSync(folder.at('reports')).sort()).toEqual([
      'alice.json',
      'alice.run.evidence.json',
      'bob.json',
      'bob.run.evidence.json',
      'journal.jsonl',
    ]);
    const { out: json } = await run({ for: 'student', json: true });
    expect(json).not.toContain(SECRET);
    expect(JSON.parse(json)).toMatchObject({ results: [{ audience: 'student', score: 10, maxScore: 15 }, { score: 0 }] });
  });

  it('is printed and recorded for instructors', async () => {
    const { out } = await run({ for: 'instructor' });
    expect(out).toContain(` ✗ ${SECRET}-check    0/5  ${SECRET} (hidden)\n`);
    expect(recorded()).toContain(SECRET);
  });

  it('does not get into a folder with reports for students, nor stays in one', async () => {
    await run();
    const before = recorded();
    await expect(run({ for: 'student' })).rejects.toThrow(
      /alice\.json is a report for instructors; name another folder for those for students/,
    );
    expect(recorded()).toBe(before);
    await run({ for: 'student', out: folder.at('handout') });
    await expect(run({ out: folder.at('handout') })).rejects.toThrow(/alice\.json is a report for students/);
    expect(recorded('handout')).not.toContain(SECRET);
  });

  it('needs no word about it where nothing is hidden', async () => {
    folder.put('lab.yaml', RUBRIC.replace('visibility: hidden, ', ''));
    expect((await run()).out).not.toContain('--for');
  });
});

describe('hints', () => {
  it('come with the attempt', async () => {
    expect((await run()).out).toContain('hint: Say it.');
    const { out } = await run({ attempt: 3 });
    expect(out).toContain('hint: Print it.');
    expect(out).not.toContain('Say it.');
    expect(recorded()).toContain('"attempt": 3');
  });

  it.each(['0', '-1', 'two', '1.5', '9999999'])('refuse --attempt %s', async (attempt) => {
    const printed = capture();
    expect(await bootgrade(['grade', folder.at('lab.yaml'), folder.at('class'), `--attempt=${attempt}`], printed.environment)).toBe(2);
    expect(printed.err()).toMatch(/^bootgrade: option '--attempt <number>' argument .* is invalid. a number from 1 is expected/);
  });

  it('refuse --for nobody', async () => {
    const printed = capture();
    expect(await bootgrade(['grade', 'lab.yaml', 'x', '--for', 'nobody'], printed.environment)).toBe(2);
    expect(printed.err()).toMatch(/Allowed choices are student, instructor/);
  });
});
