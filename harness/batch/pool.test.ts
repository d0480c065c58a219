/** Tasks on worker processes, with a worker that does as its task says: answers, dies, hangs, is stopped. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { patience } from './deadlines.ts';
import { WorkerPool, WorkerStartError } from './pool.ts';

/**
 * Answers a task with itself, its process, and the setup; some tasks end the process, "once" only where it is the first time. Notes when
 * each task begins and ends. Gives a sign of life now and then, as a watchdog does.
 */
const WORKER = `
import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
let setup;
const pulse = setInterval(() => process.stdout.write('.'), 20);
const note = (word, task) => appendFileSync(setup.notes, word + ' ' + task + '\\n');
const ACTS = {
  killed: () => process.kill(process.pid, 'SIGKILL'),
  crowded: () => { process.stderr.write('Error [ERR_WORKER_INIT_FAILED]: Worker initialization failure: EMFILE\\n'); process.exit(1); },
  throws: () => { throw new TypeError('out of order'); },
  hungry: () => { process.stderr.write('FATAL ERROR: JavaScript heap out of memory'); process.abort(); },
  stopped: () => process.kill(process.pid, 'SIGSTOP'),
  silent: () => { for (;;); },
  watched: () => { process.stderr.write('bootgrade: stuck for 60 seconds of processor time in grading\\n'); process.kill(process.pid, 'SIGKILL'); },
  sleeps: () => new Promise(() => {}),
  slow: () => new Promise((resolve) => setTimeout(resolve, 300)),
};
process.on('message', async (message) => {
  if ('setup' in message) { setup = message.setup; if (setup.broken) process.exit(3); process.send('ready'); return; }
  const { task } = message;
  note('begin', task);
  const [name, once] = task.split(' ');
  const first = once && !existsSync(setup.notes + task);
  if (first) writeFileSync(setup.notes + task, '');
  if (!once || first) await ACTS[name]?.();
  note('end', task);
  process.send({ answer: { task, pid: process.pid, text: setup.bytes.toString() }, memory: task === 'fat' ? 1e9 : 1 });
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

let run = 0;
const notesFile = () => join(folder, `notes-${run}`);
beforeEach(() => void run++);

const never = new AbortController().signal;
/** Without a sign of life for two seconds, a worker is stopped. */
const HURRIED = { ...patience(20), pulseMissing: 2 };

async function work(tasks: string[], { workers = 1, alone = [] as string[], broken = false, warm = false, signal = never } = {}) {
  const answers: Answer[] = [];
  const postponed: string[] = [];
  const deaths: Record<string, string> = {};
  const pool = new WorkerPool({
    command: { file: process.execPath, arguments: [script], environment: {} },
    workers,
    patience: HURRIED,
    mostMemory: 1e8,
  });
  if (warm) pool.warm(workers);
  const setup = { broken, notes: notesFile(), bytes: new Uint8Array([1, 2]) };
  await pool.run<string, Answer>(
    { setup, tasks, alone, signal },
    {
      started: () => {},
      answered: (_, answer) => answers.push(answer),
      postponed: (task) => postponed.push(task),
      died: (task, { reason }) => {
        deaths[task] = reason;
      },
    },
  );
  await pool.stop();
  return { answers, postponed, deaths };
}

const named = (answers: readonly Answer[]) => answers.map(({ task }) => task);
/** What was begun and ended, in order. */
const notes = () => (existsSync(notesFile()) ? readFileSync(notesFile(), 'utf8').trim().split('\n') : []);

describe('tasks on worker processes', () => {
  it('are each answered once, by as many processes as are asked for', async () => {
    const tasks = Array.from({ length: 40 }, (_, index) => `task${index}`);
    const { answers, deaths } = await work(tasks, { workers: 3, warm: true });
    expect(named(answers).sort()).toEqual([...tasks].sort());
    expect(new Set(answers.map(({ pid }) => pid)).size).toBe(3);
    expect(answers[0]!.text).toBe('1,2');
    expect(deaths).toEqual({});
  });

  it('go to a fresh process when one has become too large', async () => {
    const { answers } = await work(['a', 'fat', 'b']);
    const [a, fat, b] = answers.map(({ pid }) => pid);
    expect(fat).toBe(a);
    expect(b).not.toBe(a);
  });

  it('end with the signal, without a word', async () => {
    const controller = new AbortController();
    const ended = work(['a', 'sleeps', 'b'], { signal: controller.signal });
    while (!notes().includes('begin sleeps')) await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort();
    const { answers, postponed, deaths } = await ended;
    expect(named(answers)).toEqual(['a']);
    expect([postponed, deaths]).toEqual([[], {}]);
  });

  it('are given up where no process gets ready', async () => {
    await expect(work(['a', 'b'], { broken: true, workers: 2 })).rejects.toThrow(WorkerStartError);
    await expect(work(['a'], { broken: true, warm: true })).rejects.toThrow('worker processes do not start: exit code 3');
  });

  it('end with what a listener throws', async () => {
    const pool = new WorkerPool({
      command: { file: process.execPath, arguments: [script], environment: {} },
      workers: 2,
      patience: HURRIED,
      mostMemory: 1e8,
    });
    const answered = () => {
      throw new RangeError('full');
    };
    const ignore = () => {};
    const events = { started: ignore, answered, postponed: ignore, died: ignore };
    const setup = { notes: notesFile(), bytes: new Uint8Array() };
    await expect(pool.run({ setup, tasks: ['a', 'sleeps'], alone: [], signal: never }, events)).rejects.toThrow(RangeError);
  });
});

describe('a task of which a worker dies', () => {
  it('is tried once more, and takes no other with it', async () => {
    const { answers, postponed, deaths } = await work(['a', 'killed', 'b', 'throws', 'c', 'hungry', 'crowded', 'watched', 'd']);
    expect(named(answers)).toEqual(['a', 'b', 'c', 'd']);
    expect(postponed).toEqual(['killed', 'throws', 'hungry', 'crowded', 'watched']);
    expect(notes().filter((note) => note === 'begin killed')).toHaveLength(2);
    expect(deaths).toEqual({
      killed: 'killed by SIGKILL, as a system that runs out of memory does',
      throws: 'exit code 1 (TypeError: out of order)',
      hungry: 'out of memory: it needed more than a worker may have',
      crowded: 'it may not open as many files as it needs',
      watched: 'stuck for 60 seconds of processor time in grading',
    });
  });

  it('is answered where the second try goes well', async () => {
    const { answers, postponed, deaths } = await work(['killed once', 'a']);
    expect(named(answers)).toEqual(['a', 'killed once']);
    expect(postponed).toEqual(['killed once']);
    expect(deaths).toEqual({});
  });

  it('is alone at its second try, as is a task that is to be', async () => {
    await work(['killed once', 'slow', 'throws once', 'slow', 'slow'], { workers: 3, alone: ['first', 'slow once'] });
    const first = notes().indexOf('begin first');
    expect(
      notes()
        .slice(0, first)
        .filter((note) => note === 'end slow'),
    ).toHaveLength(3);
    const rest = notes().slice(first);
    expect(rest.filter((note) => note.startsWith('begin')).sort()).toEqual(
      ['first', 'slow once', 'killed once', 'throws once'].map((task) => `begin ${task}`).sort(),
    );
    // Each ends before the next begins.
    for (let at = 0; at < rest.length; at += 2) expect(rest[at + 1]).toBe(rest[at]!.replace('begin', 'end'));
  });

  it.each(['stopped', 'silent'])('because it is %s is killed when it gives no sign of life', async (task) => {
    const { answers, deaths } = await work(['a', task, 'b', `${task} once`], { workers: 2 });
    expect(named(answers).sort()).toEqual(['a', 'b', `${task} once`]);
    expect(deaths).toEqual({ [task]: 'it gave no sign of life for 2 seconds' });
  });
});
