/** Scenarios that begin with the disk of another one, and power cuts. The kernels are in testkit/disk-kernel.ts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Evidence } from '../evidence/evidence.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { diskKernel, flush, ifBuffer, printBuffer, read, say, write } from '../testkit/disk-kernel.ts';
import { bootgrade } from './bootgrade.ts';

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

/** Finds what a boot before has left in sector 3, or leaves it there. */
const PERSISTS = diskKernel([
  read(3),
  ifBuffer('h', `${say('found ')}\n${printBuffer}`, `${say('new')}\n${write(3, 'here')}\n${write(4, 'too')}`),
]);

function rubric(scenarios: string, checks: string, drive = 'size: 8K, contents: [{ at: 0, text: lab }]'): string {
  const text = `rubric: 1
title: Disks
machine: { memory: 16M, drives: { fs: { ${drive} } } }
submission: { kernel: kernel.elf }
scenarios:
${scenarios}
checks:
${checks}`;
  return folder.put('lab.yaml', text);
}

const TWO = '  first: {}\n  second: { disk-from: first }';
const FOUND = ' - { id: found, in: second, points: 2, console: { contains: found here } }\n';

async function run(...argv: string[]) {
  const { environment, out, err } = capture();
  const code = await bootgrade(argv, environment);
  return { code, out: out(), err: err() };
}

async function grade(file: string, kernel: Uint8Array, ...more: string[]): Promise<SubmissionResult> {
  folder.put('class/s1001/kernel.elf', kernel);
  const { out, err } = await run('grade', file, folder.at('class'), '--out', folder.at('out'), '--json', ...more);
  if (out === '') throw new Error(err);
  return (JSON.parse(out) as { results: SubmissionResult[] }).results[0]!;
}

const evidence = (scenario: string, out = 'out') => JSON.parse(folder.read(`${out}/s1001.${scenario}.evidence.json`)) as Evidence;
const consoleOf = (scenario: string) => Buffer.from(evidence(scenario).console, 'base64').toString();

describe('a scenario with disk-from', () => {
  it('begins with what the other one left, and says what that was', async () => {
    const image =
      ' - { id: kept, in: second, points: 1, image: { unchanged: true } }\n - { id: holds, in: second, points: 1, image: { at: 2048, equals: { text: too } } }\n';
    const result = await grade(rubric(TWO, FOUND + image), PERSISTS);
    expect([consoleOf('first'), consoleOf('second')]).toEqual(['new', 'found here']);
    expect(result.checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed', 'passed']);
    expect(Object.keys(evidence('first').images[0]!.changed)).toEqual(['3', '4']);
    expect(evidence('second').images[0]!.changed).toEqual({});
    expect(result.images['second/fs']).not.toBe(result.images['first/fs']);
  });

  it('has the evidence of a machine that was booted with that disk, and of a chain of three', async () => {
    await grade(rubric(`${TWO}\n  third: { disk-from: second }`, FOUND), PERSISTS);
    const [second, third] = [evidence('second'), evidence('third')];
    const alone = rubric(
      '  second: {}',
      FOUND,
      'size: 8K, contents: [{ at: 0, text: lab }, { at: 1536, text: here }, { at: 2048, text: too }]',
    );
    await grade(alone, PERSISTS, '--out', folder.at('alone'));
    const cold = evidence('second', 'alone');
    expect({ ...second, setup: {} }).toEqual({ ...cold, setup: {} });
    expect({ ...third, setup: {}, scenario: 'second' }).toEqual({ ...cold, setup: {} });
  });

  it('is not run where the other one did not get to the text that ends it', async () => {
    const scenarios = '  first: { until: { console: "done" } }\n  second: { disk-from: first }\n  third: { disk-from: second }';
    const result = await grade(rubric(scenarios, `${FOUND} - { id: more, in: third, points: 1, console: found }\n`), PERSISTS);
    const why = 'the scenario first, whose disk this one takes, ended before what ends it: the kernel powered off';
    expect(result).toMatchObject({ outcome: 'failed', score: 0, reason: null });
    expect(result.checks.map(({ reason }) => reason)).toEqual([
      why,
      expect.stringContaining(`the scenario second, whose disk this one takes, was not run: ${why}`),
    ]);
    expect(evidence('second')).toMatchObject({ stop: { reason: 'no-disk', message: why }, instructions: 0 });
    const again = await run('regrade', folder.at('lab.yaml'), folder.at('out'), '--out', folder.at('new'), '--json');
    expect((JSON.parse(again.out) as { results: SubmissionResult[] }).results[0]).toMatchObject({ score: 0, checks: result.checks });
  });

  it('is graded again from its evidence, where the runs would be the same', async () => {
    const image = ' - { id: holds, in: second, points: 1, image: { at: 2048, equals: { text: too } } }\n';
    await grade(rubric(TWO, FOUND + image), PERSISTS);
    const again = await run(
      'regrade',
      rubric(TWO, FOUND + image.replace('too', 'two')),
      folder.at('out'),
      '--out',
      folder.at('new'),
      '--json',
    );
    expect((JSON.parse(again.out) as { results: SubmissionResult[] }).results[0]!.checks.map(({ outcome }) => outcome)).toEqual([
      'passed',
      'failed',
    ]);
    const other = rubric('  first: {}\n  other: {}\n  second: { disk-from: other }', FOUND);
    const refused = await run('regrade', other, folder.at('out'), '--out', folder.at('newer'));
    expect(refused.out + refused.err).toContain('the scenario second has changed: drives');
  });

  it('is not run where the other one was skipped, because of what that one needs', async () => {
    const scenarios = '  zero: {}\n  first: { needs: never }\n  second: { disk-from: first }';
    const result = await grade(rubric(scenarios, ` - { id: never, points: 1, console: nothing like it }\n${FOUND}`), PERSISTS);
    expect(result.checks[1]).toMatchObject({ outcome: 'skipped', reason: 'the scenario was not run: it needs never' });
  });

  it('shows students nothing of a hidden one', async () => {
    const scenarios = '  shown: {}\n  first: { visibility: hidden }\n  second: { disk-from: first, visibility: hidden }';
    const file = rubric(scenarios, ` - { id: open, points: 1, console: new }\n${FOUND}`);
    expect((await run('rubric', 'publish', file)).out).not.toMatch(/first|second|disk-from/);
    await grade(file, PERSISTS, '--for', 'student');
    expect(
      Object.entries(folder.texts('out'))
        .filter(([name, text]) => /first|second/.test(name) || /first|second/.test(text))
        .map(([name]) => name),
    ).toEqual([]);
    const shown = rubric(TWO, FOUND);
    expect((await run('rubric', 'publish', shown)).out).toContain('disk-from: first');
  });
});

describe('a power cut', () => {
  /** Writes a log, then the data, then takes the log back; a boot that finds the log does the data again. */
  const logs = (marks: readonly string[]) =>
    diskKernel([
      read(1),
      ifBuffer(
        'l',
        `${say('recovers ')}\n${write(2, 'data')}\n${write(1, '')}\n${read(2)}\n${printBuffer}`,
        `${read(2)}\n${printBuffer}\n${marks.join('\n')}`,
      ),
    ]);
  const SAFE = logs([write(1, 'log'), write(2, 'data'), write(1, '')]);
  const CRASH = (nth: number) =>
    `  crash: { faults: [{ request: { type: OUT, nth: ${nth} }, power: cut }] }\n  recover: { disk-from: crash }`;
  const RECOVERS = ' - { id: stops, points: 1, stop: power-cut }\n - { id: recovers, in: recover, points: 1, console: data }\n';

  it('ends the run before the request is carried out, with all requests before it on the disk', async () => {
    const result = await grade(rubric(`${CRASH(2)}\n  whole: {}`, RECOVERS), SAFE);
    expect(consoleOf('recover')).toBe('recovers data');
    expect(result.checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed']);
    const { stop, images, requests } = evidence('crash');
    expect(stop).toEqual({ reason: 'power-cut' });
    expect(images[0]!.changed).toEqual({ 1: Buffer.from('log').toString('hex') });
    expect(requests.map(({ type, completion, fault }) => [type, completion === null, fault?.kind ?? null])).toEqual([
      [0, false, null],
      [0, false, null],
      [1, false, null],
      [1, true, 'power-cut'],
    ]);
    expect(result.scenarios[0]!.faults).toEqual([
      expect.stringMatching(/^request #4 \(OUT, sector 2, .*\) was the moment at which the power went off/),
    ]);
    const rules = (index: number) => result.scenarios[index]!.findings.map(({ rule }) => rule);
    expect(rules(0).filter((rule) => !rules(2).includes(rule))).toEqual([]);
  });

  it('leaves an empty log before the first write, and the data after the second', async () => {
    await grade(rubric(CRASH(1), RECOVERS), SAFE);
    expect([evidence('crash').images[0]!.changed, consoleOf('recover')]).toEqual([{}, '']);
    await grade(rubric(CRASH(3), RECOVERS), SAFE);
    expect(consoleOf('recover')).toBe('recovers data');
  });

  it('that never comes is what the report says, and the recovery is not run', async () => {
    const result = await grade(rubric(CRASH(9), RECOVERS), SAFE);
    expect(result.checks.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(result.checks[1]!.reason).toBe(
      'the scenario crash, whose disk this one takes, ended before its power cut: the kernel powered off',
    );
    expect(result.scenarios[0]!.faults[0]).toContain('was not put in: the driver made only 3 of them');
  });
});

describe('power: cut-anywhere', () => {
  /** Copies with a log: commit record in sector 1, data in sectors 2 and 3. A boot that finds the record finishes the copy. */
  const copies = (between: string, { flushes }: { flushes: boolean }) => {
    const data = `${write(2, 'new')}\n${write(3, 'new')}`;
    const finish = `${read(1)}\n${ifBuffer('l', `${data}\n${between}\n${write(1, '')}`)}`;
    const both = `${read(2)}\n${printBuffer}\n${read(3)}\n${printBuffer}`;
    return diskKernel(
      [
        read(0),
        ifBuffer(
          'r',
          `${finish}\n${both}`,
          `${write(0, 'r')}\n${between}\n${write(1, 'log')}\n${between}\n${data}\n${between}\n${write(1, '')}`,
        ),
      ],
      { flushes },
    );
  };
  const CUTS = (more = '') => `  work: {}\n  recover: { disk-from: { scenario: work, power: cut-anywhere, runs: 40, seed: 1${more} } }`;
  /** Before the first write, the boot is the first one; later, both sectors are old or both are new. */
  const WHOLE =
    ' - { id: whole, in: recover, points: 10, stop: poweroff }\n - { id: both, in: recover, points: 5, image: { at: 1024, equals: { text: new } } }\n';
  const consistent =
    ' - { id: not-half, in: recover, points: 5, console: { absent: newold } }\n - { id: not-half-either, in: recover, points: 5, console: { absent: oldnew } }\n';
  const DRIVE = 'size: 8K, contents: [{ at: 1024, text: old }, { at: 1536, text: old }]';

  it('passes what recovers from every cut, and fails what forgets to flush', async () => {
    const good = await grade(rubric(CUTS(), consistent, DRIVE), copies(flush(), { flushes: true }));
    expect(good.checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed']);
    expect(good.scenarios[1]!.faults[0]).toMatch(/^the power was cut at 40 moments\. This run is cut 1: the power went off /);
    const ordered = await grade(rubric(CUTS(), consistent, DRIVE), copies('', { flushes: false }));
    expect(ordered.checks.map(({ outcome }) => outcome)).toEqual(['passed', 'passed']);
    const bad = await grade(rubric(CUTS(), consistent, DRIVE), copies('', { flushes: true }));
    const failed = bad.checks.filter(({ outcome }) => outcome === 'failed');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed[0]!.reason).toMatch(/^fails under [1-9]\d* of 40 power cuts: /);
    const first = /First under cut (\d+): the power went off /.exec(JSON.stringify(failed[0]!.details))![1];
    const again = await grade(rubric(CUTS(`, only: ${first}`), consistent, DRIVE), copies('', { flushes: true }));
    expect(again.checks.find(({ id }) => id === failed[0]!.id)!.reason).toMatch(/^fails under 1 of 1 power cuts: /);
  });

  it('is not graded again from the one run that is kept, and needs a run that writes', async () => {
    await grade(rubric(CUTS(), consistent, DRIVE), copies(flush(), { flushes: true }));
    const again = await run('regrade', rubric(CUTS(), WHOLE, DRIVE), folder.at('out'), '--out', folder.at('new'));
    expect(again.out + again.err).toContain('only one of these runs is kept');
    const idle = await grade(rubric(CUTS(), consistent, DRIVE), diskKernel([read(0)]));
    expect(idle.checks[0]).toMatchObject({ outcome: 'failed', reason: 'the scenario work, in which the power is cut, wrote nothing' });
  });
});
