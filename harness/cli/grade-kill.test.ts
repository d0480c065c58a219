/**
 * The built command, killed: at any moment the journal is true, and what goes on from it leaves the same bytes as if nothing had
 * happened. Kernels are tiny, so that what is hit is the writing.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestFolder } from './test-command.ts';
import { tinyKernel } from './tiny-kernel.ts';

const RUBRIC = `rubric: 1
title: Say hello
machine: { cpu: rv64, memory: 16M, drives: { blk: { size: 1M } } }
submission: { kernel: [kernel.elf] }
scenarios: { hello: { limit: 1ms guest } }
checks:
  - { id: says-hello, title: Hello, points: 10, console: hello }
`;

/** So many that worker processes pay. */
const SUBMISSIONS = 160;
const KILLS = 50;

const ROOT = join(import.meta.dirname, '../..');
const folder = new TestFolder();
const program = folder.at('dist/bootgrade.mjs');

beforeAll(() => {
  execFileSync(process.execPath, [join(ROOT, 'build.mjs'), folder.at('dist')], { cwd: ROOT });
  folder.put('lab.yaml', RUBRIC);
  for (let i = 0; i < SUBMISSIONS; i++) {
    folder.put(`class/s${String(i).padStart(3, '0')}/kernel.elf`, tinyKernel(i % 3 === 0 ? `bye ${i}` : `hello ${i}`));
  }
}, 120_000);
afterAll(() => folder.remove());

function start(out: string, ...options: string[]): ChildProcess {
  const argv = [
    program,
    'grade',
    folder.at('lab.yaml'),
    folder.at('class'),
    '--out',
    folder.at(out),
    '--report',
    'csv,check50',
    ...options,
  ];
  return spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
}

interface End {
  readonly code: number | null;
  readonly err: string;
}

async function ended(process: ChildProcess): Promise<End> {
  let err = '';
  process.stderr!.on('data', (text: Buffer) => {
    err += text.toString();
  });
  return new Promise((resolve) => process.on('close', (code) => resolve({ code, err })));
}

function files(out: string): Record<string, string> {
  const names = readdirSync(folder.at(out), { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(folder.at(join(out, name)), 'utf8')]));
}

/** Names that the journal has, in the order in which they were graded. */
function journaled(out: string): string[] {
  const file = folder.at(join(out, 'journal.jsonl'));
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(1, -1);
  return lines.map((line) => (JSON.parse(line) as { name: string }).name);
}

describe('a batch', () => {
  let uninterrupted: Record<string, string>;

  beforeAll(async () => {
    expect(await ended(start('whole'))).toMatchObject({ code: 0 });
    uninterrupted = files('whole');
    expect(Object.keys(uninterrupted)).toHaveLength(SUBMISSIONS * 3 + 3);
  }, 120_000);

  it('is the same with any number of jobs', async () => {
    expect(await ended(start('alone', '--jobs', '1'))).toMatchObject({ code: 0 });
    expect(files('alone')).toEqual(uninterrupted);
  }, 120_000);

  it(`killed at ${KILLS} random moments loses nothing, grades nothing twice, and ends with the same bytes`, async () => {
    const moments: number[] = [];
    let batches = 0;
    for (let kills = 0; kills < KILLS; batches++) {
      rmSync(folder.at('killed'), { recursive: true, force: true });
      for (let done = false; !done; ) {
        const before = journaled('killed');
        const process = start('killed', '--resume', '--jobs', String(1 + (kills % 3)));
        const end = ended(process);
        const moment = Math.round(Math.random() * 1500);
        moments.push(moment);
        const killer = setTimeout(kills < KILLS ? moment : 100_000, undefined, { ref: false }).then(() => process.kill('SIGKILL'));
        const { code, err } = await Promise.race([end, killer.then(() => end)]);
        if (code === null) kills++;
        else expect({ code, err, moments }).toMatchObject({ code: 0 });
        const after = journaled('killed');
        expect(new Set(after).size).toBe(after.length);
        if (code === null && after.length < SUBMISSIONS) expect(after.slice(0, before.length)).toEqual(before);
        done = code === 0;
      }
      expect(files('killed')).toEqual(uninterrupted);
    }
    expect(batches).toBeGreaterThan(0);
  }, 600_000);

  it('stops with Ctrl-C, says how to go on, and leaves nothing half done', async () => {
    const process = start('stopped', '--jobs', '2');
    const end = ended(process);
    while (journaled('stopped').length < 3) await setTimeout(20);
    process.kill('SIGINT');
    const { code, err } = await end;
    expect(code).toBe(130);
    expect(err).toMatch(/bootgrade: stopped after \d+ of 160 submissions; the same command with --resume goes on from there\n$/);
    expect(Object.keys(files('stopped')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(await ended(start('stopped', '--resume'))).toMatchObject({ code: 0 });
    expect(files('stopped')).toEqual(uninterrupted);
  }, 120_000);

  it.skipIf(!existsSync('/proc/self/task'))(
    'loses one submission with a worker that dies, and has it when it goes on',
    async () => {
      const process = start('died', '--jobs', '2');
      const end = ended(process);
      while (journaled('died').length < 3) await setTimeout(20);
      const [worker] = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
      globalThis.process.kill(Number(worker), 'SIGKILL');
      expect(await end).toMatchObject({ code: 3 });
      const errored = Object.entries(files('died')).filter(([name, text]) => uninterrupted[name] !== text && /s\d+\.json$/.test(name));
      expect(errored).toHaveLength(1);
      expect(JSON.parse(errored[0]![1])).toMatchObject({
        outcome: 'errored',
        score: null,
        reason: 'the grader gave up: its worker process died: killed by SIGKILL, as a system does that runs out of memory',
      });
      expect(await ended(start('died', '--resume'))).toMatchObject({ code: 0 });
      expect(files('died')).toEqual(uninterrupted);
    },
    120_000,
  );
});
