import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runOnWorkers, WorkerStartError } from './pool.ts';

/** Answers a task with itself, its process, and the setup; some tasks end the process. */
const WORKER = `
let setup;
process.on('message', (message) => {
  if ('setup' in message) { setup = message.setup; if (setup.broken) process.exit(3); process.send('ready'); return; }
  const { task } = message;
  if (task === 'killed') process.kill(process.pid, 'SIGKILL');
  else if (task === 'throws') throw new TypeError('out of order');
  else if (task === 'hungry') { const all = []; for (;;) all.push(new Array(100_000).fill({})); }
  else if (task !== 'sleeps') process.send({ answer: { task, pid: process.pid, text: setup.bytes.toString() }, memory: task === 'fat' ? 1e9 : 1 });
});
`;

interface Answer {
  task: string;
  pid: number;
  text: string;
}

let folder: string;
let script: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-pool-'));
  script = join(folder, 'worker.mjs');
  writeFileSync(script, WORKER);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(tasks: string[], { workers = 1, broken = false, signal = new AbortController().signal } = {}) {
  const answers: Answer[] = [];
  const deaths: Record<string, string> = {};
  const options = { script, workers, setup: { broken, bytes: new Uint8Array([1, 2]) }, heap: 48, mostMemory: 1e8, signal };
  await runOnWorkers<string, Answer>(tasks, options, {
    started: () => {},
    answered: (_, answer) => answers.push(answer),
    died: (task, reason) => {
      deaths[task] = reason;
    },
  });
  return { answers, deaths };
}

describe('tasks on worker processes', () => {
  it('are each answered once, by as many processes as are asked for', async () => {
    const tasks = Array.from({ length: 40 }, (_, index) => `task ${index}`);
    const { answers, deaths } = await run(tasks, { workers: 3 });
    expect(answers.map(({ task }) => task).sort()).toEqual([...tasks].sort());
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(3);
    expect(answers[0]!.text).toBe('1,2');
    expect(deaths).toEqual({});
  });

  it('are lost one by one with the process that dies, which is replaced', async () => {
    const { answers, deaths } = await run(['a', 'killed', 'b', 'throws', 'c', 'hungry', 'd']);
    expect(answers.map(({ task }) => task)).toEqual(['a', 'b', 'c', 'd']);
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(4);
    expect(deaths).toEqual({
      killed: 'killed by SIGKILL, as a system does that runs out of memory',
      throws: 'exit code 1 (TypeError: out of order)',
      hungry: 'out of memory: it needed more than a worker may have',
    });
  });

  it('go to a fresh process when one has become too large', async () => {
    const { answers } = await run(['a', 'fat', 'b']);
    const [a, fat, b] = answers.map(({ pid }) => pid);
    expect(fat).toBe(a);
    expect(b).not.toBe(a);
  });

  it('end with the signal, without a word', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 500);
    const { answers, deaths } = await run(['a', 'sleeps', 'b'], { signal: controller.signal });
    expect(answers.map(({ task }) => task)).toEqual(['a']);
    expect(deaths).toEqual({});
  });

  it('are given up where no process gets ready', async () => {
    await expect(run(['a', 'b'], { broken: true, workers: 2 })).rejects.toThrow(WorkerStartError);
    await expect(run(['a'], { broken: true })).rejects.toThrow('worker processes do not start: exit code 3');
  });

  it('end with what a listener throws', async () => {
    const options = {
      script,
      workers: 2,
      setup: { bytes: new Uint8Array() },
      heap: 48,
      mostMemory: 1e8,
      signal: new AbortController().signal,
    };
    const answered = () => {
      throw new RangeError('full');
    };
    await expect(runOnWorkers(['a', 'sleeps'], options, { started: () => {}, answered, died: () => {} })).rejects.toThrow(RangeError);
  });
});
