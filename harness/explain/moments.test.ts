/**
 * An explanation whose run goes back to moments that it has kept says the same, byte for byte, as one that begins at power-on each time: for
 * every sample, and with faults.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createMachine, type Machine } from '../../machine/index.ts';
import { imagesOf, runSubmission } from '../grading/run-submission.ts';
import { loadRubric } from '../rubric/loader.ts';
import type { Rubric } from '../rubric/types.ts';
import type { Host } from '../run/host.ts';
import { sampleKernel } from '../testkit/sample-kernels.ts';

const CLASS = readdirSync(join(import.meta.dirname, '../../submissions/class'));

const RUBRIC = `rubric: 1
title: explanations
machine:
  cpu: "rv64,zba=true,zbb=true"
  memory: 1G
  append: ostd.log_level=error
  drives: { blk: { size: 1M, contents: [{ at: 0, text: Hello World from Image! }] } }
submission: { kernel: kernel.elf }
scenarios:
  plain: { until: { console: "[INIT] Starting Shell..." }, limit: 200ms guest }
  failing: { extends: plain, faults: [{ request: { type: IN }, answer: IOERR }] }
  late: { extends: plain, limit: 40ms guest, faults: [{ request: { type: OUT }, late: 1s }] }
checks:
  - { id: written, points: 1, request: { after: { console: "Testing block device write..." }, nth: 1, expect: { type: OUT, sector: 0 } } }
  - { id: flags, points: 1, request: { like: written, expect: { data: { device-writable: false, length: 512 }, header: { device-writable: false }, status: { device-writable: true } } } }
  - { id: no-such-text, points: 1, in: failing, console: "no such text" }
  - { id: not-shown, points: 1, in: late, console: "no such text" }
`;

let rubric: Rubric;
beforeAll(async () => {
  const loaded = await loadRubric('explanations.yaml', RUBRIC, { readFile: () => Promise.reject(new Error('none')) });
  if ('problems' in loaded) throw new Error(loaded.problems[0]!.message);
  rubric = loaded.rubric;
});

/** The evidence of all scenarios, and how many machines were made for it. */
function explained(sample: string, { keepsMoments }: { readonly keepsMoments: boolean }): { evidence: string[]; machines: number } {
  let machines = 0;
  const make: Host['createMachine'] = (options): Machine => {
    machines++;
    const machine = createMachine(options);
    // A machine from which a scenario goes on has kept the moment for that, and is not the one of an explanation.
    return keepsMoments || options.beforeRequests !== undefined ? machine : Object.assign(machine, { holds: () => false });
  };
  const evidence: string[] = [];
  const kernel = { file: 'kernel.elf', bytes: sampleKernel(sample), sha256: '00'.repeat(32), alsoMatched: [] };
  runSubmission(
    { name: sample, kernel, sources: null },
    {
      rubric,
      images: imagesOf(rubric),
      host: { createMachine: make, seconds: () => 0, guard: 600, beat: () => {}, tool: 'bootgrade test' },
      attempt: 1,
      explain: 'failures',
      enter: () => undefined,
      keep: (one) => {
        evidence.push(JSON.stringify(one));
        return null;
      },
    },
  );
  return { evidence, machines };
}

describe('an explanation with moments', () => {
  it.each(CLASS)('of %s is the same as one without', (sample) => {
    const { evidence, machines } = explained(sample, { keepsMoments: true });
    const without = explained(sample, { keepsMoments: false });
    expect(evidence.map((one, n) => one === without.evidence[n])).toEqual([true, true, true]);
    // One for each explanation, besides those of the runs themselves.
    expect(machines).toBeLessThanOrEqual(2 * rubric.scenarios.length);
    if (sample.endsWith('writable-data')) expect(without.machines).toBeGreaterThan(machines);
  });
});
