/**
 * The built command, with submissions at which the grader loops, stops, dies or eats memory: the batch goes on, the others' bytes are what
 * they are without them, and no process is left. Deadlines are twenty times shorter than real ones.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assemble } from '../../machine/testkit/assembler.ts';
import { writeElf } from '../../machine/testkit/elf-writer.ts';
import type { SubmissionResult } from '../result/result.ts';
import { TestFolder } from '../testkit/command.ts';
import { buildProgram, ended } from '../testkit/program.ts';
import { tinyKernel } from '../testkit/tiny-kernel.ts';

const RUBRIC = `rubric: 1
title: Say hello
machine: { cpu: rv64, memory: 16M, drives: { blk: { size: 1M } } }
submission: { kernel: [kernel.elf], format: raw }
scenarios: { hello: { limit: 1000s guest } }
checks: [{ id: says-hello, title: Hello, points: 10, console: hello }]
`;

function kernelOf(code: string): Uint8Array {
  return writeElf({ segments: [{ address: 0x8020_0000n, virtualAddress: 0x8020_0000n, bytes: assemble(code).bytes, flags: 7 }] });
}

/** No two rounds are the same, so nothing proves that it hangs. */
const COUNTING = kernelOf('loop: addi a0, a0, 1\n j loop');

const GOOD = ['a', 'b', 'c', 'd', 'e', 'f'];

/** What becomes of each that misbehaves both times. */
const BAD: Readonly<Record<string, string>> = {
  loops: 'it took more than 2 seconds of processor time before its first run',
  stops: 'it gave no sign of life for 5 seconds',
  dies: 'killed by SIGKILL, as a system that runs out of memory does',
  eats: 'out of memory: it needed more than 768 MiB besides the memory of the machine, before its first run',
  throws: 'exit code 1 (TypeError: out of order)',
};
const ONCE = Object.keys(BAD).map((act) => `${act}-once`);

const errored = (reason: string) => `the grader gave up: the process that graded it failed: ${reason}`;

let folder: TestFolder;
let program: string;

beforeAll(() => {
  folder = new TestFolder();
  program = buildProgram(folder);
  folder.put('lab.yaml', RUBRIC);
  for (const name of [...GOOD, ...ONCE]) folder.put(`plain/${name}/kernel.elf`, tinyKernel(`hello from ${name}`));
  for (const name of [...GOOD, ...ONCE, ...Object.keys(BAD)]) folder.put(`class/${name}/kernel.elf`, tinyKernel(`hello from ${name}`));
  for (const name of ['x', 'y']) folder.put(`long/${name}/kernel.elf`, COUNTING);
  folder.put('lab/bootgrade.yaml', 'rubric: ../lab.yaml\n');
  folder.put('lab/loops/kernel.elf', tinyKernel('hello'));
}, 120_000);
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  for (const worker of workersSeen.filter(isAlive)) process.kill(worker, 'SIGKILL');
  folder.remove();
}, 120_000);

/** A test that fails must leave nothing that runs. */
const started: ChildProcess[] = [];
const workersSeen: number[] = [];

/** Notes of who has misbehaved already. */
let notes = 0;

function environment(): NodeJS.ProcessEnv {
  mkdirSync(folder.at(`notes-${++notes}`));
  const preload = join(import.meta.dirname, 'misbehave.mjs');
  return {
    ...process.env,
    NODE_OPTIONS: `--import ${preload}`,
    MISBEHAVED: folder.at(`notes-${notes}`),
    BOOTGRADE_TEST_HURRY: '20',
  };
}

function start(argv: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [program, ...argv], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  return child;
}

function grade(of: string, out: string, ...options: string[]): ChildProcess {
  return start(['grade', folder.at('lab.yaml'), folder.at(of), '--out', folder.at(out), '--quiet', ...options]);
}

function report(out: string, name: string): SubmissionResult {
  return JSON.parse(folder.read(`${out}/${name}.json`)) as SubmissionResult;
}

describe.each(['1', '2'])('a class on %s jobs', (jobs) => {
  const out = `out-${jobs}`;

  it('is graded to its end, whatever the grader does at some of it', async () => {
    const { NODE_OPTIONS: _, ...plain } = process.env;
    const argv = [program, 'grade', folder.at('lab.yaml'), folder.at('plain'), '--out', folder.at('plain-out'), '--quiet'];
    expect(spawnSync(process.execPath, argv, { env: plain }).status).toBe(0);
    const { code, err } = await ended(grade('class', out, '--jobs', jobs));
    expect({ code, err }).toMatchObject({ code: 3 });
    const [texts, expected] = [folder.texts(out), folder.texts('plain-out')];
    for (const name of [...GOOD, ...ONCE]) {
      for (const file of [`${name}.json`, `${name}.hello.evidence.json`]) expect(texts[file], file).toBe(expected[file]);
    }
    for (const [name, reason] of Object.entries(BAD)) {
      expect(report(out, name)).toMatchObject({ outcome: 'errored', score: null, reason: errored(reason) });
      expect(err).toContain(
        `bootgrade: ${name}: the process that graded it failed: ${reason}; it is graded once more, alone, after the others\n`,
      );
    }
    expect(err).not.toMatch(/bootgrade: [a-f]:/);
  }, 120_000);
});

/** Linux's list of a process's children: proc(5), /proc/pid/task/tid/children. */
const CHILDREN = existsSync(`/proc/${process.pid}/task/${process.pid}/children`);

function childrenOf({ pid }: ChildProcess): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
}

/** A process that nobody has asked for its end yet has ended all the same. */
function isAlive(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(status.slice(status.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

/** Processor time of a process, in the system's ticks: what is at something uses some. */
function ticks(pid: number): number {
  const status = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[11]);
}

async function until(what: () => boolean): Promise<void> {
  while (!what()) await setTimeout(20);
}

/** The workers, when each is in the middle of its task. */
async function busyWorkers(child: ChildProcess, count: number): Promise<number[]> {
  await until(() => childrenOf(child).length === count);
  const workers = childrenOf(child);
  workersSeen.push(...workers);
  await until(() => workers.every((worker) => ticks(worker) > 50));
  return workers;
}

describe.skipIf(!CHILDREN)('no process is left', () => {
  const CASES = (['SIGINT', 'SIGTERM', 'SIGKILL'] as const).flatMap((signal) => [
    { signal, of: 'long', where: 'in the middle of a long run' },
    { signal, of: 'stuck', where: 'stuck in a loop' },
  ]);

  beforeAll(() => {
    for (const name of ['x', 'y']) folder.put(`stuck/${name}/loops/kernel.elf`, tinyKernel('hello'));
  });

  it.each(CASES)(
    'after $signal to the command, with workers $where',
    async ({ signal, of }) => {
      rmSync(folder.at('ended'), { recursive: true, force: true });
      const child = grade(of, 'ended', '--jobs', '2');
      const end = ended(child);
      const workers = await busyWorkers(child, 2);
      child.kill(signal);
      const { code, err } = await end;
      expect(code).toBe({ SIGINT: 130, SIGTERM: 143, SIGKILL: null }[signal]);
      if (signal !== 'SIGKILL')
        expect(err).toBe('bootgrade: stopped after 0 of 2 submissions; the same command with --resume goes on from there\n');
      await until(() => !workers.some(isAlive));
    },
    60_000,
  );

  it('after SIGINT to rubric test', async () => {
    const rubric = folder.put('expect.yaml', `${RUBRIC}expect: { folder: long, submissions: { x: { score: 0 }, y: { score: 0 } } }\n`);
    const child = start(['rubric', 'test', rubric, '--jobs', '2']);
    const end = ended(child);
    const workers = await busyWorkers(child, 2);
    child.kill('SIGINT');
    expect(await end).toEqual({ code: 130, err: 'bootgrade: stopped after 0 of 2 submissions\n' });
    await until(() => !workers.some(isAlive));
  }, 60_000);

  it('after a worker was stopped for good', async () => {
    const child = grade('long', 'stopped', '--jobs', '2');
    let err = '';
    child.stderr!.on('data', (text: Buffer) => (err += text.toString()));
    const end = ended(child);
    const [stopped] = await busyWorkers(child, 2);
    process.kill(stopped!, 'SIGSTOP');
    await until(() => err.includes('graded once more'));
    expect(err).toMatch(
      /^bootgrade: [xy]: the process that graded it failed: it gave no sign of life for 5 seconds; it is graded once more/,
    );
    expect(isAlive(stopped!)).toBe(false);
    child.kill('SIGINT');
    expect(await end).toMatchObject({ code: 130 });
  }, 60_000);
});

describe('one submission alone', () => {
  it.each(['loops', 'eats'] as const)('is errored where the grader %s, with the words that a class has', async (act) => {
    const child = start(['grade', folder.at('lab.yaml'), folder.at(`class/${act}`), '--out', folder.at('one')]);
    let out = '';
    child.stdout!.on('data', (text: Buffer) => (out += text.toString()));
    expect(await ended(child)).toEqual({ code: 3, err: '' });
    expect(out).toContain('errored (of 10)');
    expect(out).toContain(errored(BAD[act]!));
    expect(report('one', act)).toMatchObject({ outcome: 'errored', score: null, reason: errored(BAD[act]!) });
  });

  it('is errored in bootgrade check as well', async () => {
    const child = start(['check', folder.at('lab/loops')]);
    let out = '';
    child.stdout!.on('data', (text: Buffer) => (out += text.toString()));
    expect(await ended(child)).toEqual({ code: 3, err: '' });
    expect(out).toContain(errored(BAD['loops']!));
  });

  it('ends with Ctrl-C at once', async () => {
    const child = start(['grade', folder.at('lab.yaml'), folder.at('long/x'), '--out', folder.at('one')]);
    const end = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal })));
    await setTimeout(1500);
    child.kill('SIGINT');
    expect(await end).toEqual({ code: null, signal: 'SIGINT' });
  });
});
