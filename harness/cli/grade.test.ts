/**
 * The sample class as a whole: real kernels in real machines, graded by the rubric of Lab 13. Every variant must get the
 * report that its name says (the rubric's `expect` block, written from the points and from what each variant does).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unmet } from '../grade/expectations.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, inThisProcess, TestFolder } from '../testkit/command.ts';
import { grade } from './grade.ts';
import { readRubric } from './read-rubric.ts';

const ROOT = join(import.meta.dirname, '../..');
const CLASS = join(ROOT, 'submissions/class');
const { expect: EXPECTED } = await readRubric(join(ROOT, 'rubrics/lab13.yaml'));

/** What a grading leaves on disk, by file. */
function filesIn(folder: TestFolder): Record<string, string> {
  const files = readdirSync(folder.path, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  return Object.fromEntries(files.sort().map((file) => [file, folder.read(file)]));
}

async function gradeInto(folder: TestFolder, submissions: string[]) {
  const printed = capture();
  const options = {
    rubric: join(ROOT, 'rubrics/lab13.yaml'),
    submissions,
    out: folder.path,
    json: true,
    strict: false,
    explain: 'failures' as const,
    attempt: 1,
  };
  const code = await grade(options, printed.environment, inThisProcess(machineHost('bootgrade test')));
  return { code, results: (JSON.parse(printed.out()) as { results: SubmissionResult[] }).results };
}

describe('the sample class', () => {
  const folder = new TestFolder();
  let results: SubmissionResult[];
  let code: number;

  beforeAll(async () => {
    ({ code, results } = await gradeInto(folder, [CLASS]));
  }, 300_000);
  afterAll(() => folder.remove());

  it('is graded, every variant of it', () => {
    expect(code).toBe(0);
    expect(results.map(({ name }) => name)).toEqual(EXPECTED!.submissions.map(({ submission }) => submission).sort());
  });

  it.each(EXPECTED!.submissions)('$submission gets the report that its name says', (expectation) => {
    const result = results.find(({ name }) => name === expectation.submission)!;
    expect(unmet(expectation, result)).toEqual([]);
    expect(result.maxScore).toBe(100);
  });

  it('leaves the same bytes when some of it is graded again', async () => {
    const again = new TestFolder();
    try {
      const names = ['passes', 'writable-data', 'panics'];
      await gradeInto(
        again,
        names.map((name) => join(CLASS, name)),
      );
      const files = Object.entries(filesIn(again));
      expect(files).toHaveLength(names.length * 3);
      expect(filesIn(folder)).toMatchObject(Object.fromEntries(files));
    } finally {
      again.remove();
    }
  }, 120_000);
});

describe('a submission that is not a kernel', () => {
  const folder = new TestFolder();
  const passes = readFileSync(join(CLASS, 'passes/kernel.elf'));
  let results: SubmissionResult[];

  /** A copy of the passing kernel with some bytes of its ELF header replaced. */
  function patched(at: number, ...bytes: number[]): Uint8Array {
    const copy = Buffer.from(passes);
    copy.set(bytes, at);
    return copy;
  }

  /** The header of the first segment that is loaded (PT_LOAD, 1). Offsets in ELF's headers: System V gABI, "ELF Header", "Program Header". */
  const segment = Array.from({ length: passes.readUInt16LE(56) }, (_, index) => Number(passes.readBigUInt64LE(32)) + 56 * index).find(
    (at) => passes.readUInt32LE(at) === 1,
  )!;
  const BAD: Record<string, Uint8Array> = {
    empty: new Uint8Array(),
    '32-bit': patched(4, 1),
    'big-endian': patched(5, 2),
    x86: patched(18, 62, 0),
    truncated: passes.subarray(0, 1000),
    'header-only': passes.subarray(0, 40),
    'outside-ram': patched(segment + 24, 0, 0, 0, 0x10, 0, 0, 0, 0),
    terabytes: patched(segment + 40, 0, 0, 0, 0, 0, 0x10, 0, 0),
    'many-segments': patched(56, 0xff, 0xff),
  };

  beforeAll(async () => {
    for (const [name, bytes] of Object.entries(BAD)) folder.put(`class/${name}/kernel.elf`, bytes);
    folder.put('class/zz-good/kernel.elf', passes);
    ({ results } = await gradeInto(folder, [folder.at('class')]));
  }, 120_000);
  afterAll(() => folder.remove());

  it.each(Object.keys(BAD))('%s fails with one clear line', (name) => {
    const result = results.find((one) => one.name === name)!;
    expect(result).toMatchObject({ outcome: 'failed', score: 0, maxScore: 100 });
    expect(result.reason).toMatch(/\w+ .*\w/);
    expect(result.reason).not.toContain('\n');
    expect(result.scenarios.map(({ stop }) => stop.reason)).toEqual(result.scenarios.map(() => 'not-bootable'));
  });

  it('says what each of them is', () => {
    const reason = (name: string) => results.find((one) => one.name === name)!.reason;
    expect(reason('empty')).toMatch(/empty/);
    expect(reason('32-bit')).toMatch(/64-bit/);
    expect(reason('big-endian')).toMatch(/endian/);
    expect(reason('x86')).toMatch(/x86|RISC-V/);
    expect(reason('truncated')).toMatch(/truncated|ends|end of/i);
    expect(reason('outside-ram')).toMatch(/RAM|memory/);
  });

  it('does not keep the others from being graded', () => {
    expect(results.find(({ name }) => name === 'zz-good')).toMatchObject({ outcome: 'passed', score: 100 });
  });
});
