/** `bootgrade pack`, whatever the platform, by the single file. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packingForTests, RUBRIC } from '../testkit/packing.ts';
import { ROOT } from '../testkit/program.ts';

const { at, bootgrade } = packingForTests(['gradescope', 'course/labs/hello.yaml', '--out', 'autograder.zip']);

describe('bootgrade pack', () => {
  it('makes the same bytes again, and replaces nothing', () => {
    const again = bootgrade('pack', 'gradescope', 'course/labs/hello.yaml', '--out', 'again.zip');
    expect(again).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('again.zip is an autograder.zip for Gradescope') as string,
    });
    expect(readFileSync(at('again.zip')).equals(readFileSync(at('autograder.zip')))).toBe(true);
    expect(bootgrade('pack', 'gradescope', 'course/labs/hello.yaml', '--out', 'again.zip')).toMatchObject({
      status: 2,
      stderr: 'bootgrade: --out: again.zip exists; move it, or name another path\n',
    });
  });

  it('says what it cannot pack', () => {
    const refused = (rubric: string, ...options: string[]) => bootgrade('pack', 'gradescope', rubric, '--out', 'none.zip', ...options);
    expect(refused('none.yaml')).toMatchObject({ status: 2, stderr: expect.stringContaining('none.yaml') as string });
    writeFileSync(at('course/labs/absolute.yaml'), RUBRIC.replace('../images/disk.img', at('course/images/disk.img')));
    expect(refused('course/labs/absolute.yaml')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('relative to the rubric') as string,
    });
    expect(refused(join(ROOT, 'rubrics/lab13-source.yaml'))).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('no compilers') as string,
    });
    expect(refused('course/labs/hello.yaml', '--program', 'course/labs/hello.yaml')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('is not the single file') as string,
    });
    expect(existsSync(at('none.zip'))).toBe(false);
  });
});
