/** A graded run that goes on from a snapshot leaves the evidence of one that was never interrupted, byte for byte. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMachine } from '../../machine/index.ts';
import { Random } from '../../machine/testkit/random.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { loadRubric } from '../rubric/loader.ts';
import { initialImage } from '../vocabulary/image.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { ScenarioRun } from './scenario.ts';

const SUBMISSIONS = join(import.meta.dirname, '../../submissions');
const HOST = { createMachine, seconds: () => 0, guard: 600, beat: () => {}, tool: 'bootgrade test' };
const MOMENTS = 12;

async function scenarioOf(keys: string): Promise<Scenario> {
  const text = `rubric: 1
title: snapshots
machine: { cpu: "rv64,zba=true,zbb=true", memory: 1G, append: ostd.log_level=error, drives: { blk: { size: 1M } } }
submission: { kernel: kernel.elf }
scenarios: { run: { ${keys} } }
checks: [{ id: a, points: 1, console: x }]
`;
  const loaded = await loadRubric('snapshots.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  return loaded.rubric.scenarios[0]!;
}

/** To compare evidence as text. */
function withoutWork({ work: _, ...rest }: Evidence): string {
  return JSON.stringify(rest);
}

it.each([
  ['ostd-passes', 'keys: [{ when: "~ # ", type: "ls\\n" }], limit: 80ms guest'],
  ['ostd-passes', 'races: true, limit: 60ms guest, faults: [{ request: { type: OUT }, late: 15ms }]'],
  ['writable-data', 'limit: 20ms guest'],
  ['passes', 'until: { console: "Test" }'],
])(
  '%s, %s',
  async (sample, keys) => {
    const scenario = await scenarioOf(keys);
    const bytes = new Uint8Array(readFileSync(join(SUBMISSIONS, 'class', sample, 'kernel.elf')));
    const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));
    const power = () => {
      const images = new Map(scenario.machine.drives.map((drive) => [drive.name, initialImage(drive)]));
      return new ScenarioRun(scenario, images, { bytes, sha256: '00'.repeat(32) }, HOST);
    };
    const toItsEnd = (run: ScenarioRun, stops: readonly number[]): Evidence => {
      for (const stop of stops) run.to(stop);
      run.to(Number.POSITIVE_INFINITY);
      return run.finish();
    };
    const whole = toItsEnd(power(), []);
    const random = new Random(seed);
    const stops = Array.from({ length: MOMENTS }, () => random.below(whole.time)).sort((a, b) => a - b);
    const expected = toItsEnd(power(), stops);
    expect(withoutWork(expected) === withoutWork(whole), `seed ${seed}`).toBe(true);
    const run = power();
    const snapshots = stops.map((stop) => {
      run.to(stop);
      return run.snapshot();
    });
    run.to(Number.POSITIVE_INFINITY);
    // Back to a moment in the middle, in the same run, and on from there.
    const middle = MOMENTS >> 1;
    run.restore(snapshots[middle]!);
    expect(JSON.stringify(toItsEnd(run, stops.slice(middle + 1))) === JSON.stringify(expected), `the same run, seed ${seed}`).toBe(true);
    for (const [n, snapshot] of snapshots.entries()) {
      const other = power();
      other.restore(snapshot);
      expect(
        JSON.stringify(toItsEnd(other, stops.slice(n + 1))) === JSON.stringify(expected),
        `another run, seed ${seed}, ${stops[n]}`,
      ).toBe(true);
    }
  },
  120_000,
);
