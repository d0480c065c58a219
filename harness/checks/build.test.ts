/** Warnings of the compiler, counted at lines of the student's own. */
import { describe, expect, it } from 'vitest';
import type { BuildMessage, BuildResult } from '../result/build.ts';
import { expectFailed, expectPassed, linesOf } from '../testkit/checks.ts';
import { evaluateHandIn } from './index.ts';

const BUILD: BuildResult = {
  outcome: 'built',
  reason: null,
  folder: '/build',
  lines: 'kernel',
  noLines: null,
  steps: [],
  messages: [],
  messagesLeftOut: 0,
  taken: ['blk.c'],
  takenCount: 1,
  missing: [],
  ignored: [],
  ignoredCount: 0,
};

const warning = (line: number, part: Partial<BuildMessage> = {}): BuildMessage => ({
  severity: 'warning',
  file: 'src/blk.c',
  path: 'blk.c',
  line,
  column: 5,
  text: 'unused variable [-Wunused-variable]',
  ...part,
});
const OF_COURSE = warning(9, { file: 'src/main.c', path: undefined });

const judge = (max: number, build: Partial<BuildResult> | null) =>
  evaluateHandIn({ kind: 'build', expected: { warnings: { max } } }, { files: [], build: build === null ? null : { ...BUILD, ...build } });

describe('warnings', () => {
  it('are counted at lines of the student alone, and errors are none', () => {
    expectPassed(judge(0, {}));
    expectPassed(judge(0, { messages: [OF_COURSE, warning(1, { severity: 'error' })] }));
    expectPassed(judge(2, { messages: [warning(1), OF_COURSE, warning(2)] }));
    expect(judge(1, { messages: [warning(1), OF_COURSE, warning(2)] }).outcome).toBe('failed');
  });

  it('are shown with their places, the first ten', () => {
    const one = expectFailed(judge(0, { messages: [warning(7)] }));
    expect(one.reason).toBe('the compiler warns once');
    expect(linesOf(one.details)).toEqual(['expected no warning', 'found blk.c:7:5: warning: unused variable [-Wunused-variable]']);
    const many = expectFailed(judge(1, { messages: Array.from({ length: 12 }, (_, line) => warning(line + 1)) }));
    expect(many.reason).toBe('the compiler warns 12 times');
    expect(linesOf(many.details).slice(0, 2)).toEqual([
      'expected at most 1 warning',
      'found blk.c:1:5: warning: unused variable [-Wunused-variable]',
    ]);
    expect(linesOf(many.details).slice(-2)).toEqual(['found blk.c:10:5: warning: unused variable [-Wunused-variable]', 'And 2 more.']);
  });

  it('are more than are known where messages were left out', () => {
    expect(expectFailed(judge(1, { messages: [warning(1), warning(2)], messagesLeftOut: 5 })).reason).toBe(
      'the compiler warns 2 or more times',
    );
  });

  it('of a file with a name that a terminal would act on are only shown', () => {
    const { details } = expectFailed(judge(0, { messages: [warning(1, { path: '\x1b[2Jx.c', text: `a\nb${'y'.repeat(1000)}` })] }));
    const [, found] = linesOf(details);
    expect(found).not.toMatch(/\p{Cc}/u);
    expect(found!.length).toBeLessThan(400);
  });
});

it('fails where no kernel was built, or none here', () => {
  expect(expectFailed(judge(0, { outcome: 'failed', reason: 'x' })).reason).toBe('there is no kernel: the build failed');
  expect(expectFailed(judge(0, null)).reason).toMatch(/^nothing was built here/);
});
