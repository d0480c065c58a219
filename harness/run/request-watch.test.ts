/** However few requests a machine keeps whole, checks find the same. The kernel makes 1,500 of them, which lie over each other in no way. */
import { describe, expect, it } from 'vitest';
import { evaluate, type RunCheckSpec } from '../checks/index.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import { loadRubric } from '../rubric/loader.ts';
import { asksForOtherRequests } from '../rubric/setup.ts';
import type { Rubric } from '../rubric/types.ts';
import { pollingKernel } from '../testkit/polling-kernel.ts';
import { initialImage } from '../vocabulary/image.ts';
import { formatProblem } from '../vocabulary/problem.ts';
import type { Host } from './host.ts';
import { runScenario } from './scenario.ts';
import { ScenarioRuns } from './shared-boot.ts';

const PRINT = (character: string) => `li a7, 1\n li a0, ${character.charCodeAt(0)}\n ecall`;
const LOOP = (name: string, until: number) => `${name}: call request\n addi s9, s9, -1\n li t0, ${until}\n bne s9, t0, ${name}`;

/** Sectors 1500 down to 1, the odd ones written (with a WRITE flag too many) and the even ones read; prints a first, b after the first 500, and c after 900. */
const KERNEL = pollingKernel('legacy', {
  requests: [PRINT('a'), 'li s9, 1500', LOOP('one', 1000), PRINT('b'), LOOP('two', 600), PRINT('c'), LOOP('three', 0)].join('\n'),
  data: 'sd s9, 8(a1)\n andi t2, s9, 1\n sw t2, 0(a1)\n li a2, 2048\n add a2, a2, s5',
});

const CHECKS = [
  'request: { nth: 700, expect: { type: OUT, sector: 801 } }',
  'request: { nth: 700, expect: { sector: 800 } }',
  'request: { after: { console: b }, nth: 300, expect: { sector: 701 } }',
  'request: { after: { console: c }, nth: 1, expect: { sector: 600, data: { length: 512, device-writable: true } } }',
  'request: { nth: 1501 }',
  'request: { after: { console: c }, nth: 601 }',
  'request: { after: { console: d } }',
  'requests: { count: 1500 }',
  'requests: { of: { type: OUT }, count: { min: 751 } }',
  'requests: { of: { after: { console: b }, before: { console: c } }, count: 400 }',
  'requests: { of: { before: { console: b }, sector: { max: 1000 } }, count: 0 }',
  'requests: { of: { sector: { min: 300, max: 399 } }, count: 100 }',
  'requests: { all: { answer: OK } }',
  'requests: { of: { type: IN }, all: { data: { device-writable: true, length: 512 } } }',
  'requests: { of: { type: OUT, sector: { max: 500 } }, all: { data: { device-writable: false } } }',
  'requests: { of: { type: FLUSH }, all: { answer: OK } }',
  'requests: { order: [{ sector: 900 }, { type: OUT, sector: { max: 400 } }, { sector: 10 }] }',
  'requests: { order: [{ sector: 400 }, { sector: 900 }] }',
  'requests: { order: [{ sector: 400 }, { type: FLUSH }] }',
  'requests: { of: { after: { console: b } }, order: [{ type: OUT }, { sector: 1200 }] }',
];

async function rubricOf(checks: readonly string[], ...scenarios: string[]): Promise<Rubric> {
  const text = `
rubric: 1
title: Test
machine: { memory: 16M, drives: { blk: { size: 1M } } }
submission: { kernel: kernel.elf }
scenarios: { ${['boot: { limit: 200ms guest }', ...scenarios].join(', ')} }
checks:
${checks.map((check, index) => `  - { id: check-${index}, points: 1, ${check} }`).join('\n')}`;
  const loaded = await loadRubric('test.yaml', text, { readFile: () => Promise.reject(new Error('no files here')) });
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  return loaded.rubric;
}

/** A host whose machines keep so many first requests of a device whole. */
function keeping(first: number): Host {
  const host = machineHost('bootgrade test');
  return {
    ...host,
    createMachine: (options) => {
      const { requests } = options;
      return host.createMachine({ ...options, requests: typeof requests === 'object' ? { ...requests, first } : requests });
    },
  };
}

const RUN = { bytes: KERNEL, sha256: '00'.repeat(32) };

function runWith(rubric: Rubric, first: number) {
  const [scenario] = rubric.scenarios;
  const images = new Map(scenario!.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
  const evidence = runScenario(scenario!, images, RUN, keeping(first));
  return { evidence, verdicts: rubric.checks.map((check) => evaluate(check as RunCheckSpec, { scenario: scenario!, evidence, images })) };
}

describe('a run that keeps few of its requests', () => {
  it('is graded as one that keeps all of them', async () => {
    const rubric = await rubricOf(CHECKS);
    const [few, all] = [runWith(rubric, 5), runWith(rubric, 2000)];
    expect([all.evidence.requests.length, all.evidence.requestsLeftOut]).toEqual([1500, 0]);
    expect(few.evidence.requests.length).toBeLessThan(150);
    expect(few.evidence.requests.length + few.evidence.requestsLeftOut).toBe(1500);
    expect(few.evidence.requestCounts).toEqual(all.evidence.requestCounts);
    expect(few.evidence.findings).toEqual(all.evidence.findings);
    const outcomes = all.verdicts.map(({ outcome }, index) => (outcome === 'passed' ? index : -1)).filter((index) => index >= 0);
    expect(outcomes).toEqual([0, 2, 3, 7, 9, 10, 11, 12, 13, 16]);
    expect(few.verdicts).toEqual(all.verdicts);
  });

  it('is graded again where all that is asked for was kept, and else says so', async () => {
    const { evidence } = runWith(await rubricOf(CHECKS.slice(0, 3)), 5);
    const asks = async (...checks: string[]) => asksForOtherRequests((await rubricOf(checks)).scenarios[0]!, evidence);
    expect(await asks(CHECKS[2]!, 'console: b')).toBe(false);
    expect(await asks('request: { nth: 700, expect: { sector: 3 } }')).toBe(false);
    expect(await asks(CHECKS[3]!)).toBe(true);
    const whole = runWith(await rubricOf(CHECKS.slice(0, 3)), 2000).evidence;
    expect(asksForOtherRequests((await rubricOf([CHECKS[3]!])).scenarios[0]!, whole)).toBe(false);
  });

  it('keeps what the checks of a scenario ask for that goes on from the boot of another one', async () => {
    const rubric = await rubricOf(
      [...CHECKS.slice(0, 1), 'in: other, request: { after: { console: a }, nth: 400 }'],
      'other: { extends: boot, limit: 150ms guest }',
    );
    const images = new Map(rubric.scenarios[0]!.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
    const runs = new ScenarioRuns(
      RUN,
      keeping(5),
      rubric.scenarios.map((scenario) => ({ scenario, drives: images })),
    );
    const [, shared] = rubric.scenarios.map((scenario) => runs.run(scenario, images));
    expect(shared).toEqual(runScenario(rubric.scenarios[1]!, images, RUN, keeping(5)));
    expect(shared!.selections[0]!.request).toEqual({ drive: 'blk', number: 400 });
  });
});
