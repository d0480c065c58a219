/** Going on with a grading, rosters, shards and their merging, around the machine. Machines play scripts here. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../batch/identity.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from '../testkit/command.ts';
import { UsageError } from '../vocabulary/usage-error.ts';
import { type GradeOptions, grade } from './grade.ts';
import { merge } from './merge.ts';
import { TOOL } from './version.ts';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf], format: raw }
scenarios:
  hello: { limit: 1ms guest }
  secret: { limit: 1ms guest, visibility: hidden }
checks:
  - { id: says-hello, title: Hello, points: 10, console: hello, in: hello }
  - { id: says-bye, title: Bye, points: 5, console: bye, in: secret }
`;

const NAMES = ['alice', 'bob', 'carol', 'dave', 'section/eve'];

let folder: TestFolder;
let booted: string[];

beforeEach(() => {
  folder = new TestFolder();
  folder.put('lab.yaml', RUBRIC);
  for (const name of NAMES) folder.put(`class/${name}/kernel.elf`, `hello from ${name}`);
  booted = [];
});
afterEach(() => folder.remove());

const host = {
  ...fakeHost((kernel) => {
    booted.push(kernel.replace('hello from ', ''));
    return [{ print: kernel }, { stop: { reason: 'poweroff' } }];
  }),
  tool: TOOL,
};

async function run(out: string, changes: Partial<GradeOptions> = {}) {
  const printed = capture();
  const options = { rubric: folder.at('lab.yaml'), submissions: [folder.at('class')], out: folder.at(out), attempt: 1 };
  const code = await grade(
    { ...options, json: false, strict: false, explain: 'nothing' as const, ...changes },
    printed.environment,
    inThisProcess(host),
  );
  return { code, out: printed.out(), err: printed.err() };
}

/** As a batch leaves its folder that was killed after the first submissions. */
async function interruptedAfter(count: number): Promise<Record<string, string>> {
  await run('reports');
  const whole = folder.texts('reports');
  const journal = folder.at('reports/journal.jsonl');
  writeFileSync(
    journal,
    readFileSync(journal, 'utf8')
      .split('\n')
      .slice(0, count + 1)
      .map((line) => `${line}\n`)
      .join(''),
  );
  booted = [];
  return whole;
}

describe('--resume', () => {
  it('grades what the journal does not have, and leaves what would have been left', async () => {
    const whole = await interruptedAfter(3);
    rmSync(folder.at('reports/dave.json'));
    const { code, out } = await run('reports', { resume: true });
    expect(code).toBe(0);
    expect(new Set(booted)).toEqual(new Set(['dave', 'section/eve']));
    expect(folder.texts('reports')).toEqual(whole);
    expect(out).toContain('alice/kernel.elf   10/15');
    expect(out).toContain('5 submissions: 5 failed');
  });

  it('puts last what may have killed the batch: what errored, and what was being graded', async () => {
    const whole = await interruptedAfter(5);
    const journal = folder.at('reports/journal.jsonl');
    const [header = '', ...entries] = readFileSync(journal, 'utf8').trimEnd().split('\n');
    const errored = entries[0]!.replace('"failed"', '"errored"');
    // alice errored, bob was being graded, and of carol there is a record.
    writeFileSync(journal, [header, errored, '{"begun":"bob"}', entries[2], ''].join('\n'));
    const { code } = await run('reports', { resume: true });
    expect(code).toBe(0);
    expect([...new Set(booted)]).toEqual(['dave', 'section/eve', 'alice', 'bob']);
    expect(folder.texts('reports')).toEqual(whole);
  });

  it('grades nothing where all was graded, and all where there is no journal', async () => {
    await interruptedAfter(5);
    await run('reports', { resume: true });
    expect(booted).toEqual([]);
    await run('elsewhere', { resume: true });
    expect(new Set(booted)).toEqual(new Set(NAMES));
  });

  it.each(['alice.json', 'alice.hello.evidence.json'])('grades again what has lost %s', async (file) => {
    const whole = await interruptedAfter(5);
    writeFileSync(folder.at(`reports/${file}`), `${whole[file]} `);
    writeFileSync(folder.at('reports/alice.json.4711.tmp'), 'half a rep');
    writeFileSync(folder.at('reports/journal.jsonl.4711.tmp'), '{"schema":"boo');
    writeFileSync(folder.at('reports/notes.4711.tmp'), 'mine');
    await run('reports', { resume: true });
    expect(new Set(booted)).toEqual(new Set(['alice']));
    expect(folder.texts('reports')).toEqual({ ...whole, 'notes.4711.tmp': 'mine' });
  });

  it('is refused with another rubric, other submissions, or another kernel of one that was graded', async () => {
    await interruptedAfter(2);
    writeFileSync(folder.at('lab.yaml'), RUBRIC.replace('points: 10', 'points: 11'));
    await expect(run('reports', { resume: true })).rejects.toThrow(
      /journal\.jsonl belongs to a different grading \(a different rubric\); leave out --resume/,
    );
    writeFileSync(folder.at('lab.yaml'), RUBRIC);
    folder.put('class/frank/kernel.elf', 'hello');
    await expect(run('reports', { resume: true })).rejects.toThrow(/\(other submissions\)/);
    rmSync(folder.at('class/frank'), { recursive: true });
    folder.put('class/bob/kernel.elf', 'hello again');
    await expect(run('reports', { resume: true })).rejects.toThrow(/the kernel of bob is not the one that was graded/);
    expect(booted).toEqual([]);
  });

  it('tells nothing that is hidden from students', async () => {
    await run('handout', { for: 'student' });
    expect(Object.values(folder.texts('handout')).join()).not.toMatch(/secret|says-bye/);
  });
});

describe('--roster', () => {
  it('puts students into the results, and says who is missing and what is nobody’s', async () => {
    folder.put('class.csv', 'submission,id,name,group\nalice,s1,Alice,A\nbob,s2,"Bob, Jr.",B\n,s3,Zoe,A\nnobody,s4,Yan,B\n');
    const { out, err } = await run('reports', { roster: folder.at('class.csv') });
    const result = (name: string) => JSON.parse(folder.read(`reports/${name}.json`)) as SubmissionResult;
    expect(result('bob').students).toEqual([{ id: 's2', name: 'Bob, Jr.', columns: { group: 'B' }, ids: {} }]);
    expect(result('carol').students).toEqual([]);
    expect(out).toContain('Without a submission: 2 students: Zoe (s3), Yan (s4)\n');
    expect(err).toMatch(/class\.csv has no student for 3 submissions: carol, dave, section\n/);
  });

  it('is a mistake of the user where it cannot be read', async () => {
    await expect(run('reports', { roster: folder.at('none.csv') })).rejects.toThrow(/cannot read the roster .*none\.csv: no such file/);
    const roster = folder.put('class.csv', 'name\nAlice\n');
    await expect(run('reports', { roster })).rejects.toThrow(/the roster .*class\.csv: line 1: no column is called "submission"/);
    expect(booted).toEqual([]);
  });
});

type Edit = (text: string) => string;

describe('shards', () => {
  async function merged(count: number, out: string) {
    const blobs = [];
    for (let index = count; index >= 1; index--) {
      await run(`part${index}`, { shard: { index, count } });
      blobs.push(folder.at(`part${index}/shard-${index}-of-${count}.blob`));
    }
    const printed = capture();
    const code = await merge({ blobs, out: folder.at(out), json: false, strict: true, formats: [] }, printed.environment);
    return { code, out: printed.out(), blobs };
  }

  it.each([2, 3, 7])('%d of them, merged, are the class', async (count) => {
    await run('whole');
    const half = ['merged/alice.json', 'merged/alice.hello.evidence.json', 'merged/journal.jsonl', `part1/shard-1-of-${count}.blob`];
    for (const file of half) folder.put(`${file}.4711.tmp`, 'left by what was killed');
    const { code, out } = await merged(count, 'merged');
    expect(readdirSync(folder.at('part1')).filter((file) => file.endsWith('.tmp'))).toEqual([]);
    expect(folder.texts('merged')).toEqual(folder.texts('whole'));
    expect(code).toBe(1);
    expect(out).toContain('5 submissions: 5 failed');
  });

  it('are refused when one is missing, there twice, cut off or edited', async () => {
    const { blobs } = await merged(2, 'merged');
    const [second, first] = blobs as [string, string];
    const join = (...files: string[]) =>
      merge({ blobs: files, out: folder.at('refused'), json: false, strict: false, formats: [] }, capture().environment);
    await expect(join(first)).rejects.toThrow('shard 2/2 is missing');
    await expect(join(first, second, second)).rejects.toThrow('name each shard once');
    await expect(join(folder.at('lab.yaml'))).rejects.toThrow(/lab\.yaml is not a blob of a shard/);
    await expect(join(folder.at('none.blob'))).rejects.toThrow(/cannot read the blob .*none\.blob: no such file/);
    expect(existsSync(folder.at('refused'))).toBe(false);
    const text = readFileSync(second, 'utf8');
    const lines = text.trimEnd().split('\n');
    writeFileSync(second, `${lines.slice(0, -1).join('\n')}\n`);
    await expect(join(first, second)).rejects.toThrow('was cut off');
    writeFileSync(second, text.replace('\\"score\\": 10', '\\"score\\": 15'));
    await expect(join(first, second)).rejects.toThrow('bob is damaged');
    expect(existsSync(folder.at('refused'))).toBe(false);
  });

  it.each([
    ['a different first line', (lines: string[]) => ['null', ...lines.slice(1)], 'is not a blob of a shard'],
    [
      'another version',
      ([first = '', ...rest]: string[]) => [first.replace('blob/v1', 'blob/v2'), ...rest],
      'has the format "bootgrade/blob/v2"; this version reads bootgrade/blob/v1',
    ],
    ['no names', ([first = '', ...rest]: string[]) => [first.replace('"submissions":[', '"submissions":[7,'), ...rest], 'is not a blob'],
    ['very many shards', ([first = '', ...rest]: string[]) => [first.replace('"count":2', '"count":1000000000'), ...rest], 'is not a blob'],
    ['a line that is none', (lines: string[]) => lines.with(1, '7'), /blob:2 is damaged/],
    ['an entry that is none', (lines: string[]) => lines.with(1, '{"entry":null,"report":"x"}'), /blob:2 is damaged/],
    ['a report that is none', (lines: string[]) => lines.with(1, lines[1]!.replace(/"report":".*"/, '"report":"x"')), 'bob is damaged'],
    [
      'a submission twice',
      (lines: string[]) => lines.toSpliced(1, 0, ...lines.slice(1, 4)),
      /bob is not in the class, or is in the blobs twice/,
    ],
  ])('that were edited (%s) are refused in one sentence', async (_, edit, message) => {
    const { blobs } = await merged(2, 'merged');
    const [second, first] = blobs as [string, string];
    writeFileSync(second, edit(readFileSync(second, 'utf8').split('\n')).join('\n'));
    const options = { blobs: [first, second], out: folder.at('refused'), json: false, strict: false, formats: [] };
    await expect(merge(options, capture().environment)).rejects.toThrow(UsageError);
    await expect(merge(options, capture().environment)).rejects.toThrow(message);
    expect(existsSync(folder.at('refused'))).toBe(false);
  });

  /** The first submission of a blob with its report and its evidence edited, and their SHA-256 set right. */
  function edited([first = '', submission = '', run = '', ...rest]: string[], editReport: Edit, editEvidence: Edit): string[] {
    const { scenario, evidence } = JSON.parse(run);
    const newEvidence = editEvidence(evidence);
    const { entry, report } = JSON.parse(submission);
    const newReport = editReport(report.replace(sha256(evidence), sha256(newEvidence)));
    const newEntry = { entry: { ...entry, reportSha256: sha256(newReport) }, report: newReport };
    return [first, JSON.stringify(newEntry), JSON.stringify({ scenario, evidence: newEvidence }), ...rest];
  }

  const AS_IT_IS: Edit = (text) => text;

  // Who edits a blob can set its hashes right: then it is what the blob holds that is refused.
  it.each([
    ['a report', (text: string) => text.replace('"details": [', '"details": ["", '), AS_IT_IS],
    ['evidence', AS_IT_IS, (text: string) => text.replace('"devices":[', '"devices":[7,')],
    ['evidence with a map', AS_IT_IS, (text: string) => text.replace('"setup":{', '"setup":{"__proto__":7,')],
  ])('that hold %s that no grading writes are refused before anything is written', async (_, editReport, editEvidence) => {
    const { blobs } = await merged(2, 'merged');
    const [second, first] = blobs as [string, string];
    const options = { blobs: [first, second], out: folder.at('refused'), json: false, strict: false, formats: [] };
    const lines = readFileSync(second, 'utf8').split('\n');
    writeFileSync(second, edited(lines, AS_IT_IS, (text) => text.replace('"tool":"', '"tool":"x')).join('\n'));
    expect(await merge({ ...options, out: folder.at('taken') }, capture().environment)).toBe(0);
    writeFileSync(second, edited(lines, editReport, editEvidence).join('\n'));
    await expect(merge(options, capture().environment)).rejects.toThrow('bob is damaged');
    expect(existsSync(folder.at('refused'))).toBe(false);
  });

  it('have no reports of other formats', async () => {
    const formats = [{ name: 'csv' as const, values: {} }];
    await expect(run('part', { shard: { index: 1, count: 2 }, formats })).rejects.toThrow('give --report to bootgrade merge');
  });
});
