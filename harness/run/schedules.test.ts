import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createMachine } from '../../machine/index.ts';
import { loadRubric } from '../rubric/loader.ts';
import { ScheduledRuns } from './schedules.ts';

const KERNEL = join(import.meta.dirname, '../../submissions/harts/class/lost-update/kernel.elf');
const HOST = { createMachine, seconds: () => 0, guard: 600, beat: () => {}, tool: 'bootgrade test' };

async function runsOf(kernel: string): Promise<ScheduledRuns> {
  const text = `rubric: 1
title: schedules
machine: { harts: 2, memory: 32M, clock: 1000 ns }
submission: { kernel: kernel.elf }
scenarios: { run: { limit: 20s guest, schedules: 10 } }
checks: [{ id: a, points: 1, console: right }]
`;
  const loaded = await loadRubric('schedules.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  const bytes = new Uint8Array(readFileSync(kernel));
  return new ScheduledRuns(loaded.rubric.scenarios[0]!, new Map(), { bytes, sha256: '00'.repeat(32) }, HOST);
}

// With instructions of 1,000 ns its 23,000 instructions take many of the periods of guest time after which the run is asked what it has cost.
it('looks for points in the beginning of a long run only', async () => {
  const runs = await runsOf(KERNEL);
  const whole = runs.candidates().preemptions;
  const beginning = runs.candidates(5000).preemptions;
  runs.end();
  expect(beginning.length).toBeGreaterThan(0);
  expect(beginning.length).toBeLessThan(whole.length);
  expect(whole.slice(0, beginning.length)).toEqual(beginning);
});
