/** Scenarios whose schedules delay stores: missing fences, which no order of whole instructions shows. The kernels are those of submissions/harts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

const CLASS = join(import.meta.dirname, '../../submissions/harts/class');

let folder: TestFolder;
beforeEach(() => {
  folder = new TestFolder();
});
afterEach(() => folder.remove());

async function grade(name: string, schedules: string): Promise<SubmissionResult> {
  const rubric = `rubric: 1
title: Fences
machine:
  harts: 2
  memory: 32M
  drives: { disk: { size: 1M, contents: [{ at: 0, fill: 66, length: 1024 }] } }
submission: { kernel: kernel.elf }
scenarios: { run: { limit: 20ms guest, schedules: ${schedules} } }
checks: [{ id: right, points: 5, console: { contains: ": right" } }]
`;
  folder.put('class/s1001/kernel.elf', new Uint8Array(readFileSync(join(CLASS, name, 'kernel.elf'))));
  const { environment, out, err } = capture();
  await bootgrade(['grade', folder.put('lab.yaml', rubric), folder.at('class'), '--out', folder.at('out'), '--json'], environment);
  if (out() === '') throw new Error(err());
  return (JSON.parse(out()) as { results: SubmissionResult[] }).results[0]!;
}

describe('schedules that delay stores', () => {
  it.each([
    ['driver-fence', /^hart0:store@\d+\+\d+(ns|us)$/],
    ['unlock-fence', /^hart[01]:store@/],
  ])('find a missing fence, and nothing in its correct twin: %s', async (name, schedule) => {
    const { checks, scenarios } = await grade(name, '{ runs: 100, stores: delayed }');
    expect(checks[0]!.reason).toMatch(/^fails under [1-9]\d* of 100 schedules: /);
    const { shown } = scenarios[0]!.schedules!;
    expect(shown!.schedule).toMatch(schedule);
    expect(scenarios[0]!.faults[0]).toMatch(/ others see \d+(ns|us) late what hart [01] stores at \d+ ns/);
    const again = await grade(name, `{ only: "${shown!.schedule}" }`);
    expect(again.checks[0]!.reason).toMatch(/^fails under 1 of 1 schedules: /);
    expect((await grade(name, '100')).checks[0]!.outcome).toBe('passed');
    expect((await grade(`${name}-correct`, '{ runs: 100, stores: delayed }')).checks[0]!.outcome).toBe('passed');
  });
});
