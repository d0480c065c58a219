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

async function rubric(text = TEXT): Promise<Rubric> {
  const loaded = await loadRubric('two.yaml', text, { readFile: () => Promise.reject(new Error('none')) });
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

// To explain takes a second run. writable-data breaks one rule with more than a note: write-data-writable.
it.each([
  ['', true],
  ['findings: { accept: [write-data-writable] }\n', false],
])('what the driver breaks in a submission that passes is explained unless its rule is accepted (%j)', async (more, isExplained) => {
  const one = await rubric(`rubric: 1
title: One
machine: { cpu: "rv64,zba=true,zbb=true", memory: 1G, append: ostd.log_level=error, drives: { blk: { size: 1M } } }
submission: { kernel: k }
${more}scenarios: { boots: { until: { console: "[INIT] Starting Shell..." }, limit: 1s guest } }
checks: [{ id: a, points: 1, console: "[INIT] Starting Shell..." }]
`);
  const explained: boolean[] = [];
  runSubmission(
    { name: 'x', kernel: kernelOf({ path: sampleKernelFile('writable-data'), file: 'kernel.elf' }), sources: null },
    {
      rubric: one,
      images: imagesOf(one),
      host: machineHost('bootgrade test'),
      attempt: 1,
      explain: 'failures',
      enter: () => {},
      keep: ({ findings, explanations }) => {
        expect(findings.map(({ rule }) => rule)).toContain('write-data-writable');
        explained.push(explanations !== null);
        return null;
      },
    },
  );
  expect(explained).toEqual([isExplained]);
});
