/** The check `races`, on kernels with mistakes between harts (submissions/harts) and their correct twins. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../checks/index.ts';
import type { Verdict } from '../checks/kind.ts';
import { evidenceSchema } from '../evidence/evidence.ts';
import { explain } from '../explain/index.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import { loadRubric } from '../rubric/loader.ts';
import { runScenario } from './scenario.ts';

const CLASS = join(import.meta.dirname, '../../submissions/harts/class');

const RUBRIC = `
rubric: 1
title: Test
machine: { memory: 32M, harts: 2 }
submission: { kernel: kernel.elf }
scenarios: { boot: { limit: 20ms guest } }
checks:
  - { id: a, points: 1, races: `;

async function judge(kernel: string, part: string, { explains = false } = {}): Promise<Verdict> {
  const loaded = await loadRubric('test.yaml', `${RUBRIC}${part} }`, { readFile: () => Promise.reject(new Error('no files here')) });
  if ('problems' in loaded) throw new Error('the rubric is wrong');
  const scenario = loaded.rubric.scenarios[0]!;
  const bytes = new Uint8Array(readFileSync(join(CLASS, kernel, 'kernel.elf')));
  const run = { scenario, images: new Map(), kernel: { bytes, sha256: '00'.repeat(32) }, host: machineHost('bootgrade test') };
  const plain = runScenario(run.scenario, run.images, run.kernel, run.host);
  const explanations = explains ? explain(run, plain, { stores: [], prints: [], end: true, races: false, accepted: [] }) : null;
  const evidence = evidenceSchema.parse({ ...plain, explanations });
  const [check] = loaded.rubric.checks;
  if (check?.scenario !== 'boot') throw new Error('the check is about no run');
  return evaluate(check, { scenario, evidence, images: new Map() });
}

describe('a check of races between harts', () => {
  it('names the variable, both harts and both functions', async () => {
    expect(await judge('lost-update', '{ harts: none }')).toMatchObject({
      outcome: 'failed',
      reason: 'harts access count at the same time without an order between them',
      details: expect.arrayContaining([
        {
          kind: 'text',
          text: expect.stringMatching(
            /^count: hart 1 stores it in work\+0x\w+ \(0x\w+\), hart 0 loads it in work\+0x\w+ \(0x\w+\), \d+ times$/,
          ) as string,
        },
      ]) as Verdict,
    });
  });

  it('names both lines where it is explained and the kernel has debug information', async () => {
    expect(await judge('missing-lock', '{ harts: none }', { explains: true })).toMatchObject({
      outcome: 'failed',
      details: expect.arrayContaining([
        {
          kind: 'text',
          text: expect.stringMatching(
            /^free_list: hart 1 stores it at missing-lock\.c:31 in free_page, hart 0 loads it at missing-lock\.c:20 in take_page(?:, \d+ times)?$/,
          ) as string,
        },
      ]) as Verdict,
    });
  });

  it('passes the correct twin, and a variable that the rubric leaves out', async () => {
    expect(await judge('lost-update-correct', '{ harts: none }')).toEqual({ outcome: 'passed' });
    expect(await judge('lost-update', '{ harts: none, except: [count] }')).toEqual({ outcome: 'passed' });
    expect(await judge('lost-update', '{ harts: none, except: [sum] }')).toMatchObject({ outcome: 'failed' });
  });
});
