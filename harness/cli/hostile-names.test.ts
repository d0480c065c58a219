/**
 * Names, consoles and rosters that try to be commands of a terminal or of a CI's runner: whatever the command prints or writes shows them.
 * Machines play scripts here.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture, fakeHost, inThisProcess, type Printed, TestFolder } from '../testkit/command.ts';
import { everyFormat } from '../testkit/formats.ts';
import { chosenFormats } from './format-options.ts';
import { type GradeOptions, grade } from './grade.ts';
import { merge } from './merge.ts';
import { regrade } from './regrade.ts';
import { TOOL } from './version.ts';

const HOSTILE = [
  ...['::error::a', ' ::set-output name=x::y', '##vso[task.complete result=Failed;]', '##[error]b', "##teamcity[message text='c']"],
  ...['\x1b[2J\x1b[31mred', '\x1b]0;title\x07', 'over\rwritten', 'line\n::error::end', 'bidi\u202egrade', 'c1\u009b2J', 'two\u2028lines'],
  ...['=cmd|calc', '@SUM(A1)', '[a](javascript:b)', '<img src=x onerror=alert(1)>', '`$(id)`', '--json', '-', '%0A', 'a|b', '\u{e0001}tag'],
];

/** The title of a check is the rubric author's; what is printed about it is the kernel's. */
const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: ["*.elf"], format: raw }
scenarios: { hello: { until: { console: bye }, limit: 1ms guest } }
checks:
  - { id: says-hello, title: Hello, points: 10, console: hello }
  - { id: panics, title: Panics, points: 1, stop: poweroff }
`;

const host = { ...fakeHost((kernel) => [{ print: `${kernel}\n${kernel}` }, { stop: { reason: 'reset' } }]), tool: TOOL };

let folder: TestFolder;

beforeAll(() => {
  folder = new TestFolder();
  folder.put('lab.yaml', RUBRIC);
  const rows = HOSTILE.map((name, at) => `"${name.replaceAll('"', '""')}",${at},"${name}","${name}"\n`);
  folder.put('class.csv', `submission,id,name,Username\n${rows.join('')},99,"::error::absent",x\n`);
  for (const name of HOSTILE) folder.put(`class/${name}/${name}.elf`, HOSTILE.join('\n'));
});
afterAll(() => folder.remove());

function run(changes: Partial<GradeOptions>, printed: Printed) {
  const paths = { rubric: folder.at('lab.yaml'), submissions: [folder.at('class')], roster: folder.at('class.csv') };
  const base = { json: false, strict: false, explain: 'nothing' as const, attempt: 1, out: folder.at('reports') };
  return grade({ ...paths, ...base, ...changes }, printed.environment, inThisProcess(host));
}

/** What of the text a terminal or a runner would obey. */
function obeyed(text: string): string[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.filter((line) => /[^\t\P{C}]|[\p{Zl}\p{Zp}]|^\s*::|##\w*\[/u.test(line));
}

describe.each([
  ['a class whose reports are printed', 0, 12],
  ['a class that is told in lines', 0, HOSTILE.length],
])('%s', (_, from, to) => {
  it('shows them', async () => {
    const printed = capture();
    const submissions = HOSTILE.slice(from, to).map((name) => folder.at(`class/${name}`));
    expect(await run({ submissions }, printed)).toBe(0);
    const text = printed.out() + printed.err();
    expect(obeyed(text)).toEqual([]);
    for (const shown of ['\\x3a:error::a', '\\x23#vso[task', '\\x1b[2J', 'over\\rwritten', 'bidi\\u{202e}grade', 'c1\\x9b2J']) {
      expect(text).toContain(shown);
    }
  });
});

it('is shown in every file of every format, and in JSON that is printed', async () => {
  const printed = capture();
  expect(await run({ formats: everyFormat(folder, ['99']), json: true }, printed)).toBe(0);
  expect(obeyed(printed.out() + printed.err())).toEqual([]);
  expect((JSON.parse(printed.out()) as { results: { name: string }[] }).results.map(({ name }) => name).sort()).toEqual(
    [...HOSTILE].sort(),
  );
  for (const [file, text] of Object.entries(folder.texts('reports'))) {
    // There commands are what the file is for: one of ours at the begin of each line.
    const ours = file === 'class.github.txt' ? text.replace(/^::(error|warning|notice)( [a-z]+=[^\n]*?)?::(?!set-output)/gm, '') : text;
    expect(obeyed(ours), file).toEqual([]);
    expect(obeyed(file), file).toEqual([]);
  }
});

it('is shown by merge and regrade', async () => {
  for (const index of [1, 2]) await run({ shard: { index, count: 2 }, out: folder.at(`part${index}`) }, capture());
  const blobs = [1, 2].map((index) => folder.at(`part${index}/shard-${index}-of-2.blob`));
  const merged = capture();
  const formats = chosenFormats({ report: 'json' });
  expect(await merge({ blobs, out: folder.at('merged'), json: false, strict: false, formats }, merged.environment)).toBe(0);
  const regraded = capture();
  folder.put('again.yaml', RUBRIC.replace('points: 10', 'points: 20').replace('console: hello', 'console: "over"'));
  const options = { rubric: folder.at('again.yaml'), reports: folder.at('merged'), out: folder.at('again'), json: false };
  expect(await regrade(options, regraded.environment)).toBe(0);
  expect(regraded.out()).toContain('0/11 → 20/21');
  expect([merged, regraded].flatMap(({ out, err }) => obeyed(out() + err()))).toEqual([]);
});
