/**
 * A scenario that goes on from another one's boot leaves the evidence of a machine that was switched on for it, byte for byte: for every
 * sample, and for scenarios that differ in each thing in which they may.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMachine, type MachineOptions } from '../../machine/index.ts';
import { loadRubric } from '../rubric/loader.ts';
import { diskKernel, powerOff, printBuffer, read, write } from '../testkit/disk-kernel.ts';
import { sampleKernel } from '../testkit/sample-kernels.ts';
import { initialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { runScenario } from './scenario.ts';
import { ScenarioRuns } from './shared-boot.ts';

const CLASS = readdirSync(join(import.meta.dirname, '../../submissions/class'));

const HEAD = `rubric: 1
title: boots
machine:
  cpu: "rv64,zba=true,zbb=true"
  memory: 1G
  append: ostd.log_level=error
  drives: { blk: { size: 1M, contents: [{ at: 0, text: Hello World from Image! }] } }
submission: { kernel: kernel.elf }
checks: [{ id: a, points: 1, console: x }]
`;

const RUBRIC = `${HEAD}
scenarios:
  plain: { until: { console: "[INIT] Starting Shell..." }, limit: 200ms guest }
  other-bytes: { extends: plain, drives: { blk: { contents: [{ at: 0, text: "Different bytes" }] } } }
  failing: { extends: plain, faults: [{ request: { type: OUT }, answer: IOERR }] }
  wrong-data: { extends: plain, faults: [{ request: { type: IN }, data: { text: "Not what is there" } }] }
  late: { extends: plain, faults: [{ request: { nth: 1 }, late: 5ms }] }
  keys: { until: { console: "no such text" }, limit: 80ms guest, keys: [{ when: "~ # ", type: "ls\\n" }] }
  early: { until: { console: "Virtio" }, limit: 200ms guest }
  short: { extends: plain, limit: 1ms guest }
`;

/** The keys of `plain` come after the first request, those of `early` before it. */
const TIMED = `${HEAD}
scenarios:
  plain: { limit: 30ms guest, keys: [{ after: 25ms, type: "ls\\n" }] }
  other-bytes: { extends: plain, drives: { blk: { contents: [{ at: 0, text: "Different bytes" }] } } }
  early: { extends: plain, keys: [{ after: 1ms, type: "ls\\n" }] }
  reaching: { limit: 30ms guest, until: { reaches: rust_main } }
`;

/** The first request is made in the middle of a hart's turn. */
const HARTS = `${HEAD.replace('memory: 1G', 'memory: 32M\n  harts: 2')}
scenarios:
  plain: { limit: 50ms guest }
  other-bytes: { extends: plain, drives: { blk: { contents: [{ at: 0, text: "Different bytes" }] } } }
  failing: { extends: plain, faults: [{ request: { type: IN }, answer: IOERR }] }
  short: { extends: plain, limit: 2ms guest }
`;

/** Hart 1 is started by the SBI, and does this while hart 0 reads and writes the disk. */
const beside = (work: string) =>
  diskKernel([
    'li a0, 1\nla a1, other\nli a7, 0x48534d\nli a6, 0\necall\nj started',
    `other: la s0, word\n${work}\n.align 3\nword: .dword 0\nstarted: nop`,
    read(0),
    printBuffer,
    write(1, 'x'),
    powerOff,
  ]);

async function scenarios(text = RUBRIC): Promise<readonly Scenario[]> {
  const loaded = await loadRubric('boots.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  return loaded.rubric.scenarios;
}

const drivesOf = ({ machine }: Scenario) => new Map(machine.drives.map((drive) => [drive.name, initialImage(drive)]));

async function compared(
  sample: string | Uint8Array<ArrayBuffer>,
  all: readonly Scenario[],
): Promise<{ different: string[]; machines: number }> {
  const kernel = { bytes: typeof sample === 'string' ? sampleKernel(sample) : sample, sha256: '00'.repeat(32) };
  let machines = 0;
  const counted = (options: MachineOptions) => {
    machines += 1;
    return createMachine(options);
  };
  const host = { createMachine: counted, seconds: () => 0, guard: 600, beat: () => {}, tool: 'bootgrade test' };
  const cold = all.map((scenario) => JSON.stringify(runScenario(scenario, drivesOf(scenario), kernel, host)));
  machines = 0;
  const runs = new ScenarioRuns(
    kernel,
    host,
    all.map((scenario) => ({ scenario, drives: drivesOf(scenario) })),
  );
  const shared = all.map((scenario) => JSON.stringify(runs.run(scenario, drivesOf(scenario))));
  return { different: all.filter((_, n) => shared[n] !== cold[n]).map(({ name }) => name), machines };
}

it.each(CLASS)(
  '%s: the evidence is that of a cold boot',
  async (sample) => {
    const { different, machines } = await compared(sample, await scenarios());
    expect(different).toEqual([]);
    // At most `plain`, from which others go on, and `early` and `short`, which may end before the first request.
    if (sample.endsWith('passes')) expect(machines).toBeLessThanOrEqual(3);
  },
  120_000,
);

it('keys at a time, and a function that ends the run, are those of a cold boot as well', async () => {
  const { different, machines } = await compared('ostd-passes', await scenarios(TIMED));
  expect(different).toEqual([]);
  // `plain`, from which `other-bytes` goes on, `early` and `reaching`.
  expect(machines).toBe(3);
}, 120_000);

it.each([
  ['which is not started', 'passes'],
  ['that counts', beside('count: ld t0, 0(s0)\naddi t0, t0, 1\nsd t0, 0(s0)\nj count')],
  ['that waits in a loop', beside('spin: ld t0, 0(s0)\nbeqz t0, spin')],
  ['that sleeps', beside('sleep: wfi\nj sleep')],
])('beside a second hart %s, the evidence is that of a cold boot', async (_, kernel) => {
  const { different, machines } = await compared(kernel, await scenarios(HARTS));
  expect(different).toEqual([]);
  expect(machines).toBe(1);
});
