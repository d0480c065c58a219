/**
 * The rubrics of the OSTD course's labs, on small kernels that do what the real ones do: one that solves the lab, and some with a mistake. What the real
 * kernels get is in docs/development/conformance.md.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineHost } from '../grading/processes/machine-host.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, inThisProcess, TestFolder } from '../testkit/command.ts';
import { ostdKernel } from '../testkit/ostd-kernel.ts';
import { type Fault, OSTD_LABS, type OstdLab } from '../testkit/ostd-labs.ts';
import { grade } from './grade.ts';

const RUBRICS = join(import.meta.dirname, '../../rubrics');

async function graded(name: string, { solved, files }: OstdLab, fault?: Fault): Promise<SubmissionResult> {
  const commands = solved.commands && { ...solved.commands, ...fault?.commands };
  const folder = new TestFolder();
  try {
    folder.put('hand-in/kernel.elf', ostdKernel({ boot: fault?.boot ?? solved.boot, ...(commands && { commands }) }));
    for (const [file, text] of Object.entries({ ...files, ...fault?.files })) folder.put(`hand-in/${file}`, text);
    const printed = capture();
    const paths = { rubric: join(RUBRICS, `${name}.yaml`), submissions: [folder.at('hand-in')], out: folder.at('reports') };
    const options = { ...paths, json: true, strict: false, single: true, explain: 'nothing' as const, attempt: 1 };
    await grade(options, printed.environment, inThisProcess(machineHost('bootgrade test')));
    return (JSON.parse(printed.out()) as { results: SubmissionResult[] }).results[0]!;
  } finally {
    folder.remove();
  }
}

const lost = ({ checks }: SubmissionResult): string[] => checks.filter(({ outcome }) => outcome !== 'passed').map(({ id }) => id);

describe('the rubrics of the OSTD course', () => {
  it('are tried below, but for those with a disk', () => {
    const files = readdirSync(RUBRICS).filter((file) => /^ostd-lab(?:[4-9]|11)\.yaml$/.test(file));
    expect(files.map((file) => file.replace('.yaml', '')).sort()).toEqual(Object.keys(OSTD_LABS).sort());
  });
});

describe.each(Object.entries(OSTD_LABS))('%s', (name, lab) => {
  it('gives the kernel that solves the lab all points', async () => {
    const result = await graded(name, lab);
    expect({ lost: lost(result), score: result.score }).toEqual({ lost: [], score: result.maxScore });
  });

  it.each(lab.faults)('finds $name, and no other mistake', async (fault) => {
    expect(lost(await graded(name, lab, fault))).toEqual(fault.lost);
  });
});
