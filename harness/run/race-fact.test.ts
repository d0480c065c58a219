/** The check `races`, on kernels with mistakes between harts (submissions/harts) and their correct twins. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../checks/index.ts';
import type { Verdict } from '../checks/kind.ts';
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

async function judge(kernel: string, part: string): Promise<Verdict> {
  const loaded = await loadRubric('test.yaml', `${RUBRIC}${part} }`, { readFile: () => Promise.reject(new Error('no files here')) });
  if ('problems' in loaded) throw new Error('the rubric is wrong');
  const scenario = loaded.rubric.scenarios[0]!;
  const bytes = new Uint8Array(readFileSync(join(CLASS, kernel, 'kernel.elf')));
  const evidence = runScenario(scenario, new Map(), { bytes, sha256: '00'.repeat(32) }, machineHost('bootgrade test'));
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

  it('passes the correct twin, and a variable that the rubric leaves out', async () => {
    expect(await judge('lost-update-correct', '{ harts: none }')).toEqual({ outcome: 'passed' });
    expect(await judge('lost-update', '{ harts: none, except: [count] }')).toEqual({ outcome: 'passed' });
    expect(await judge('lost-update', '{ harts: none, except: [sum] }')).toMatchObject({ outcome: 'failed' });
  });
});
