/** The image for PrairieLearn: its script, in a folder that is laid out as PrairieLearn does. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../../testing/tools.ts';
import { lint, PATH_WITH_NODE, packingForTests } from '../../testkit/packing.ts';
import { tinyKernel } from '../../testkit/tiny-kernel.ts';

const { at, bootgrade } = packingForTests();

describe('the image for PrairieLearn', () => {
  const image = () => at('image');
  beforeAll(() => {
    expect(bootgrade('pack', 'prairielearn', 'course/labs/hello.yaml', '--out', 'image')).toMatchObject({ status: 0, stderr: '' });
  });

  /** /grade as PrairieLearn's documentation has it. */
  function run(name: string, files: Record<string, Uint8Array | string>, script = join(image(), 'grade.sh')) {
    const root = at(name);
    mkdirSync(join(root, 'student'), { recursive: true });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(root, 'student', file), content);
    const { status } = spawnSync('bash', [script], { cwd: '/', encoding: 'utf8', env: { PATH: PATH_WITH_NODE, GRADE_ROOT: root } });
    return { status, results: JSON.parse(readFileSync(join(root, 'results/results.json'), 'utf8')) as unknown };
  }

  it('grades what was handed in, and shows nothing hidden', () => {
    const { status, results } = run('grade-1', { 'kernel.elf': tinyKernel('bye') });
    expect(status).toBe(0);
    expect(results).toMatchObject({ gradable: true, score: 2.5 / 12.5 });
    expect(JSON.stringify(results)).not.toContain('powers-off');
    expect(run('grade-2', {}).results).toMatchObject({ gradable: true, score: 0 });
  });

  it('leaves a result that costs no attempt where the grader fails', () => {
    const broken = at('broken');
    cpSync(image(), broken, { recursive: true });
    writeFileSync(join(broken, 'course/rubric/bootgrade-rubric.yaml'), 'rubric: 2\n');
    expect(run('grade-3', { 'kernel.elf': tinyKernel('bye') }, join(broken, 'grade.sh'))).toMatchObject({
      status: 2,
      results: { gradable: false },
    });
    rmSync(join(broken, 'bootgrade.mjs'));
    expect(run('grade-4', {}, join(broken, 'grade.sh')).results).toMatchObject({ gradable: false });
  });

  it.skipIf(lacks('hadolint'))('has a Dockerfile that hadolint passes', () => {
    expect(lint('hadolint', join(image(), 'Dockerfile'))).toMatchObject({
      status: 0,
      stdout: '',
    });
  });

  it.skipIf(lacks('shellcheck'))('has a script that shellcheck passes', () => {
    expect(lint('shellcheck', join(image(), 'grade.sh'))).toMatchObject({ status: 0, stdout: '' });
  });
});
