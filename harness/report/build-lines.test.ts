/** What reports show of a build: that of one that failed first of all, and warnings last. */
import { XMLParser } from 'fast-xml-parser';
import { expect, it } from 'vitest';
import { type BuildMessage, type BuildResult, failureText } from '../result/build.ts';
import type { SubmissionResult } from '../result/result.ts';
import { subject } from '../testkit/sample-hostile.ts';
import { check, result } from '../testkit/sample-results.ts';
import { PLAIN } from './entries.ts';
import { wholeText } from './format.ts';
import { github } from './github.ts';
import { gradescope } from './gradescope.ts';
import { submissionPage } from './html/submission.ts';
import { junit } from './junit.ts';
import { markdown } from './markdown.ts';
import { terminalReport } from './terminal.ts';

const CODE = { first: 11, lines: ['  a();', '\treturn 0', '}'] };
const ERROR: BuildMessage = { severity: 'error', file: 'blk.c', path: 'lab/blk.c', line: 12, column: 10, text: 'expected ;', code: CODE };
const OTHER: BuildMessage = { severity: 'error', file: 'main.c', line: 7, column: null, text: 'no \u001b[31mmember' };
const warning = (line: number): BuildMessage => ({ ...ERROR, severity: 'warning', line, text: 'unused variable', code: undefined });

function failed(messages: BuildMessage[], changes: Partial<BuildResult> = {}): SubmissionResult {
  const reason = failureText(messages) ?? 'the build failed: make ended with exit code 2';
  const checks = [check('open', { outcome: 'failed', score: 0, reason })];
  const build = buildOf(messages, { outcome: 'failed', reason, ...changes });
  return result({ name: 's1001', outcome: 'failed', score: 0, reason, checks, kernel: null, scenarios: [], build });
}

function buildOf(messages: BuildMessage[], changes: Partial<BuildResult> = {}): BuildResult {
  return {
    outcome: 'built',
    reason: null,
    folder: '/build',
    lines: 'none',
    noLines: null,
    steps: [],
    messages,
    messagesLeftOut: 0,
    taken: ['blk.c'],
    takenCount: 1,
    missing: [],
    ignored: [],
    ignoredCount: 0,
    ...changes,
  };
}

const terminal = (of: SubmissionResult) => terminalReport(of, PLAIN).split('\n');

function fileOf(
  parts: typeof github.parts | typeof junit.parts | typeof markdown.parts | typeof gradescope.parts,
  of: SubmissionResult,
): string {
  const [part] = parts;
  if (part === undefined) return '';
  return part.scope === 'class' ? wholeText(part.render([subject(of)], {} as never, [])) : (part.render(subject(of), {} as never) ?? '');
}

const EXCERPT = ['    11 |   a();', '  > 12 |     return 0', '    13 | }'];

it('errors of the compiler come before all else, with the code that was handed in', () => {
  expect(terminal(failed([ERROR, OTHER]))).toEqual([
    's1001   0/10   Lab 13: I/O and storage',
    'the build failed: lab/blk.c:12:10: error: expected ; (and 1 further error)',
    ...EXCERPT.map((line) => `  ${line}`),
    '  main.c:7: error: no \\x1b[31mmember',
    '',
    ' ✗ open  0/10  Title of open',
    '',
  ]);
  expect(fileOf(markdown.parts, failed([ERROR, OTHER]))).toContain(
    `further error)**\n\n\`\`\`text\n${EXCERPT.join('\n')}\nmain.c:7: error: no \\x1b[31mmember\n\`\`\``,
  );
  const page = submissionPage(subject(failed([ERROR, OTHER])));
  expect(page).toContain('<span class="culprit">  &gt; 12 |     return 0</span>');
  expect(page.indexOf('return 0')).toBeLessThan(page.indexOf('<h2>Checks'));
  const { output } = JSON.parse(fileOf(gradescope.parts, failed([ERROR, OTHER])));
  expect(output.split('\n').slice(1, 4)).toEqual([failed([ERROR, OTHER]).reason, ...EXCERPT.slice(0, 2)]);
});

it('says how many errors there are beyond ten', () => {
  const errors = Array.from({ length: 14 }, (_, index): BuildMessage => ({ ...OTHER, line: index + 1 }));
  const lines = terminal(failed(errors, { messagesLeftOut: 3 }));
  expect(lines[1]).toContain('main.c:1: error: no \\x1b[31mmember (and 13 further errors)');
  expect(lines.filter((line) => line.startsWith('  main.c:'))).toHaveLength(9);
  expect(lines).toContain('  … and 7 more in the JSON report');
});

it('shows the end of what was printed where no compiler complained', () => {
  const output = 'one\ntwo\nthree\nfour\nfive\nsix\u001b[2J\n';
  const lines = terminal(failed([], { steps: [{ command: 'make', exitCode: 2, output }] }));
  expect(lines.slice(1, 7)).toEqual([
    'the build failed: make ended with exit code 2',
    '  two',
    '  three',
    '  four',
    '  five',
    '  six\\x1b[2J',
  ]);
});

it('annotates errors at the student’s lines, and no check that only lacks a kernel', () => {
  const lines = fileOf(github.parts, failed([ERROR, OTHER]))
    .trimEnd()
    .split('\n');
  expect(lines).toEqual([
    '::error file=lab/blk.c,line=12,col=10,title=build::lab/blk.c:12:10: error: expected ;%0A    11 |   a();%0A  > 12 |     return 0%0A    13 | }',
    '::notice title=Lab 13%3A I/O and storage::0/10%0Athe build failed: lab/blk.c:12:10: error: expected ; (and 1 further error)',
  ]);
  // An error in the course's files is none that the student could mend there.
  const [error, ...rest] = fileOf(github.parts, failed([OTHER]))
    .trimEnd()
    .split('\n');
  expect(error).toBe('::error title=build::the build failed: main.c:7: error: no \\x1b[31mmember');
  expect(rest).toHaveLength(1);
});

it('is a case of its own in JUnit, at the student’s line', () => {
  const read = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '' }).parse(fileOf(junit.parts, failed([OTHER, ERROR])));
  const { testsuite } = read.testsuites;
  expect(testsuite).toMatchObject({ tests: '2', failures: '2' });
  expect(testsuite.testcase[0]).toMatchObject({ classname: 's1001', name: 'build', file: 'lab/blk.c', line: '12' });
  expect(testsuite.testcase[0].failure['#text']).toContain('> 12 |     return 0');
  expect(fileOf(junit.parts, result({ build: buildOf([]) }))).not.toContain('name="build"');
});

it('lists the first warnings about the student’s lines at the end, folded in a page', () => {
  const given: BuildMessage = { severity: 'warning', file: 'main.c', line: 3, column: 1, text: 'of the course' };
  const built = result({ build: buildOf([given, ...[1, 2, 3, 4, 5].map(warning)]) });
  expect(terminal(built).slice(-6)).toEqual([
    ' 5 warnings of the compiler:',
    ...[1, 2, 3].map((line) => `   lab/blk.c:${line}:10: warning: unused variable`),
    '   … and 2 more in the JSON report',
    '',
  ]);
  expect(fileOf(markdown.parts, built)).toContain('5 warnings of the compiler:\n  lab/blk.c:1:10: warning: unused variable');
  expect(submissionPage(subject(built))).toMatch(/<details><summary>5 warnings of the compiler<\/summary>.*lab\/blk\.c:5:10: warning/s);
  const annotations = fileOf(github.parts, built).split('\n');
  expect(annotations[0]).toBe('::warning file=lab/blk.c,line=1,col=10,title=build::lab/blk.c:1:10: warning: unused variable');
  expect(annotations.filter((line) => line.startsWith('::warning'))).toHaveLength(5);
  expect(terminal(result({ build: buildOf([given]) })).join('\n')).not.toContain('warning');
});

it('says briefly what was not built, and what was built of the course’s instead', () => {
  const ignored = ['a', 'b\u202e', 'c', 'd'];
  const build = buildOf([], { ignored, ignoredCount: 24, missing: ['1.c', '2.c', '3.c', '4.c', '5.c'] });
  expect(terminal(result({ build })).slice(1, 6)).toEqual([
    '  1.c was not handed in: what the course gave was built',
    '  2.c was not handed in: what the course gave was built',
    '  3.c was not handed in: what the course gave was built',
    '  nor were 2 further files that the lab takes',
    '  no part of the build: a, b\\u{202e}, c and 21 further files',
  ]);
});
