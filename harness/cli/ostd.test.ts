/**
 * The sample kernel on OSTD, from its sources to its grade: built by Cargo, in the sandbox, without a network, by the rubric that fits the real
 * lab's tree; and once more for its lines, as the profile is set to leave debug information out. Takes two minutes. Skipped where Debian's Rust
 * is missing, or the crates, which submissions/ostd/vendor.sh fetches.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks, ostdCrates } from '../../testing/tools.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

let folder: TestFolder;
const { XDG_CACHE_HOME } = process.env;
beforeAll(() => {
  folder = new TestFolder();
  process.env['XDG_CACHE_HOME'] = folder.at('cache');
  const text = readFileSync('rubrics/lab13-ostd.yaml', 'utf8');
  const paths = { '../submissions/ostd-crates': resolve(ostdCrates()), '../submissions/ostd': resolve('submissions/ostd') };
  const here = Object.entries(paths).reduce((rubric, [from, to]) => rubric.replaceAll(`: ${from}\n`, `: ${to}\n`), text);
  const environment = '{ CARGO_PROFILE_RELEASE_DEBUG: "0", CARGO_PROFILE_RELEASE_STRIP: symbols }';
  folder.put(
    'lab.yaml',
    here.split('\nexpect:')[0]!.replace('\n    time: 15min\n', `\n    time: 15min\n    environment: ${environment}\n`),
  );
});
afterAll(() => {
  if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME;
  folder.remove();
});

const STUDENT = 'submissions/source-ostd/ostd-writable-data';
const FILE = 'src/drivers/virtio/blk.rs';

async function grade() {
  const { environment, out, err } = capture();
  const code = await bootgrade(['grade', folder.at('lab.yaml'), STUDENT, '--single', '--out', folder.at('out')], environment);
  const result = JSON.parse(folder.read('out/ostd-writable-data.json')) as SubmissionResult;
  return { code, out: out(), err: err(), result };
}

/** The lines of code that a report marks: of the course's files there are none. */
function markedLines(report: string): string[] {
  return [...new Set(Array.from(report.matchAll(/^ +> (\d+ \| .*)$/gm), ([, line]) => line!))];
}

/** The student's line at which the flag is stored. */
function culprit(): string {
  const lines = readFileSync(`${STUDENT}/${FILE}`, 'utf8').split('\n');
  const at = lines.findLastIndex((line) => line.includes('self.queue.submit_and_wait('));
  return `${at + 1} | ${lines[at]!.trim()}`;
}

describe.skipIf(lacks('bubblewrap', 'RISC-V gcc', 'OSTD toolchain'))('a Rust kernel on OSTD', () => {
  it('is built offline and graded, with the student’s line from a second build; in a second grading it is not built', async () => {
    const first = await grade();
    expect(first.code).toBe(0);
    expect(first.err).toContain('1 built: 1 anew, 0 from the cache');
    expect(first.result).toMatchObject({
      score: 66,
      kernel: { file: 'target/osdk/lab13-ostd.qemu_elf' },
      build: { outcome: 'built', taken: [FILE], missing: [], lines: 'second-build', noLines: null },
    });
    expect(markedLines(first.out)).toEqual([culprit()]);
    const second = await grade();
    expect(second.err).toContain('1 built: 0 anew, 1 from the cache');
    expect(second.out).toBe(first.out);
  }, 1_200_000);
});
