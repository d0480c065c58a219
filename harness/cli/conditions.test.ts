/** Scenarios that are run only where checks of earlier ones have passed. */
import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { bootgrade } from './bootgrade.ts';

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
  folder.put('class/right/kernel.elf', tinyKernel('hello'));
  folder.put('class/wrong/kernel.elf', tinyKernel('hullo'));
});
afterEach(() => folder.remove());

const rubric = (needs: string, says = 'hello') =>
  folder.put(
    'lab.yaml',
    `rubric: 1
title: Long
machine: { memory: 16M }
submission: { kernel: kernel.elf }
scenarios:
  boot: { limit: 100ms guest }
  usertests: { extends: boot, needs: ${needs} }
  again: { extends: usertests }
checks:
  - { id: greets, points: 1, console: ${says} }
  - { id: shown, points: 0, console: nothing of the kind }
  - { id: all, points: 9, in: usertests, stop: poweroff }
  - { id: more, points: 1, in: again, stop: poweroff }
`,
  );

async function run(...argv: string[]) {
  const { environment, out, err } = capture();
  return { code: await bootgrade(argv, environment), out: out(), err: err() };
}

async function grade(file: string, out = 'out'): Promise<SubmissionResult[]> {
  const printed = await run('grade', file, folder.at('class'), '--out', folder.at(out), '--json');
  return (JSON.parse(printed.out) as { results: SubmissionResult[] }).results;
}

it.each(['greets', '[greets]', '{ scenario: boot }'])('needs: %s', async (needs) => {
  const [right, wrong] = await grade(rubric(needs));
  expect(right).toMatchObject({ score: 11, outcome: 'passed', scenarios: [{ name: 'boot' }, { name: 'usertests' }, { name: 'again' }] });
  expect(wrong).toMatchObject({ score: 1, outcome: 'failed', reason: null, scenarios: [{ name: 'boot' }, { name: 'again' }] });
  expect(wrong!.checks.map(({ outcome, reason }) => [outcome, reason]).slice(2)).toEqual([
    ['skipped', 'the scenario was not run: it needs greets'],
    ['passed', null],
  ]);
  expect([existsSync(folder.at('out/right.usertests.evidence.json')), existsSync(folder.at('out/wrong.usertests.evidence.json'))]).toEqual([
    true,
    false,
  ]);
});

it('a scenario that goes on with the disk of one that was not run is not run either', async () => {
  const drives = 'machine: { memory: 16M, drives: { blk: { size: 4K } } }';
  const text = folder.read(rubric('greets').slice(folder.path.length + 1)).replace('machine: { memory: 16M }', drives);
  const [right, wrong] = await grade(
    folder.put('disk.yaml', text.replace('again: { extends: usertests }', 'again: { extends: usertests, disk-from: usertests }')),
  );
  expect(right).toMatchObject({ score: 11, outcome: 'passed' });
  expect(wrong).toMatchObject({ score: 0, outcome: 'failed', scenarios: [{ name: 'boot' }] });
});

it('is graded again as it was, and asks for a run where one is due now', async () => {
  await grade(rubric('greets'));
  const regrade = async (file: string, out: string) =>
    JSON.parse((await run('regrade', file, folder.at('out'), '--out', folder.at(out), '--json')).out) as {
      changes: unknown[];
      rerun: unknown[];
    };
  expect(await regrade(rubric('greets'), 'same')).toMatchObject({ changes: [], rerun: [] });
  expect((await regrade(rubric('greets', '{ matches: h.llo }'), 'other')).rerun).toEqual([
    { name: 'wrong', reasons: ['there is no evidence of the scenario usertests, and what it needs has passed'] },
  ]);
});

it('a hidden check that is needed is named in no report for students, and not published', async () => {
  const file = folder.put(
    'hidden.yaml',
    folder.read(rubric('[secret]').slice(folder.path.length + 1)).replace('id: greets,', 'id: secret, visibility: hidden,'),
  );
  await run('grade', file, folder.at('class'), '--out', folder.at('out'), '--for', 'student');
  expect(folder.read('out/wrong.json')).toContain('the scenario was not run: it needs a hidden check');
  expect(folder.read('out/wrong.json')).not.toContain('secret');
  await run('rubric', 'publish', file, '--out', folder.at('published.yaml'));
  expect(folder.read('published.yaml')).not.toMatch(/secret|needs/);
  expect((await run('rubric', 'check', folder.at('published.yaml'))).code).toBe(0);
});
