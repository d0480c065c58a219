/** The built command, stopped while a build runs, refused a sandbox, or told to do without one. Skipped where bubblewrap cannot run. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lacks } from '../../testing/tools.ts';
import { TestFolder } from '../testkit/command.ts';
import { buildProgram, ended } from '../testkit/program.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';

/** What a build of this test sleeps for, so that it is found among all processes. */
const SECONDS = `7${process.pid}`;

const rubric = (steps: string) => `rubric: 1
title: Say hello
machine: { cpu: rv64, memory: 16M, drives: { blk: { size: 1M } } }
submission:
  base: course
  take: own.sh
  build: { steps: ${JSON.stringify(steps)} }
  kernel: kernel.elf
scenarios: { hello: { limit: 1ms guest } }
checks: [{ id: says-hello, title: Hello, points: 10, console: hello }]
`;

let folder: TestFolder;
let program: string;

beforeAll(() => {
  folder = new TestFolder();
  program = buildProgram(folder);
  chmodSync(folder.path, 0o755);
  mkdirSync(folder.at('tmp'));
  folder.put('course/hello.elf', tinyKernel('hello'));
  folder.put('lab.yaml', rubric('sh own.sh'));
  folder.put('class/s1001/own.sh', 'cp hello.elf kernel.elf\n');
  folder.put('class/s1002/own.sh', 'echo "$HOME" > where; cp hello.elf kernel.elf\n');
  folder.put('sleeping/s1001/own.sh', `cp hello.elf kernel.elf; sleep ${SECONDS}\n`);
}, 120_000);
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  folder.remove();
}, 60_000);

/** A test that fails must leave nothing that runs. */
const started: ChildProcess[] = [];

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, TMPDIR: folder.at('tmp'), XDG_CACHE_HOME: folder.at('cache') };
}

function argv(of: string, ...options: string[]): string[] {
  return [program, 'grade', folder.at('lab.yaml'), folder.at(of), '--out', folder.at('out'), ...options];
}

function start(of: string, ...options: string[]): ChildProcess {
  const child = spawn(process.execPath, argv(of, ...options), { env: environment(), stdio: ['ignore', 'ignore', 'pipe'] });
  started.push(child);
  return child;
}

function grade(of: string, ...options: string[]) {
  return spawnSync(process.execPath, argv(of, ...options), { env: environment(), encoding: 'utf8' });
}

/** Processes that sleep for this test. */
function sleepers(): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').startsWith(`sleep\0${SECONDS}\0`);
    } catch {
      return false;
    }
  });
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await setTimeout(20);
}

const scratch = () => readdirSync(folder.at('tmp')).filter((name) => name.startsWith('bootgrade-scratch-'));

/** Starts grading a class whose build sleeps, and returns when it does. */
async function whileBuilding(...options: string[]) {
  const child = start('sleeping', ...options);
  const end = ended(child);
  await until(() => sleepers().length > 0);
  expect(scratch()).not.toEqual([]);
  return { child, end };
}

describe.skipIf(lacks('bubblewrap'))('a build that is under way', () => {
  it.each([
    ['SIGINT', 130, '--quiet'],
    ['SIGTERM', 143, '--quiet'],
    ['SIGINT', 130, '--unsandboxed'],
  ] as const)(
    'ends with the command at %s, and leaves neither processes nor folders (%s, %s)',
    async (signal, code, option) => {
      const { child, end } = await whileBuilding(option);
      child.kill(signal);
      const { code: exit, err } = await end;
      expect(exit).toBe(code);
      expect(err).toContain('stopped after building 0 of 1 submissions; the same command goes on from there');
      await until(() => sleepers().length === 0);
      expect(scratch()).toEqual([]);
    },
    120_000,
  );

  it('ends with the command at kill -9, and the next command removes what it has left', async () => {
    const { child, end } = await whileBuilding();
    child.kill('SIGKILL');
    expect((await end).code).toBeNull();
    // The sandbox dies with the process that has started it.
    await until(() => sleepers().length === 0);
    expect(scratch()).not.toEqual([]);
    const { status, stderr } = grade('class');
    expect({ status, stderr }).toMatchObject({ status: 0, stderr: expect.stringContaining('2 built: 2 anew, 0 from the cache') });
    expect(scratch()).toEqual([]);
  }, 120_000);
});

/** Runs the command where no sandbox can be made: in one that forbids others, or in one without a bwrap that runs. */
function gradeInside(...more: string[]) {
  const outer = ['--dev-bind', '/', '/', ...more, process.execPath, ...argv('class')];
  return spawnSync('bwrap', outer, { env: { ...environment(), XDG_CACHE_HOME: folder.at('none') }, encoding: 'utf8' });
}

describe.skipIf(lacks('bubblewrap'))('without a sandbox', () => {
  it.each([
    [
      'is not installed',
      ['--ro-bind', '/dev/null', '/usr/bin/bwrap'],
      'bubblewrap is not installed (on Debian: apt-get install bubblewrap)',
    ],
    ['does not work', ['--unshare-user', '--disable-userns'], 'bubblewrap does not work here: '],
  ])('that %s nothing is built, and one line says what to do', (_, outer, why) => {
    const { status, stderr, stdout } = gradeInside(...outer);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`builds need a sandbox, and ${why}`);
    expect(stderr).toMatch(/; to build what students hand in without any protection, add --unsandboxed\n$/);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(existsSync(folder.at('none/bootgrade/builds'))).toBe(false);
  });

  it('builds run in the environment of whoever grades, where they ask for that', () => {
    const script = 'test "$HOME" = "$GRADER_HOME" && test -w "$GRADER_HOME" && cp hello.elf kernel.elf\n';
    folder.put('trusted/s1001/own.sh', script);
    const home = { HOME: folder.path, GRADER_HOME: folder.path };
    const run = (...options: string[]) =>
      spawnSync(process.execPath, argv('trusted', ...options), { env: { ...environment(), ...home }, encoding: 'utf8' });
    const open = run('--unsandboxed');
    expect({ status: open.status, out: open.stdout }).toMatchObject({ status: 0, out: expect.stringMatching(/^s1001.*10\/10/) });
    const closed = run();
    expect(closed.stdout).toMatch(/^s1001 +0\/10.*\nthe build failed: sh own\.sh ended with exit code 1\n/);
  });
});
