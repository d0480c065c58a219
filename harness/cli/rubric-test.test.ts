/** The commands `rubric test` and `rubric publish`. Machines play scripts here. */
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { machineHost } from '../grading/processes/machine-host.ts';
import type { Host } from '../run/host.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';
import { rubricTest } from './rubric-test.ts';

const RUBRIC = `rubric: 1
title: Say hello
submission: { kernel: [kernel.elf], format: raw }
scenarios: { hello: { limit: 1ms guest } }
checks:
  - { id: says-hello, points: 10, console: hello }
  - { id: stops, points: 0, stop: poweroff }
expect:
  folder: class
  reference: good
  submissions:
    good: { score: 10 }
    bad: { score: 0, failed: [says-hello], stop: poweroff }
`;

let folder: TestFolder;

beforeEach(() => {
  folder = new TestFolder();
  folder.put('class/good/kernel.elf', 'hello');
  folder.put('class/bad/kernel.elf', 'nothing');
});
afterEach(() => folder.remove());

const HOST = fakeHost((kernel) => [{ print: kernel }, { stop: { reason: 'poweroff' } }]);

async function test(text: string, host: Host = HOST, { all = false } = {}) {
  const printed = capture();
  const code = await rubricTest({ rubric: folder.put('lab.yaml', text), all }, printed.environment, inThisProcess(host));
  return { code, lines: printed.out().split('\n') };
}

describe('rubric test', () => {
  it('is 0 where all is as expected and noticed', async () => {
    const { code, lines } = await test(RUBRIC);
    expect(lines).toEqual([
      ' ✓ good  10',
      ' ✓ bad  0',
      '2 submissions, 0 not as expected',
      '',
      '9 changes to the evidence of the reference: 9 noticed, 0 accepted as blind spots, 0 not noticed',
      '',
    ]);
    expect(code).toBe(0);
  });

  it('is 1 where a submission gets another grade', async () => {
    const { code, lines } = await test(RUBRIC.replace('console: hello', 'console: nothing'));
    expect(code).toBe(1);
    expect(lines.slice(0, 17)).toEqual([
      ' ✗ good  0',
      '     score: expected 10, got 0',
      '     says-hello: failed (the console does not show this text)',
      ' ✗ bad  10',
      '     score: expected 0, got 10',
      '     says-hello: expected failed, got passed',
      '2 submissions, 2 not as expected',
      '',
      'If these grades are right, the "expect" block has to say:',
      '',
      '  submissions:',
      '    good:',
      '      score: 0',
      '      failed: [says-hello]',
      '    bad:',
      '      score: 10',
      '      stop: poweroff',
    ]);
  });

  it('offers a block that it takes', async () => {
    const wrong = RUBRIC.replace('good: { score: 10 }', 'good: { score: 7, stop: { hello: hang } }');
    const { lines } = await test(wrong);
    const start = lines.indexOf('  submissions:');
    const block = lines.slice(start, lines.indexOf('', start));
    expect(block).toEqual(['  submissions:', '    good:', '      score: 10', '      stop: poweroff']);
    const mended = wrong.replace(/ {2}submissions:[\s\S]*/, `${block.join('\n')}\n`);
    expect((await test(mended)).code).toBe(0);
  });

  it('is 1 where no check notices a change, unless that is accepted', async () => {
    const blind = RUBRIC.replace('  - { id: stops, points: 0, stop: poweroff }\n', '');
    const { code, lines } = await test(blind);
    expect(code).toBe(1);
    expect(lines).toContain(' ? hello/stop=*  7 changes');
    expect(lines).toContain('     reset  the machine stopped with reset');
    expect(lines).toContain('     … and 4 more; --all lists them');
    expect(lines.join('\n')).toMatch(/2 noticed, 0 accepted as blind spots, 7 not noticed/);
    // What it offers to paste is taken.
    const offered = lines.slice(lines.indexOf('  blind-spots:')).join('\n');
    expect(offered).toContain('    - mutations: "hello/stop=*"');
    expect((await test(`${blind}${offered}`)).code).toBe(0);
    expect((await test(blind, HOST, { all: true })).lines).toContain('     hang  the machine stopped with hang');

    const accepted = `${blind}  blind-spots: [{ mutations: hello/stop=*, reason: Any end will do. }, { mutations: x, reason: y }]\n`;
    const again = await test(accepted);
    expect(again.code).toBe(0);
    expect(again.lines.slice(-3, -1)).toEqual([
      '9 changes to the evidence of the reference: 2 noticed, 7 accepted as blind spots, 0 not noticed',
      'no blind spot is called x any more: take it off the list',
    ]);
    expect((await test(accepted, HOST, { all: true })).lines).toContain('     accepted: Any end will do.');
  });

  it('looks for no blind spots without a reference, and says so', async () => {
    const { code, lines } = await test(RUBRIC.replace('  reference: good\n', ''));
    expect([code, lines.at(-2)]).toEqual([0, 'No "reference" is named, so no blind spots were looked for.']);
  });

  it('is 3 where a run errored', async () => {
    let seconds = 0;
    const slow: Host = { ...fakeHost(() => []), seconds: () => seconds++, guard: 0 };
    expect((await test(RUBRIC.replace('1ms guest', '1s guest'), slow)).code).toBe(3);
  });

  it('is 3 where the process of the reference dies twice, with what it died of', async () => {
    const printed = capture();
    const working = inThisProcess(HOST);
    const many: typeof working.many = (job, work, events) =>
      working.many(job, work, {
        ...events,
        answered: (task, answer) => {
          if (task.submission.name !== 'good') return events.answered(task, answer);
          events.postponed(task, { reason: 'killed by SIGKILL', output: '' });
          events.died(task, { reason: 'killed by SIGKILL', output: '' });
        },
      });
    const rubric = folder.put('lab.yaml', RUBRIC);
    expect(await rubricTest({ rubric, all: false }, printed.environment, { ...working, many })).toBe(3);
    expect(printed.err()).toMatch(/^bootgrade: good: the process that graded it failed: killed by SIGKILL; it is graded once more/);
    expect(printed.out().split('\n')).toEqual([
      ' ✗ good  errored',
      '     score: expected 10, got none, it errored (the grader gave up: the process that graded it failed: killed by SIGKILL)',
      ' ✓ bad  0',
      '2 submissions, 1 not as expected',
      '',
      'good errored, so no blind spots were looked for.',
      '',
    ]);
  });

  it.each([
    ['no expect block', RUBRIC.replace(/expect:[\s\S]*/, ''), /it has no "expect" block/],
    ['a submission that is not there', RUBRIC.replace('bad:', 'worse:'), /expect: .*worse: no such file or folder/],
    [
      'a class',
      RUBRIC.replace('folder: class', 'folder: .')
        .replace('good: {', 'class: {')
        .replace('reference: good', 'reference: class')
        .replace('bad:', 'class/bad:'),
      /class is a folder of 2 submissions/,
    ],
  ])('wants %s corrected', async (_, text, message) => {
    await expect(test(text)).rejects.toThrow(message);
  });

  it.each(['lab13.yaml', 'ostd-lab13.yaml'])(
    'finds that %s grades its class as expected, and leaves no blind spot',
    async (file) => {
      const printed = capture();
      const rubric = join(import.meta.dirname, '../../rubrics', file);
      expect({
        code: await rubricTest({ rubric, all: false }, printed.environment, inThisProcess(machineHost('x'))),
        out: printed.out(),
      }).toMatchObject({
        code: 0,
      });
      expect(printed.out()).toMatch(/\d+ noticed, \d+ accepted as blind spots, 0 not noticed\nnot changed, since [^\n]*\n$/);
    },
    300_000,
  );
});

describe('rubric publish', () => {
  async function publish(text: string, ...more: string[]) {
    const printed = capture();
    const code = await bootgrade(['rubric', 'publish', folder.put('lab.yaml', text), ...more], printed.environment);
    return { code, out: printed.out(), err: printed.err() };
  }

  const HIDING = RUBRIC.replace('id: stops,', 'id: secret, visibility: hidden,');

  it('prints what students get, or writes it to a file that then passes the check', async () => {
    const { code, out } = await publish(HIDING);
    expect(code).toBe(0);
    expect(out).not.toMatch(/secret|expect|good/);
    const file = folder.at('students.yaml');
    expect((await publish(HIDING, '--out', file)).code).toBe(0);
    expect(folder.read('students.yaml')).toBe(out);
    expect((await publish(HIDING, '--out', file)).code).toBe(0);
    expect(await bootgrade(['rubric', 'check', file], capture().environment)).toBe(0);
  });

  it('replaces no other file, its source least of all', async () => {
    expect((await publish(HIDING, '--out', folder.at('lab.yaml'))).err).toMatch(/lab\.yaml exists and is not a published rubric/);
    expect(folder.read('lab.yaml')).toBe(HIDING);
  });

  it('refuses to publish nothing', async () => {
    const { code, err } = await publish(HIDING.replace('id: says-hello,', 'id: says-hello, visibility: hidden,'));
    expect([code, err]).toEqual([2, expect.stringMatching(/all of its checks are hidden: nothing to publish/)]);
  });
});
