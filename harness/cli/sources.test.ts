/** Lab 13 graded from sources: the sample class, built here, gets the grades of the sample class that was built before. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lacks } from '../../testing/tools.ts';
import type { SubmissionResult } from '../result/result.ts';
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

it('differs from lab13.yaml in where kernels come from, and in nothing else', () => {
  const [built, source] = ['rubrics/lab13.yaml', RUBRIC].map((file) => parse(readFileSync(file, 'utf8')));
  expect(source.submission).toMatchObject({ base: '../submissions/c', take: 'write_block.c' });
  const submissions = Object.entries(built.expect.submissions).filter(([name]) => !name.startsWith('ostd-'));
  expect({ ...source, submission: null }).toEqual({
    ...built,
    submission: null,
    expect: { ...built.expect, folder: '../submissions/source', submissions: Object.fromEntries(submissions) },
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
    expect(out()).toMatch(/s1001 .*\nthe build failed: write_block\.c:2:9: conflicting types for .write_block./);
    expect(out()).toContain('  write_block.c:2:37: error: expected');
    expect(out()).toMatch(/s1002 .*\n.*it is not write_block\.c, the file that the lab takes/);
  });
});
