/** Faults on purpose and other places for the device, as a rubric asks for them, and what the samples' C driver makes of each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Evidence } from '../evidence/evidence.ts';
import { gradeSubmission } from '../grade/grade.ts';
import { gradeRuns } from '../grade/grade-run.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { initialImage } from '../vocabulary/image.ts';
import { formatProblem } from '../vocabulary/problem.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { runScenario } from './scenario.ts';

const ROOT = join(import.meta.dirname, '../..');
const HOST = machineHost('bootgrade test');
const SHELL = '[INIT] Starting Shell...';
const IOERR = 1;

/** The sample's run of a scenario with these keys, over a disk that begins with "Hello World from Image!". */
async function run(keys: string, sample = 'passes'): Promise<{ evidence: Evidence; console: string }> {
  const text = `rubric: 1
title: faults
machine: { drives: { blk: { size: 1M, contents: [{ at: 0, text: "Hello World from Image!" }] } } }
submission: { kernel: kernel.elf }
scenarios: { run: { until: { console: "${SHELL}" }, limit: 50ms guest, ${keys} } }
checks: [{ id: a, points: 1, console: x }]
`;
  const evidence = runSample((await load(text)).scenarios[0]!, sample);
  return { evidence, console: Buffer.from(evidence.console, 'base64').toString('utf8') };
}

async function load(text: string): Promise<Rubric> {
  const loaded = await loadRubric('faults.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.rubric;
}

const imagesOf = ({ machine }: Scenario) => new Map(machine.drives.map((drive) => [drive.name, initialImage(drive)]));

function runSample(scenario: Scenario, sample: string): Evidence {
  const bytes = readFileSync(join(ROOT, 'submissions/class', sample, 'kernel.elf'));
  return runScenario(scenario, imagesOf(scenario), { bytes, sha256: '00'.repeat(32) }, HOST);
}

const answersOf = ({ requests }: Evidence) =>
  requests.map(({ type, completion, fault }) => [type, completion?.status, fault?.kind ?? null]);

describe('a fault on purpose', () => {
  it('is none where the rubric has none', async () => {
    const { evidence } = await run('keys: []');
    expect(answersOf(evidence)).toEqual([
      [0, 0, null],
      [1, 0, null],
    ]);
  });

  it.each([
    ['IOERR', 1],
    ['UNSUPP', 2],
  ])('a read that fails with %s makes the driver panic', async (answer, status) => {
    const { evidence, console } = await run(`faults: [{ drive: blk, request: { type: IN }, answer: ${answer} }]`);
    expect(console).toMatch(new RegExp(`panicked at .*main\\.c:\\d+:\\s+read_block: the device answered ${status}\\s`));
    expect(evidence.stop.reason).not.toBe('until');
    expect(answersOf(evidence)).toEqual([[0, status, 'answer']]);
  });

  it('a write that fails does not stop it, and the image stays as it was', async () => {
    const { evidence } = await run('faults: [{ request: { type: OUT }, answer: IOERR }]');
    expect(evidence.stop.reason).toBe('until');
    expect(answersOf(evidence)).toEqual([
      [0, 0, null],
      [1, IOERR, 'answer'],
    ]);
    expect(evidence.images[0]!.changed).toEqual({});
  });

  it('the nth counts: the second read never comes', async () => {
    const { evidence } = await run('faults: [{ request: { type: IN, nth: 2 }, answer: IOERR }]');
    expect([evidence.stop.reason, ...evidence.requests.map(({ fault }) => fault)]).toEqual(['until', null, null]);
  });

  it('a late answer is waited for, so much longer', async () => {
    const onTime = await run('keys: []');
    const late = await run('faults: [{ request: { type: IN }, late: 1ms }]');
    expect(late.console).toBe(onTime.console);
    const took = ({ evidence }: typeof late) => evidence.requests[0]!.completion!.time - evidence.requests[0]!.time;
    expect([took(onTime), took(late)]).toEqual([20_000, 1_020_000]);
    const counted = await run('faults: [{ request: { type: IN }, late: 1M instructions }]');
    expect(counted.evidence.requests).toEqual(late.evidence.requests);
  });

  it('one that waits for the next comes a millisecond late to a driver that makes no next', async () => {
    const { evidence } = await run('faults: [{ request: { type: IN }, after: next }]');
    const [read] = evidence.requests;
    expect([evidence.stop.reason, read!.completion!.time - read!.time, read!.fault]).toEqual(['until', 1_020_000, { kind: 'after-next' }]);
  });

  it('a driver that polls does not miss the interrupt', async () => {
    const { evidence } = await run('faults: [{ request: { nth: 1 }, interrupt: lost }]');
    expect([evidence.stop.reason, evidence.devices[0]!.interruptsRaised]).toEqual(['until', 1]);
  });

  it('other bytes are what the driver reads', async () => {
    const { evidence, console } = await run('faults: [{ request: { type: IN }, data: { text: "Jello" } }]');
    expect(console).toContain('Read string: Jello World from Image!');
    expect(evidence.requests[0]!.fault).toEqual({ kind: 'data', bytes: 5 });
    // Who prints the text without reading it is found out.
    expect((await run('faults: [{ request: { type: IN }, data: { text: "Jello" } }]', 'fakes-console')).console).not.toContain('Jello');
  });

  it('of one drive is not one of another', async () => {
    const { evidence } = await run('drives: { log: { size: 4K } }, faults: [{ drive: log, request: {}, answer: IOERR }]');
    expect([evidence.stop.reason, ...evidence.requests.map(({ drive, fault }) => [drive, fault])]).toEqual([
      'until',
      ['blk', null],
      ['blk', null],
    ]);
  });

  it('is the same every time', async () => {
    const faults = 'faults: [{ request: { type: IN }, late: 1ms }, { request: { type: OUT }, answer: IOERR }]';
    expect((await run(faults)).evidence).toEqual((await run(faults)).evidence);
  });
});

describe('the example of docs/rubric.md', () => {
  it.each([
    // Goes on, and says nothing.
    ['passes', 'passed', 'failed'],
    ['panics', 'failed', 'skipped'],
  ])('tells whether %s survives a failed write and reports it', async (sample, survives, reports) => {
    const section = readFileSync(join(ROOT, 'docs/rubric.md'), 'utf8').split('\n### `faults`')[1]!.split('\n## ')[0]!;
    const [scenarios, checks, others] = [...section.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml!);
    const rubric = await load(`rubric: 1
title: example
machine: { drives: { blk: { size: 1M } } }
submission: { kernel: kernel.elf }
${scenarios}${others!.replace('scenarios:\n', '')}${checks}`);
    const runs = new Map(
      rubric.scenarios.map((scenario) => [scenario.name, { evidence: runSample(scenario, sample), images: imagesOf(scenario) }]),
    );
    const graded = gradeSubmission(
      rubric,
      { name: 'x', tool: 'bootgrade test', kernel: null, attempt: 1, runs: gradeRuns(rubric, runs) },
      'instructor',
    );
    expect(graded.checks.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['survives', survives],
      ['reports', reports],
    ]);
  });
});

describe('the device', () => {
  it('in a different slot is found there', async () => {
    expect((await run('keys: []')).console).toContain('device found at 0x10008000 ');
    const { evidence, console } = await run('drives: { blk: { slot: 0 } }');
    expect(console).toContain('Virtio MMIO device found at 0x10001000 with size 0x1000, device id 2, version: 1');
    expect([evidence.stop.reason, evidence.requests.length]).toEqual(['until', 2]);
  });

  it('of the modern transport is refused in so many words', async () => {
    const { console } = await run('transport: modern');
    expect(console).toContain('device id 2, version: 2');
    expect(console).toContain('this driver knows the legacy transport only');
  });

  it('that is not there is missed, and the others stay where they are', async () => {
    const { evidence, console } = await run('drives: { blk: { present: false } }');
    expect(console).toContain('no virtio block device in the device tree');
    expect(evidence).toMatchObject({
      requests: [],
      devices: [{ drive: 'blk', statusWrites: [] }],
      images: [{ drive: 'blk', changed: {} }],
    });
    const two = await run('drives: { blk: { present: false }, log: { size: 4K } }');
    expect(two.console).toContain('device found at 0x10007000 ');
  });

  it('that is read-only says so in its features, reads, and answers a write with IOERR', async () => {
    const { evidence, console } = await run('drives: { blk: { readonly: true } }');
    expect(console).toContain('Read string: Hello World from Image!');
    expect(answersOf(evidence)).toEqual([
      [0, 0, null],
      [1, IOERR, null],
    ]);
    // VIRTIO_BLK_F_RO (5.2.3), bit 5.
    expect((BigInt(evidence.devices[0]!.deviceFeatures) >> 5n) & 1n).toBe(1n);
    expect(evidence.images[0]!.changed).toEqual({});
  });

  it('of a different size has a different capacity', async () => {
    expect((await run('keys: []')).console).toContain('capacity 2048,');
    expect((await run('drives: { blk: { size: 4K } }')).console).toContain('capacity 8,');
  });
});
