/** The order in which a submission is run, explained and written. */

import { expect, it } from 'vitest';
import { gradeSubmission } from '../grade/grade.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import { kernelOf } from '../submission/kernel.ts';
import { sampleKernelFile } from '../testkit/sample-kernels.ts';
import { machineHost } from './processes/machine-host.ts';
import { imagesOf, runSubmission } from './run-submission.ts';

const TEXT = `rubric: 1
title: Two
machine: { memory: 16M, drives: { blk: { size: 1M } } }
submission: { kernel: k }
scenarios: { first: { limit: 1ms guest }, second: { limit: 1ms guest } }
checks:
 - { id: a, points: 1, in: first, console: never }
 - { id: b, points: 1, in: second, needs: a, console: never }
`;

async function rubric(): Promise<Rubric> {
  const loaded = await loadRubric('two.yaml', TEXT, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  return loaded.rubric;
}

it('each scenario is run, explained and handed on before the next one is run', async () => {
  const two = await rubric();
  const order: string[] = [];
  const graded = runSubmission(
    { name: 'x', kernel: kernelOf({ path: sampleKernelFile('passes'), file: 'kernel.elf' }), sources: null },
    {
      rubric: two,
      images: imagesOf(two),
      host: machineHost('bootgrade test'),
      attempt: 1,
      explain: 'failures',
      enter: (stage) => order.push('scenario' in stage ? `${stage.phase} ${stage.scenario}` : stage.phase),
      keep: ({ scenario, explanations }) => {
        order.push(`keep ${scenario}${explanations === null ? '' : ', explained'}`);
        return { name: `${scenario}.json`, sha256: 'ab' };
      },
    },
  );
  const steps = (name: string, end: string[]) => [`run scenario ${name}`, 'grading', `explanation scenario ${name}`, 'writing', ...end];
  expect(order).toEqual([
    ...steps('first', ['keep first, explained', 'grading']),
    // What needs a check that has failed is skipped, and nothing of it is explained.
    ...steps('second', ['keep second']),
  ]);
  const { scenarios, checks } = gradeSubmission(two, graded, 'instructor');
  expect(scenarios.map(({ evidence, evidenceSha256 }) => [evidence, evidenceSha256])).toEqual([
    ['first.json', 'ab'],
    ['second.json', 'ab'],
  ]);
  expect(checks.map(({ outcome }) => outcome)).toEqual(['failed', 'skipped']);
});
