/** docs/gitlab/lab.yml: its script, as a job of GitLab runs it. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PATH_WITH_NODE, packingForTests, RUBRIC } from '../testkit/packing.ts';
import { ROOT } from '../testkit/program.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';

const { at, program } = packingForTests();

describe("GitLab's template", () => {
  const template = parse(readFileSync(join(ROOT, 'docs/gitlab/lab.yml'), 'utf8')) as {
    grade: { script: string[]; artifacts: { paths: string[]; reports: Record<string, string> } };
  };

  it('grades a lab, and leaves the reports that GitLab is to show', () => {
    const lab = at('gitlab');
    mkdirSync(join(lab, 'course'), { recursive: true });
    copyFileSync(program(), join(lab, 'course/bootgrade.mjs'));
    writeFileSync(join(lab, 'course/lab13.yaml'), RUBRIC.replace('../images/disk.img', '../../course/images/disk.img'));
    writeFileSync(join(lab, 'kernel.elf'), tinyKernel('bye'));
    const ended = spawnSync('bash', ['--norc', '-e', '-c', template.grade.script.join('\n')], {
      cwd: lab,
      encoding: 'utf8',
      env: { PATH: PATH_WITH_NODE },
    });
    // With --strict, the job fails as a check has failed.
    expect(ended).toMatchObject({ status: 1, stderr: '' });
    const { paths, reports } = template.grade.artifacts;
    expect(readFileSync(join(lab, reports['junit']!), 'utf8')).toContain('<testcase classname="');
    expect(JSON.parse(readFileSync(join(lab, reports['codequality']!), 'utf8'))).toBeInstanceOf(Array);
    const badge = readFileSync(join(lab, paths[0]!, 'class.badge.svg'), 'utf8');
    expect(badge).toContain('<title>score: 2.5/12.5</title>');
    expect(Object.values(reports).every((file) => file.startsWith(paths[0]!))).toBe(true);
  });
});
