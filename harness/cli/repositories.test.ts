/** Repositories at a commit or before a deadline, on the command line. Machines play scripts here. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { capture } from '../testkit/command.ts';
import { FakeClass } from '../testkit/fake-class.ts';
import { bootgrade } from './bootgrade.ts';
import type { GradeOptions } from './grade.ts';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf], format: raw }
scenarios: { run: {} }
checks:
  - { id: says-hello, points: 6, console: hello }
  - { id: says-world, points: 4, console: world }
`;

let folder: FakeClass;
beforeEach(() => {
  folder = new FakeClass(RUBRIC);
});
afterEach(() => folder.remove());

describe('a deadline', () => {
  it.each(['2026-12-01', '2026-12-01T23:59', '2026-02-30T10:00Z', 'tomorrow'])('%s is refused', async (text) => {
    const printed = capture();
    folder.put('class/alice/kernel.elf', 'hello');
    const code = await bootgrade(['grade', folder.at('lab.yaml'), folder.at('class'), '--deadline', text], printed.environment);
    expect(code).toBe(2);
    expect(printed.err()).toContain('such as 2026-12-01T23:59+08:00');
  });
});

describe('a repository', () => {
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', folder.at('class/alice'), '-c', 'user.name=alice', '-c', 'user.email=alice@example.org', ...words], {
      env: { PATH: process.env['PATH'], GIT_COMMITTER_DATE: '2026-11-30T10:00:00+08:00', GIT_AUTHOR_DATE: '2026-11-30T10:00:00+08:00' },
    });

  beforeEach(() => {
    folder.put('class/alice/kernel.elf', 'hello world');
    git('init', '-q', '-b', 'main');
    git('add', '-A');
    git('commit', '-q', '-m', 'one');
    folder.put('class/alice/kernel.elf', 'hello');
    folder.put('class/bob/kernel.elf', 'hello');
  });

  it('is graded as it lies, unless a commit or a deadline is asked for', async () => {
    const graded = async (changes: Partial<GradeOptions>) => {
      await folder.grade(changes);
      return folder.result('alice');
    };
    expect(await graded({})).toMatchObject({ score: 6, handIn: null });
    const tagged = await graded({ at: 'main' });
    expect([tagged.score, tagged.handIn?.time, tagged.handIn?.late]).toEqual([10, '2026-11-30T10:00:00+08:00', null]);
    const due = await graded({ deadline: '2026-11-29T10:00+08:00' });
    expect([due.score, due.handIn?.late, due.handIn?.daysLate]).toEqual([10, true, 1]);
    expect(folder.result('bob').score).toBe(6);
  });

  it('is one submission when it is named itself', async () => {
    rmSync(folder.at('class/alice/kernel.elf'));
    await folder.grade({ at: 'HEAD', submissions: [folder.at('class/alice')] });
    expect(folder.result('alice')).toMatchObject({ score: 10, kernel: { file: 'kernel.elf' } });
  });
});
