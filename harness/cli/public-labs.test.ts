/**
 * The rubrics of public labs, on small kernels that print what the real ones do: one that solves the lab, and one with a mistake. What
 * the real kernels get is in docs/development/conformance.md.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machineHost } from '../grading/processes/machine-host.ts';
import type { SubmissionResult } from '../result/result.ts';
import type { Rubric } from '../rubric/types.ts';
import { capture, inThisProcess, TestFolder } from '../testkit/command.ts';
import { answersOf, SHELL_LABS } from '../testkit/public-labs.ts';
import { PRINTING_LABS } from '../testkit/rcore-labs.ts';
import { shellKernel } from '../testkit/shell-kernel.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';
import { grade } from './grade.ts';
import { readRubric } from './read-rubric.ts';

const RUBRICS = join(import.meta.dirname, '../../rubrics');
const TEXTS = {
  'time.txt': '3\n',
  'answers-syscall.txt': 'See the manual, chapter 4.\n',
  'answers-pgtbl.txt': 'See the manual.\n',
  'answers-traps.txt': 'See the manual.\n',
};

/** The command lines that the rubric's scenarios type. */
function typedLines({ scenarios }: Rubric): readonly (readonly string[])[] {
  return scenarios.map(({ keys }) => keys.map(({ type }) => type.replace(/\n$/, '')));
}

async function graded(name: string, kernel: Uint8Array): Promise<SubmissionResult> {
  const folder = new TestFolder();
  try {
    for (const [file, text] of Object.entries(TEXTS)) folder.put(`hand-in/${file}`, text);
    folder.put(name.startsWith('xv6') ? 'hand-in/kernel/kernel' : 'hand-in/kernel.elf', kernel);
    folder.put('hand-in/fs.img', new Uint8Array(4096));
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

describe('the rubrics of public labs', () => {
  // That one needs crates, which CI fetches (ostd.test.ts).
  const files = readdirSync(RUBRICS).filter((file) => file.endsWith('.yaml') && file !== 'lab13-ostd.yaml');

  it.each(files)('%s has no mistake', async (file) => {
    expect((await readRubric(join(RUBRICS, file))).checks.length).toBeGreaterThan(0);
  });

  it('are all tried below', () => {
    const tried = [...Object.keys(SHELL_LABS), ...Object.keys(PRINTING_LABS)].map((name) => `${name}.yaml`);
    expect(files.filter((file) => /^(xv6|rcore)-/.test(file)).sort()).toEqual(tried.sort());
  });
});

describe.each(Object.entries(SHELL_LABS))('%s', (name, lab) => {
  const kernel = async (which: { readonly faulty: boolean }) => {
    const lines = typedLines(await readRubric(join(RUBRICS, `${name}.yaml`)));
    const answers = new Map(lines.flatMap((run) => answersOf(lab, run, which)).map((answer) => [answer.line, answer]));
    return shellKernel([...answers.values()]);
  };

  it('gives the kernel that solves the lab all points', async () => {
    const result = await graded(name, await kernel({ faulty: false }));
    expect({ lost: lost(result), score: result.score }).toEqual({ lost: [], score: result.maxScore });
  });

  it('finds the mistake of the other one, and no other', async () => {
    expect(lost(await graded(name, await kernel({ faulty: true })))).toEqual(lab.fault.lost);
  });
});

describe.each(Object.entries(PRINTING_LABS))('%s', (name, { prints, fault }) => {
  it('gives the kernel that solves the lab all points', async () => {
    const result = await graded(name, tinyKernel(prints));
    expect({ lost: lost(result), score: result.score }).toEqual({ lost: [], score: result.maxScore });
  });

  it('finds the mistake of the other one, and no other', async () => {
    expect(prints).toContain(fault.text);
    expect(lost(await graded(name, tinyKernel(prints.replace(fault.text, fault.instead))))).toEqual(fault.lost);
  });
});
