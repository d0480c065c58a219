/** The autograder for Classroom 50, run as its runner does. */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../../testing/tools.ts';
import { PATH_WITH_NODE, packingForTests } from '../../testkit/packing.ts';
import { tinyKernel } from '../../testkit/tiny-kernel.ts';

const { at, bootgrade } = packingForTests();

describe.skipIf(lacks('Python'))("the autograder for Classroom 50's runner", () => {
  const bundle = () => at('bundle');
  const repository = () => at('checkout');
  const git = (...argv: string[]) =>
    execFileSync('git', ['-C', repository(), '-c', 'user.name=s1001', '-c', 'user.email=s1001@example.com', ...argv], {
      env: { ...process.env, GIT_COMMITTER_DATE: '2026-10-01T14:00:00+02:00' },
    });

  beforeAll(() => {
    const packed = bootgrade('pack', 'classroom50', 'course/labs/hello.yaml', '--out', 'bundle');
    expect(packed).toMatchObject({ status: 0, stderr: expect.stringContaining('hello.yaml has hidden checks') as string });
    mkdirSync(repository());
    writeFileSync(join(repository(), 'kernel.elf'), tinyKernel('bye'));
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'Done');
  });

  /** The environment that the wiki lists, in the student's checkout. */
  function run() {
    const of = { CLASSROOM: 'os', ASSIGNMENT: 'hello', ASSIGNMENT_TYPE: 'individual', USERNAME: 's1001', OWNER: 's1001' };
    const urls = { COMMIT_URL: 'https://example.org/c', RELEASE_URL: 'https://example.org/r', REVIEW_URL: 'https://example.org/d' };
    const env = { PATH: PATH_WITH_NODE, HOME: at(), ...of, ...urls, SUBMISSION_TAG: 'submit/2026-10-01T12-00-00Z-abc1234' };
    return spawnSync('python3', [join(bundle(), 'autograder.py')], { cwd: repository(), encoding: 'utf8', env });
  }

  it('leaves result.json, with the time of the commit, and the body of the release', () => {
    expect(run()).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(readFileSync(join(repository(), 'result.json'), 'utf8'))).toMatchObject({
      schema: 'classroom50/result/v1',
      classroom: 'os',
      owner: 's1001',
      submission: 'submit/2026-10-01T12-00-00Z-abc1234',
      datetime: '2026-10-01T12:00:00Z',
      score: 250,
      'max-score': 1250,
    });
    const body = readFileSync(join(repository(), 'release-body.md'), 'utf8');
    expect(body).toContain('says-hello');
    expect(body).not.toContain('powers-off');
  });

  it('writes through no link that the student has committed', () => {
    for (const name of ['result.json', 'release-body.md']) {
      rmSync(join(repository(), name));
      symlinkSync(at(`outside-${name}`), join(repository(), name));
    }
    writeFileSync(at('outside-result.json'), 'theirs');
    expect(run()).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(at('outside-result.json'), 'utf8')).toBe('theirs');
    expect(existsSync(at('outside-release-body.md'))).toBe(false);
    expect(readFileSync(join(repository(), 'result.json'), 'utf8')).toContain('classroom50/result/v1');
  });

  it('ends with a code that is not 0, and no result, where the grader fails', () => {
    writeFileSync(join(repository(), 'result.json'), '{"score": 1250}');
    writeFileSync(join(bundle(), 'course/rubric/bootgrade-rubric.yaml'), 'rubric: 2\n');
    expect(run().status).toBe(2);
    expect(existsSync(join(repository(), 'result.json'))).toBe(false);
  });
});
