/** Skipping the rounds of a loop leaves no trace: the evidence of a kernel that spins under its timer is the same byte for byte without. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../machine/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import { loadRubric } from '../rubric/loader.ts';
import { initialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import type { Host } from './host.ts';
import { runScenario } from './scenario.ts';

const SUBMISSIONS = join(import.meta.dirname, '../../submissions');
const HOST = machineHost('bootgrade test');

async function scenarioOf(keys: string): Promise<Scenario> {
  const text = `rubric: 1
title: spin
machine: { cpu: "rv64,zba=true,zbb=true", memory: 1G, append: ostd.log_level=error, drives: { blk: { size: 1M } } }
submission: { kernel: kernel.elf }
scenarios: { run: { until: { console: "[INIT] Starting Shell..." }, ${keys} } }
checks: [{ id: a, points: 1, console: x }]
`;
  const loaded = await loadRubric('spin.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error('the rubric has mistakes');
  return loaded.rubric.scenarios[0]!;
}

function run(scenario: Scenario, sample: string, skips: boolean): { evidence: Evidence; skipped: number } {
  const machines: Machine[] = [];
  const createMachine: Host['createMachine'] = (options) => {
    const machine = HOST.createMachine(options);
    machine.debug.skipsLoops = skips;
    machines.push(machine);
    return machine;
  };
  const bytes = readFileSync(join(SUBMISSIONS, 'class', sample, 'kernel.elf'));
  const images = new Map(scenario.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
  const evidence = runScenario(scenario, images, { bytes, sha256: '00'.repeat(32) }, { ...HOST, createMachine });
  return { evidence, skipped: machines[0]!.debug.skippedTime() };
}

describe('evidence without skipping is evidence with skipping', () => {
  it.each([
    ['at a limit, between two ticks', 'limit: 61234567ns guest, faults: [{ request: { type: OUT }, late: 1s }]'],
    ['where the loop ends after many ticks', 'limit: 200ms guest, faults: [{ request: { type: IN }, late: 54321us }]'],
    ['watched for races', 'limit: 60ms guest, races: true, faults: [{ request: { type: OUT }, late: 20ms }]'],
  ])('%s', async (_, keys) => {
    const scenario = await scenarioOf(keys);
    const [skipping, running] = [true, false].map((skips) => run(scenario, 'ostd-passes', skips));
    expect(skipping!.skipped).toBeGreaterThan(15_000_000);
    expect(running!.skipped).toBe(0);
    // What the host did is different, which is the purpose of skipping.
    const [quick, slow] = [skipping!, running!].map(({ evidence: { work: _, ...rest } }) => JSON.stringify(rest));
    expect(quick).toBe(slow);
  });
});
