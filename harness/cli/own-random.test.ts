/** Random values that each submission has for itself: an answer that was copied out of a report is wrong for the kernel that has it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from '../testkit/command.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { bootgrade } from './bootgrade.ts';
import { grade } from './grade.ts';
import { TOOL } from './version.ts';

const RUBRIC = `rubric: 1
title: Find it
random: { seed: 99, per: submission, words: { needle: 8, secret: 6 } }
machine: { memory: 16M, drives: { blk: { size: 4K, contents: [{ at: 0, text: "\${needle}" }] } } }
submission: { kernel: kernel.elf, format: raw }
scenarios:
  run: { keys: [{ when: "$ ", type: "\${needle}\\n" }], until: { console: "> " }, limit: 1s guest }
  again: { visibility: hidden, append: "\${secret}", limit: 1s guest }
checks:
  - { id: finds, points: 10, console: "\${needle}" }
  - { id: hidden, points: 5, in: again, console: "\${secret}" }
`;

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
  folder.put('lab.yaml', RUBRIC);
  folder.put('bootgrade.yaml', 'rubric: lab.yaml\n');
});
afterEach(() => folder.remove());

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const { environment, out, err } = capture();
  const code = await bootgrade(argv, environment);
  return { code, out: out(), err: err() };
}

/** The results of kernels that echo what is typed, by name. */
async function echoing(
  names: readonly string[],
  options: { out?: string; resume?: boolean } = {},
): Promise<Record<string, SubmissionResult>> {
  const out = options.out ?? 'reports';
  for (const name of names) folder.put(`class/${name}/kernel.elf`, `kernel of ${name}`);
  const host = { ...fakeHost(() => [{ print: '$ ' }, { readKeys: 9 }, { print: '> ' }, { stop: { reason: 'poweroff' } }]), tool: TOOL };
  const paths = { rubric: folder.at('lab.yaml'), submissions: [folder.at('class')], out: folder.at(out) };
  const base = { json: false, strict: false, explain: 'nothing' as const, attempt: 1, ...(options.resume ? { resume: true } : {}) };
  await grade({ ...base, ...paths }, capture().environment, inThisProcess(host));
  return Object.fromEntries(names.map((name) => [name, JSON.parse(folder.read(`${out}/${name}.json`)) as SubmissionResult]));
}

const drawnValue = (result: SubmissionResult | undefined, wanted: string) =>
  result?.random?.values.find(({ name }) => name === wanted)?.value;

describe('values of each submission', () => {
  it('are typed, on the disk and expected, and are the same whenever it is graded', async () => {
    const first = await echoing(['alice', 'bob']);
    const needle = drawnValue(first['alice'], 'needle');
    expect(needle).toMatch(/^[a-z]{8}$/);
    expect(drawnValue(first['bob'], 'needle')).not.toBe(needle);
    for (const result of Object.values(first)) expect(result.checks[0]).toMatchObject({ id: 'finds', outcome: 'passed' });
    expect(first['alice']!.scenarios[0]!.typed?.map(({ text }) => text).join('')).toContain(needle);
    expect(first['alice']!.images['run/blk']).not.toBe(first['bob']!.images['run/blk']);
    expect(await echoing(['bob', 'alice'], { out: 'later' })).toEqual(first);
  });

  it('are kept by regrade: nothing is run again, and a changed check is applied with them', async () => {
    const first = await echoing(['alice', 'bob']);
    folder.put('lab.yaml', RUBRIC.replace('points: 10', 'points: 20'));
    const { code, out, err } = await run('regrade', folder.at('lab.yaml'), folder.at('reports'), '--out', folder.at('again'));
    expect([code, err, out]).toEqual([0, '', expect.stringContaining('2 submissions graded again: 2 changed')]);
    const again = JSON.parse(folder.read('again/alice.json')) as SubmissionResult;
    expect([again.random, again.score]).toEqual([first['alice']!.random, 20]);
  });

  it('are others with a different seed, so that the submission has to be run again', async () => {
    await echoing(['alice']);
    folder.put('lab.yaml', RUBRIC.replace('seed: 99', 'seed: 98'));
    const { out } = await run('regrade', folder.at('lab.yaml'), folder.at('reports'), '--out', folder.at('again'));
    expect(out).toMatch(/the scenario run has changed: drives, keys/);
  });

  it('a student does not learn those of hidden runs', async () => {
    const { code } = await run(
      'grade',
      folder.at('lab.yaml'),
      folder.put('me/kernel.elf', tinyKernel('x')),
      '--for',
      'student',
      '--out',
      folder.at('mine'),
    );
    expect(code).toBe(0);
    const [, text] = Object.entries(folder.texts('mine')).find(([file]) => /^\w+\.json$/.test(file))!;
    expect((JSON.parse(text) as SubmissionResult).random!.values.map(({ name }) => name)).toEqual(['needle']);
  });
});

describe('an answer out of a report', () => {
  const graded = async (prints: string, ...options: string[]) => {
    folder.put('kernel.elf', tinyKernel(prints));
    return run('check', folder.path, ...options);
  };

  it('is wrong for the kernel that has it, and right where that run is repeated', async () => {
    const { out } = await graded('nothing');
    const [, needle] = /With the same ones again: bootgrade check --values needle=([a-z]{8})\n/.exec(out)!;
    const copied = await graded(`the needle is ${needle}`);
    expect(copied.out).toContain(' ✗ finds');
    expect(copied.out).not.toContain(`check --values needle=${needle}`);
    const repeated = await graded(`the needle is ${needle}`, '--values', `needle=${needle}`);
    expect(repeated.out).toContain(' ✓ finds');
    expect(repeated.out).toContain(`check --values needle=${needle}`);
  });

  it.each([
    ['nedle=abcdefgh', '--values: there is no value "nedle"; there are needle, secret'],
    ['needle=abc', '--values: needle has 8 small letters, which "abc" is not'],
    ['needle', '--values: needle has 8 small letters, which "" is not'],
  ])('--values %s is refused', async (values, message) => {
    await expect(graded('x', '--values', values)).resolves.toMatchObject({ code: 2, err: expect.stringContaining(message) as string });
  });
});
