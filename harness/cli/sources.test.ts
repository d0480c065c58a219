/** Lab 13 graded from sources: the sample class, built here, gets the grades of the sample class that was built before. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lacks } from '../../testing/tools.ts';
import type { SubmissionResult } from '../result/result.ts';
import { zip } from '../testkit/archives.ts';
import { capture, TestFolder } from '../testkit/command.ts';
import { bootgrade } from './bootgrade.ts';

const RUBRIC = 'rubrics/lab13-source.yaml';

let folder: TestFolder;
const { XDG_CACHE_HOME } = process.env;
beforeAll(() => {
  folder = new TestFolder();
  process.env['XDG_CACHE_HOME'] = folder.at('cache');
});
afterAll(() => {
  if (XDG_CACHE_HOME === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = XDG_CACHE_HOME;
  folder.remove();
});

describe('a rubric for sources', () => {
  const [built, source, ostd] = ['rubrics/lab13.yaml', RUBRIC, 'rubrics/lab13-ostd.yaml'].map((file) => parse(readFileSync(file, 'utf8')));
  const isOstd = (name: string) => name.startsWith('ostd-');
  const expected = (of: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(built.expect.submissions).filter(([name]) => of(name)));

  it('in C differs from lab13.yaml in where kernels come from, and in nothing else', () => {
    expect(source.submission).toMatchObject({ base: '../submissions/c', take: 'write_block.c' });
    expect({ ...source, submission: null }).toEqual({
      ...built,
      submission: null,
      expect: { ...built.expect, folder: '../submissions/source', submissions: expected((name) => !isOstd(name)) },
    });
  });

  it('in Rust as well, and it fits the tree of the real lab', () => {
    expect(ostd.submission).toEqual({
      base: '../submissions/ostd',
      take: 'src/drivers/virtio/blk.rs',
      build: { steps: ['make build'], time: '15min', dependencies: '../submissions/ostd-crates' },
      kernel: 'target/osdk/*.qemu_elf',
    });
    expect({ ...ostd, submission: null }).toEqual({
      ...built,
      submission: null,
      expect: { folder: '../submissions/source-ostd', submissions: expected(isOstd) },
    });
  });
});

describe.skipIf(lacks('bubblewrap', 'RISC-V gcc'))('the sample class', () => {
  async function grade(...argv: string[]) {
    const { environment, out, err } = capture();
    const code = await bootgrade(['grade', RUBRIC, ...argv, '--out', folder.at('out'), '--json', '--no-explain'], environment);
    return { code, results: (JSON.parse(out()) as { results: SubmissionResult[] }).results, err: err() };
  }

  it('gets the grades of the kernels that were built before, and is built once', async () => {
    const expected = parse(readFileSync(RUBRIC, 'utf8')).expect.submissions as Record<string, { score: number }>;
    const first = await grade('submissions/source');
    expect(Object.fromEntries(first.results.map(({ name, score }) => [name, score]))).toEqual(
      Object.fromEntries(Object.entries(expected).map(([name, { score }]) => [name, score])),
    );
    expect(first.err).toContain('bootgrade: 15 built: 15 anew, 0 from the cache\n');
    const second = await grade('submissions/source');
    expect(second.err).toContain('bootgrade: 15 built: 0 anew, 15 from the cache\n');
    expect(second.results).toEqual(first.results);
    // Graded again from its record, without a compiler.
    const again = capture();
    expect(await bootgrade(['regrade', RUBRIC, folder.at('out'), '--out', folder.at('again'), '--json'], again.environment)).toBe(0);
    const { results } = JSON.parse(again.out()) as { results: SubmissionResult[] };
    expect(results.map(({ build }) => build)).toEqual(first.results.map(({ build }) => build));
    expect(first.results[0]!.build).toMatchObject({ outcome: 'built', folder: '/build', taken: ['write_block.c'] });
  });

  it('a student whose file does not compile reads the compiler’s words first', async () => {
    folder.put('class/s1001/write_block.c', '#include "virtio_blk.h"\nuint8_t write_block(void) { return 1 }\n');
    folder.put('class/s1002/report.pdf', 'no sources');
    const { environment, out } = capture();
    expect(await bootgrade(['grade', RUBRIC, folder.at('class'), '--out', folder.at('out')], environment)).toBe(0);
    expect(out()).toMatch(
      /s1001 .*\nthe build failed: write_block\.c:2:9: error: conflicting types for .write_block.*\(and 1 further error\)\n/,
    );
    expect(out()).toContain('\n      1 | #include "virtio_blk.h"\n    > 2 | uint8_t write_block(void) { return 1 }\n');
    expect(out()).toContain('  write_block.c:2:37: error: expected');
    expect(out()).toMatch(/s1002 .*\n.*report\.pdf is not write_block\.c, the file that the lab takes/);
  });

  it('a single source file stands for the one that the lab takes, however it was handed in', async () => {
    const right = readFileSync('submissions/source/passes/write_block.c');
    const lone = new TestFolder();
    lone.put('class/s1001.c', right);
    lone.put('class/s1002/mine.c', right);
    lone.put('class/s1003.zip', zip([{ name: 'lab13/other.c', data: right }]));
    lone.put(
      'class/s1004/lab.zip',
      zip([
        { name: 'write_block.c', data: right },
        { name: 'README.md', data: 'x' },
      ]),
    );
    lone.put('class/s1004/notes.txt', 'see the archive');
    lone.put('class/s1005.rs', 'fn main() {}');
    lone.put('class/s1006/a.c', right);
    lone.put('class/s1006/b.c', right);
    const parts = [
      { name: 'alicea_17_456_write_block-1.c', data: right },
      { name: 'bobb_18_457_lab.zip', data: zip([{ name: 'lab13/write_block.c', data: right }]) },
      { name: 'bobb_18_458_notes.txt', data: 'done' },
    ];
    lone.put('export.zip', zip(parts));
    const scores = async (path: string) =>
      Object.fromEntries(
        (await grade(lone.at(path))).results.map(({ name, score, reason, build }) => [
          name,
          build?.taken.join() === 'write_block.c' ? score : reason,
        ]),
      );
    expect(await scores('class')).toEqual({
      's1001.c': 100,
      s1002: 100,
      s1003: 100,
      s1004: 100,
      's1005.rs': 's1005.rs is not write_block.c, the file that the lab takes',
      s1006: 'nothing in it matches write_block.c',
    });
    expect(await scores('export.zip')).toEqual({ alicea_17: 100, bobb_18: 100 });
    expect(await scores('class/s1001.c')).toEqual({ 's1001.c': 100 });
    lone.remove();
  });

  it('a student whose file has a name of its own reads its lines, and none of the course’s', async () => {
    const source = readFileSync('submissions/source/wrong-type/write_block.c', 'utf8');
    folder.put('named/s1001/mine.c', source.replace('uint8_t write_block(', 'static int unused;\nuint8_t write_block('));
    const { environment, out } = capture();
    expect(await bootgrade(['grade', RUBRIC, folder.at('named'), '--out', folder.at('out')], environment)).toBe(0);
    expect(out()).toMatch(/type stored at {2}mine\.c:6 write_block\n(?: +\d \|.*\n)+ +> 6 \| {3}disk->header\.type = VIRTIO_BLK_T_IN;\n/);
    expect(out()).toContain('called from  main.c:33 test_write');
    expect(out()).not.toMatch(/\| .*test_write/);
    expect(out()).toMatch(/1 warning of the compiler:\n +mine\.c:4:12: warning: .unused. defined but not used/);
  });
});
