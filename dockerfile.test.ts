/** The Dockerfile: linted where hadolint is installed, built and tried where an engine runs. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { lacks } from './testing/tools.ts';

const ROOT = import.meta.dirname;

it.skipIf(lacks('hadolint'))('the Dockerfile has nothing that a linter complains of', () => {
  const { status, stdout } = spawnSync('hadolint', ['--no-color', 'Dockerfile'], { cwd: ROOT, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

it('the Dockerfile has the toolchains that the sample kernels are built with', () => {
  const text = readFileSync(`${ROOT}/Dockerfile`, 'utf8');
  const rust = ['cargo-web', 'libstd-rust-web-dev', 'rust-web-src', 'rustc-web'].map((name) => `${name}=1.85.*`);
  for (const name of ['bubblewrap', 'gcc-riscv64-linux-gnu', 'git', 'lld-19', 'make', ...rust]) {
    expect(text.split(/\s+/), name).toContain(name);
  }
});

describe.skipIf(lacks('Docker engine'))('the image', () => {
  const image = `bootgrade-test-${process.pid}`;
  const docker = (...argv: string[]) => execFileSync('docker', argv, { cwd: ROOT, encoding: 'utf8' });
  afterAll(() => docker('rmi', '-f', image), 120_000);

  it('is built, and grades a hand-in that it has to build, in its sandbox', () => {
    docker('build', '-q', '-t', image, '.');
    const options = ['--security-opt', 'seccomp=unconfined', '--security-opt', 'systempaths=unconfined'];
    const run = (...argv: string[]) => docker('run', '--rm', '--network', 'none', ...options, '-v', `${ROOT}:/course:ro`, image, ...argv);
    expect(run('grade', 'rubrics/lab13-source.yaml', 'submissions/source/passes', '--single', '--out', '/tmp/out')).toContain('100/100');
  }, 1_500_000);
});
