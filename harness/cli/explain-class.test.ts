/**
 * What a student of the sample class is told about the line that did it: every failing variant, through the same steps as `grade`.
 * Lines are looked up in the variant's source.
 */

import { readFileSync } from 'node:fs';
import picocolors from 'picocolors';
import { beforeAll, describe, expect, it } from 'vitest';
import { gradeSubmission } from '../grade/grade.ts';
import { machineHost } from '../grading/processes/machine-host.ts';
import { type Explain, imagesOf, runAndHold } from '../grading/run-submission.ts';
import { terminalReport } from '../report/terminal.ts';
import type { Rubric } from '../rubric/types.ts';
import { kernelOf } from '../submission/kernel.ts';
import { TestFolder } from '../testkit/command.ts';
import { lineOf, sampleKernelFile, stripped } from '../testkit/sample-kernels.ts';
import { readRubric } from './read-rubric.ts';

const HOST = machineHost('bootgrade test');
const PLAIN = picocolors.createColors(false);
let rubric: Rubric;
beforeAll(async () => {
  rubric = await readRubric(new URL('../../rubrics/lab13.yaml', import.meta.url).pathname);
});

function reportOf(file: string, explain: Explain = 'failures') {
  const result = gradeSubmission(rubric, ranFrom(rubric, file, explain).graded, 'student');
  return { score: result.score, text: terminalReport(result, PLAIN) };
}

function ranBy(by: Rubric, variant: string, explain: Explain) {
  return ranFrom(by, sampleKernelFile(variant), explain);
}

function ranFrom(by: Rubric, file: string, explain: Explain) {
  const submission = { name: 'x', kernel: kernelOf({ path: file, file: 'kernel.elf' }), sources: null };
  return runAndHold(submission, { rubric: by, images: imagesOf(by), host: HOST, attempt: 1, explain, enter: () => {} });
}

const FLAGS = () => `virtqueue.c:${lineOf('c/virtqueue.c', 'desc->flags =')} virtqueue_add`;
const LENGTH = () => `virtqueue.c:${lineOf('c/virtqueue.c', 'desc->length =')} virtqueue_add`;
const WAIT = () => `virtqueue.c:${lineOf('c/virtqueue.c', 'while (queue->memory->used.idx')} virtqueue_wait`;

/** Variant; what is said, with the place of the innermost line; the text in the variant's own source that the next line names. */
const STORED: readonly [variant: string, lead: string, place: () => string, own: string][] = [
  ['writable-data', 'flags of desc 4 stored at', FLAGS, 'virtqueue_add('],
  ['header-writable', 'flags of desc 3 stored at', FLAGS, 'virtqueue_add('],
  ['status-not-writable', 'flags of desc 5 stored at', FLAGS, 'virtqueue_add('],
  ['no-status-descriptor', 'flags of desc 4 stored at', FLAGS, 'virtqueue_add('],
  ['wrong-length', 'length of desc 4 stored at', LENGTH, 'virtqueue_add('],
  ['no-notify', 'looping at', WAIT, 'virtqueue_wait('],
  ['header-writable', 'looping at', WAIT, 'virtqueue_wait('],
];

const OWN: readonly [variant: string, lead: string, own: string][] = [
  ['wrong-type', 'type stored at', 'header.type ='],
  ['unknown-type', 'type stored at', 'header.type ='],
  ['copy-of-read', 'type stored at', 'header.type ='],
  ['wrong-sector', 'sector stored at', 'header.sector ='],
  ['panics', 'panicked in', 'panic('],
];

describe('a report names the line that did it', () => {
  it.each(STORED)('%s: %s', (variant, lead, place, own) => {
    const { text } = reportOf(sampleKernelFile(variant));
    const lines = text.split('\n').map((line) => line.trim());
    const at = lines.indexOf(`${lead}  ${place()}`);
    expect(at).toBeGreaterThan(0);
    expect(lines[at + 1]).toBe(`called from  variants/${variant}.c:${lineOf(`source/${variant}/write_block.c`, own)} write_block`);
  });

  it.each(OWN)('%s: %s', (variant, lead, own) => {
    const { text } = reportOf(sampleKernelFile(variant));
    expect(text).toContain(`${lead}  variants/${variant}.c:${lineOf(`source/${variant}/write_block.c`, own)} write_block\n`);
  });

  it.each([
    ['no-write', () => `main.c:${lineOf('c/main.c', 'print("Testing block device write')} test_write`],
    [
      'fakes-console',
      () => `fakes-console.c:${lineOf('source/fakes-console/write_block.c', 'print("Testing block device write')} riscv_boot`,
    ],
  ])('%s: where it said that it would write', (variant, place) => {
    const { text } = reportOf(sampleKernelFile(variant));
    expect(text).toMatch(/the text was printed at {2}sbi\.c:\d+ sbi_console_write_byte/);
    expect(text).toContain(place());
  });

  it('and nothing that is only there because the device read no further', () => {
    const { text } = reportOf(sampleKernelFile('header-writable'));
    expect(text).toContain('the header is device-writable');
    expect(text).toContain('write-status-byte  skipped: needs write-header');
    expect(text).not.toMatch(/511 B|length of desc|status: unknown|flags of desc [45]/);
  });

  it('and the framework that it went through is left out', () => {
    const { text } = reportOf(sampleKernelFile('ostd-writable-data'));
    const queue = 'ostd/src/drivers/virtio/queue.rs';
    expect(text).toContain(`flags of desc 1 stored at  src/drivers/virtio/queue.rs:${lineOf(queue, 'self.memory.write_once(')} write\n`);
    expect(text).toMatch(/ src\/drivers\/virtio\/blk\.rs:\d+ write_block\n/);
    expect(text).not.toMatch(/write_volatile|\/rust\/|\/crates\//);
  });
});

describe('a rule that a driver breaks', () => {
  const NOTIFIED = () => `called from  virtqueue.c:${lineOf('c/virtqueue.c', 'QUEUE_NOTIFY')} virtqueue_notify`;

  /** The lines about a rule, up to the next rule. */
  function linesAbout(text: string, rule: string): string[] {
    const lines = text.split('\n').map((line) => line.trim());
    const at = lines.findIndex((line) => line.startsWith(`must   ${rule} `));
    const end = lines.findIndex((line, index) => index > at && /^(must|should) /.test(line));
    return at < 0 ? [] : lines.slice(at, end < 0 ? undefined : end);
  }

  it.each([
    ['writable-data', 'write-data-writable', 'flags of desc 4 stored at', FLAGS, 'desc 4  data'],
    ['wrong-length', 'data-length', 'length of desc 4 stored at', LENGTH, 'desc 4  data'],
    ['no-status-descriptor', 'status-missing', 'flags of desc 4 stored at', FLAGS, 'desc 4  data'],
  ])('%s: is told with the request, the store that is to blame, and the notify', (variant, rule, lead, place, row) => {
    // Without the checks that draw the same request themselves.
    const by = { ...rubric, checks: rubric.checks.slice(0, 1) };
    const lines = linesAbout(terminalReport(gradeSubmission(by, ranBy(by, variant, 'failures').graded, 'student'), PLAIN), rule);
    expect(lines[1]).toMatch(/^request #\d+, OUT, sector \d+, after [\d,]+ instructions$/);
    expect(lines.find((line) => line.startsWith(row))).toMatch(/ expected: (a different length|different flags|device reads)$/);
    expect(lines).toContain(`${lead}  ${place()}`);
    const notified = lines.findIndex((line) => /^notified at {2}virtio_mmio\.h:\d+ virtio_mmio_write$/.test(line));
    expect(lines.slice(notified + 1, notified + 3)).toEqual([
      NOTIFIED(),
      `variants/${variant}.c:${lineOf(`source/${variant}/write_block.c`, 'virtqueue_notify(')} write_block`,
    ]);
  });
});

describe('a race', () => {
  const READ = () => `read at  variants/no-wait.c:${lineOf('source/no-wait/write_block.c', 'return disk->status')} write_block\n`;
  const WORDS = 'the status byte of request 2 was read before the device wrote it';
  const unwatched = (): Rubric => ({ ...rubric, scenarios: rubric.scenarios.map((one) => ({ ...one, races: false })) });

  it('is told with its line where the rubric watches for it', () => {
    const { score, text } = reportOf(sampleKernelFile('no-wait'));
    expect(score).toBe(100);
    expect(text).toContain(WORDS);
    expect(text).toContain(READ());
  });

  it('is looked for with --explain, and changes neither score nor what the run itself left', () => {
    const [plain, explained] = (['failures', 'everything'] as const).map((explain) => ranBy(unwatched(), 'no-wait', explain));
    const [before, after] = [plain!, explained!].map((ran) => gradeSubmission(rubric, ran!.graded, 'student'));
    expect(terminalReport(before!, PLAIN)).not.toMatch(/race|no-wait\.c:\d/);
    expect(terminalReport(after!, PLAIN)).toContain(READ());
    expect([after!.score, after!.checks]).toEqual([before!.score, before!.checks]);
    for (const [name, { evidence }] of explained!.left) {
      expect({ ...evidence, explanations: null }).toEqual({ ...plain!.left.get(name)!.evidence, explanations: null });
    }
  });

  it('is none of a driver that waits', () => {
    const { left } = ranBy(unwatched(), 'passes', 'everything');
    expect([...left.values()].map(({ evidence }) => evidence.explanations)).toEqual([null, null]);
  });
});

describe('without explanations', () => {
  it('the score is the same, and no line is named', () => {
    const [explained, plain] = (['failures', 'nothing'] as const).map((explain) =>
      reportOf(sampleKernelFile('no-status-descriptor'), explain),
    );
    expect(plain!.score).toBe(explained!.score);
    expect(plain!.text).not.toMatch(/stored at|\.c:\d/);
    // What is polled is in the evidence of the first run.
    expect(plain!.text).toContain('the kernel polls used.idx of queue 0 of blk');
  });

  it('a kernel without symbols gets addresses, and the reason', () => {
    const folder = new TestFolder();
    try {
      folder.put('kernel.elf', stripped(readFileSync(sampleKernelFile('writable-data'))));
      const { text, score } = reportOf(folder.at('kernel.elf'));
      expect(score).toBe(66);
      expect(text).toMatch(/flags of desc 4 stored at {2}0x802[0-9a-f]{5}\n/);
      expect(text.split('the kernel has neither symbols nor debug information')).toHaveLength(2);
      expect(text).toMatch(/\n note: the kernel has .*add -g .*do not strip the file\. That changes no verdict\.\n/);
    } finally {
      folder.remove();
    }
  });
});
