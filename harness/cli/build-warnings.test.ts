/** The check of what the compiler said, from a build to regrade; and that students, who build by themselves, get a rubric without it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { bootgrade } from './bootgrade.ts';

const RUBRIC = `rubric: 1
title: Say hello
machine: { memory: 16M }
submission:
  base: course
  take: own.sh
  build: { steps: sh own.sh }
  kernel: kernel.elf
scenarios: { hello: { limit: 1ms guest } }
checks:
  - { id: hello, points: 10, console: hello }
  - { id: warnings, title: The compiler does not warn, points: 5, build: { warnings: none } }
  - { id: tidy, points: 1, needs: [hello, warnings], stop: poweroff }
`;

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
  folder.put('lab.yaml', RUBRIC);
  folder.put('course/hello.elf', tinyKernel('hello'));
  folder.put('class/alice/own.sh', 'cp hello.elf kernel.elf\n');
  // What a compiler would say of the student's file, and of one of the course's.
  folder.put(
    'class/bob/own.sh',
    'echo "own.sh:3:7: warning: unused variable x"; echo "hello.c:1:1: warning: old"; cp hello.elf kernel.elf\n',
  );
});
afterEach(() => folder.remove());

async function run(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const { environment, out, err } = capture();
  const code = await bootgrade(argv, environment);
  return { code, out: out(), err: err() };
}

const gradeAll = () => run('grade', folder.at('lab.yaml'), folder.at('class'), '--out', folder.at('reports'), '--unsandboxed');
const outcomesIn = (file: string) =>
  (JSON.parse(folder.read(file)) as SubmissionResult).checks.map(({ id, outcome }) => `${id} ${outcome}`);

it("a warning of the compiler about the student's file costs the points, and regrade knows it", async () => {
  const { out, code } = await gradeAll();
  expect(code).toBe(0);
  expect(out).toMatch(/ ✗ warnings +0\/5 {2}The compiler does not warn\n {5}the compiler warns once\n/);
  expect(out).toContain('own.sh:3:7: warning: unused variable x');
  expect(outcomesIn('reports/alice.json')).toEqual(['hello passed', 'warnings passed', 'tidy passed']);
  expect(outcomesIn('reports/bob.json')).toEqual(['hello passed', 'warnings failed', 'tidy skipped']);
  folder.put('lab.yaml', RUBRIC.replace('warnings: none', 'warnings: { max: 1 }'));
  const again = await run('regrade', folder.at('lab.yaml'), folder.at('reports'), '--out', folder.at('again'));
  expect(again.out).toContain('2 submissions graded again: 1 changed, 1 as before');
  expect(outcomesIn('again/bob.json')).toEqual(['hello passed', 'warnings passed', 'tidy passed']);
});

it('a published rubric counts the check among those that it does not have', async () => {
  expect(await run('rubric', 'publish', folder.at('lab.yaml'), '--out', folder.at('published.yaml'))).toMatchObject({ code: 0, err: '' });
  const published = folder.read('published.yaml');
  expect(published).toMatch(/hidden-checks:\s+count: 1\s+points: 5/);
  expect(published).not.toContain('warnings');
  expect(published).toMatch(/needs: \[ ?hello ?\]/);
  expect(await run('rubric', 'check', folder.at('published.yaml'))).toMatchObject({ code: 0 });
});

it('rubric test tries one warning more', async () => {
  const expect_ = (check: string) => `${check}expect:\n  folder: class\n  reference: alice\n  submissions: { alice: { score: 16 } }\n`;
  folder.put('lab.yaml', expect_(RUBRIC));
  const noticed = await run('rubric', 'test', folder.at('lab.yaml'), '--unsandboxed', '--all');
  expect(noticed.out).toContain('✓ alice  16');
  expect(noticed.out).not.toContain('build/warning');
  folder.put('lab.yaml', expect_(RUBRIC.replace('warnings: none', 'warnings: { max: 5 }')));
  expect((await run('rubric', 'test', folder.at('lab.yaml'), '--unsandboxed', '--all')).out).toContain('build/warning');
});
