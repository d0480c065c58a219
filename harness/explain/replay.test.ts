/** What a repeated run may cost. */
import { describe, expect, it } from 'vitest';
import { machineHost } from '../grading/processes/machine-host.ts';
import { runScenario } from '../run/scenario.ts';
import { sampleKernel } from '../testkit/sample-kernels.ts';
import { NO_ASKS } from '../vocabulary/facts.ts';
import { initialImage } from '../vocabulary/image.ts';
import type { DriveSetup, Scenario } from '../vocabulary/scenario.ts';
import { Replay, type ReplayedRun } from './replay.ts';

const DRIVE: DriveSetup = { name: 'blk', own: null, size: 1 << 20, contents: [], slot: null, serial: null, readonly: false, present: true };
const SCENARIO: Scenario = {
  name: 'write',
  hidden: false,
  machine: {
    cpu: 'rv64,zba=true,zbb=true',
    memory: 1 << 30,
    bios: 'builtin',
    initrd: null,
    loader: [],
    harts: 1,
    clock: 1,
    fillRam: 0,
    append: 'ostd.log_level=error',
    drives: [DRIVE],
    transport: 'legacy',
    rng: null,
    network: null,
    fwCfg: null,
    flash: null,
  },
  until: { console: ['Starting Shell'], matches: [], reaches: [] },
  keys: [],
  limit: { text: '100ms guest', nanoseconds: 1e8 },
  work: 8e9,
  interests: [],
  races: false,
  diskFrom: null,
  cuts: null,
  schedules: null,
  schedule: [],
  faults: [],
  facts: NO_ASKS,
};
const RUN: ReplayedRun = {
  scenario: SCENARIO,
  images: new Map([['blk', initialImage(DRIVE)]]),
  kernel: { bytes: sampleKernel('ostd-passes'), sha256: '00'.repeat(32) },
  host: machineHost('bootgrade test'),
};

describe('a repeated run', () => {
  const evidence = runScenario(SCENARIO, RUN.images, RUN.kernel, RUN.host);
  const cost = evidence.instructions + evidence.work.units;

  it('comes to the end of the first where its budget allows', () => {
    const budget = { left: 2 * cost };
    const replay = new Replay(RUN, budget, { backTo: [], printed: () => undefined });
    expect(replay.runTo(evidence.time)).toBe(true);
    expect(replay.machine.now()).toBe(evidence.time);
    expect(budget.left).toBeLessThan(1.1 * cost);
  });

  it('says that it did not come as far as it was asked to, and costs no more', () => {
    const budget = { left: cost / 2 };
    const replay = new Replay(RUN, budget, { backTo: [], printed: () => undefined });
    expect(replay.runTo(evidence.time)).toBe(false);
    expect(replay.machine.now()).toBeLessThan(evidence.time);
    // The next one has the same budget, of which nothing is left.
    const another = new Replay(RUN, budget, { backTo: [], printed: () => undefined });
    expect(another.runTo(1)).toBe(false);
    expect(another.machine.now()).toBe(0);
  });
});
