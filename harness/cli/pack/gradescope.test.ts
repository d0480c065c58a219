/** The package for Gradescope, in a folder that is laid out as Gradescope does. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lacks } from '../../../testing/tools.ts';
import { PATH_WITH_NODE, packingForTests } from '../../testkit/packing.ts';
import { tinyKernel } from '../../testkit/tiny-kernel.ts';
import { NODE_VERSION } from './platform.ts';

const { at } = packingForTests(['gradescope', 'course/labs/hello.yaml', '--out', 'autograder.zip']);

describe.skipIf(lacks('Python'))('the package for Gradescope', () => {
  let root: string;
  let count = 0;

  /** /autograder as Gradescope's documentation has it: the archive in source/, its run_autograder beside it. */
  function layOut(metadata?: string) {
    root = at(`autograder-${++count}`);
    mkdirSync(join(root, 'submission'), { recursive: true });
    // Platforms unpack it with tools that are not ours, too.
    const unpack = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])';
    execFileSync('python3', ['-c', unpack, at('autograder.zip'), join(root, 'source')]);
    copyFileSync(join(root, 'source/run_autograder'), join(root, 'run_autograder'));
    chmodSync(join(root, 'run_autograder'), 0o755);
    if (metadata !== undefined) writeFileSync(join(root, 'submission_metadata.json'), metadata);
  }

  function run(environment: Record<string, string> = {}) {
    const ended = spawnSync(join(root, 'run_autograder'), {
      cwd: '/',
      encoding: 'utf8',
      env: { PATH: PATH_WITH_NODE, AUTOGRADER_ROOT: root, ...environment },
    });
    return { ...ended, results: JSON.parse(readFileSync(join(root, 'results/results.json'), 'utf8')) as Results };
  }

  interface Results {
    readonly score?: number;
    readonly output: string;
    readonly tests?: readonly { name: string; score: number; output: string; visibility: string }[];
  }

  /** As Gradescope's "Submission Metadata" shows it. */
  const metadata = (previous: number, created: string, own?: string) =>
    JSON.stringify({
      id: 123456,
      created_at: created,
      assignment: {
        due_date: '2026-07-31T23:00:00.000000-07:00',
        late_due_date: null,
        title: 'Programming Assignment 1',
        total_points: '20.0',
      },
      submission_method: 'upload',
      users: [{ email: 's1001@example.com', id: 1234, name: 's1001', ...(own === undefined ? {} : { assignment: { due_date: own } }) }],
      previous_submissions: Array.from({ length: previous }, () => ({ submission_time: created, score: 0, results: {} })),
    });

  it('grades what was handed in, with the attempt and the due date of the metadata', () => {
    layOut(metadata(2, '2026-08-01T00:30:00.365935-07:00'));
    writeFileSync(join(root, 'submission/kernel.elf'), tinyKernel('bye'));
    const { status, results } = run();
    expect(status).toBe(0);
    expect(results.score).toBe(2.5);
    expect(results.output).toMatch(/^handed in 2026-08-01T00:30:00.*, 1 day late \(5,400 s\), attempt 3\n/);
    // The hint of the third attempt, and what is hidden marked so.
    expect(results.tests![0]).toMatchObject({
      score: 0,
      output: expect.stringContaining('UART at 0x10000000') as string,
      visibility: 'visible',
    });
    expect(results.tests![1]).toMatchObject({ score: 2.5, visibility: 'hidden' });
  });

  it("takes the student's own due date, which an extension has moved", () => {
    layOut(metadata(0, '2026-08-01T00:30:00.365935-07:00', '2026-08-07T23:00:00.000000-07:00'));
    writeFileSync(join(root, 'submission/kernel.elf'), tinyKernel('hello'));
    expect(run().results).toMatchObject({ score: 12.5, output: expect.stringMatching(/in time, attempt 1\n/) as string });
  });

  it.each([undefined, 'no JSON', '[]', '{"previous_submissions": 7, "users": [1], "assignment": []}'])(
    'grades with the metadata %j',
    (text) => {
      layOut(text);
      writeFileSync(join(root, 'submission/kernel.elf'), tinyKernel('hello'));
      expect(run()).toMatchObject({ status: 0, results: { score: 12.5 } });
    },
  );

  it('gives 0 points and the reason where no kernel was handed in', () => {
    layOut(metadata(0, '2026-07-01T00:00:00.000000-07:00'));
    writeFileSync(join(root, 'submission/notes.txt'), '');
    expect(run()).toMatchObject({ status: 0, results: { score: 0, output: expect.stringContaining('no kernel was found') as string } });
  });

  it('leaves a result without a score where the grader fails, which is no zero', () => {
    layOut(metadata(0, '2026-07-01T00:00:00.000000-07:00'));
    writeFileSync(join(root, 'submission/kernel.elf'), tinyKernel('hello'));
    writeFileSync(join(root, 'source/course/rubric/bootgrade-rubric.yaml'), 'rubric: 2\n');
    const broken = run();
    expect(broken.status).toBe(2);
    expect(broken.results).not.toHaveProperty('score');
    expect(broken.results.output).toContain('The grader failed, not your submission');
    // Where not even Node starts, there is a result all the same.
    rmSync(join(root, 'source/bootgrade.mjs'));
    rmSync(join(root, 'results'), { recursive: true });
    const none = run();
    expect(none.status).not.toBe(0);
    expect(none.results).not.toHaveProperty('score');
    expect(none.results.output).toContain('The grader did not start');
  });

  it.skipIf(lacks('shellcheck'))('has scripts that shellcheck passes', () => {
    layOut();
    const scripts = ['setup.sh', 'run_autograder'].map((name) => join(root, 'source', name));
    expect(spawnSync('shellcheck', scripts, { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: '' });
  });

  describe('setup.sh', () => {
    const machine = process.arch === 'arm64' ? 'arm64' : 'x64';
    const archive = `node-v${NODE_VERSION}-linux-${machine}.tar.gz`;

    /** Runs it with a nodejs.org of our own, from which `curl` copies, and a Node that prints a word. */
    function setUp(sumOf: (bytes: Buffer) => string) {
      layOut();
      const site = join(root, 'site');
      const node = join(site, archive.replace('.tar.gz', ''), 'bin/node');
      mkdirSync(join(node, '..'), { recursive: true });
      writeFileSync(node, '#!/bin/sh\necho installed\n', { mode: 0o755 });
      execFileSync('tar', ['-czf', join(site, archive), '-C', site, archive.replace('.tar.gz', '')]);
      const sum = sumOf(readFileSync(join(site, archive)));
      writeFileSync(join(site, 'SHASUMS256.txt'), `${sum}  ${archive}\n${'0'.repeat(64)}  node-v${NODE_VERSION}.tar.gz\n`);
      mkdirSync(join(root, 'bin'));
      writeFileSync(join(root, 'bin/curl'), `#!/bin/sh\nprintf '%s\\n' "$2" >>'${root}/asked'\ncp '${site}'/"\${2##*/}" .\n`, {
        mode: 0o755,
      });
      mkdirSync(join(root, 'prefix'));
      const env = { PATH: [join(root, 'bin'), process.env['PATH']].join(delimiter), NODE_PREFIX: join(root, 'prefix') };
      return spawnSync('bash', [join(root, 'source/setup.sh')], { cwd: root, encoding: 'utf8', env });
    }

    it('installs the pinned Node from nodejs.org', () => {
      expect(setUp((bytes) => createHash('sha256').update(bytes).digest('hex'))).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('installed') as string,
      });
      const folderOf = `https://nodejs.org/dist/v${NODE_VERSION}`;
      expect(readFileSync(join(root, 'asked'), 'utf8')).toBe(`${folderOf}/${archive}\n${folderOf}/SHASUMS256.txt\n`);
    });

    it('installs nothing whose checksum is a different one', () => {
      expect(setUp(() => 'f'.repeat(64)).status).not.toBe(0);
      expect(existsSync(join(root, 'prefix/bin'))).toBe(false);
    });
  });
});
