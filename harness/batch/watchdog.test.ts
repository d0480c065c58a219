/** The watchdog in a process of its own, whose main thread does what no grading should. Deadlines are sixty times shorter than real ones. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** What the main thread does. */
const ACTS = `
import { openSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { Watchdog } from './watchdog.mjs';
const [patience, act, parent, fifo] = process.argv.slice(2).map((text) => JSON.parse(text));
const watchdog = new Watchdog(patience, parent);
const run = { phase: 'run', scenario: 'scenario write', guard: 1000 };
const forever = () => { for (;;); };
const used = () => process.cpuUsage().user + process.cpuUsage().system;
const spinFor = (ms) => { const until = used() + 1000 * ms; while (used() < until); };
const works = {
  well: () => 42,
  twice: () => 42,
  fails: () => { throw new RangeError('on its own'); },
  loops: () => { watchdog.enter(run); forever(); },
  wasm: () => {
    watchdog.enter(run);
    // (func (export "f") (loop (br 0)))
    const code = [0,97,115,109,1,0,0,0,1,4,1,96,0,0,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,3,64,12,0,11,11];
    new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(code))).exports.f();
  },
  finally: () => { try { watchdog.enter(run); forever(); } finally { forever(); } },
  over: () => { watchdog.enter({ phase: 'writing' }); for (;;) { watchdog.beat(); spinFor(1); } },
  beats: () => { watchdog.enter(run); for (let at = 0; at < 15; at++) { spinFor(100); watchdog.beat(); } return 'done'; },
  sleeps: () => { watchdog.enter({ phase: 'writing' }); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); },
  blocks: () => { watchdog.enter({ phase: 'writing' }); openSync(fifo, 'r'); },
  eats: () => { watchdog.enter({ phase: 'grading' }); const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)); },
  hides: () => { watchdog.enter({ phase: 'explanation', scenario: 'a hidden scenario', guard: 1000 }); forever(); },
};
if (parent === null) {
  try {
    process.stdout.write('result ' + watchdog.watched(0, works[act]));
    if (act === 'twice') await setTimeout(500).then(() => watchdog.watched(0, works.well));
  } catch (error) {
    process.stdout.write(error.name + ': ' + error.message);
  }
} else {
  watchdog.begin(0);
  works[act]();
}
`;

let folder: string;

const source = (name: string) => join(import.meta.dirname, `${name}.ts`);
const COMMON = { bundle: true, platform: 'node' } as const;

async function buildThread(): Promise<void> {
  await build({ ...COMMON, entryPoints: [source('watchdog-thread')], format: 'cjs', outfile: join(folder, 'watchdog-thread.cjs') });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-watchdog-'));
  await build({ ...COMMON, entryPoints: [source('watchdog')], format: 'esm', outfile: join(folder, 'watchdog.mjs') });
  await buildThread();
  writeFileSync(join(folder, 'acts.mjs'), ACTS);
  execFileSync('mkfifo', [join(folder, 'fifo')]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const HURRIED = { hurry: 60, silence: 1, sleep: 60, pulse: 0.1, pulseMissing: 3, grace: 1, look: 0.1 };
/** Where no processor time passes, seconds of the clock count. */
const SLEEPY = { ...HURRIED, sleep: 1 };

function start(act: string, parent: number | null = null, patience = HURRIED): ChildProcess {
  const argv = [join(folder, 'acts.mjs'), ...[patience, act, parent, join(folder, 'fifo')].map((value) => JSON.stringify(value))];
  return spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function ended(child: ChildProcess) {
  let [out, err] = ['', ''];
  child.stdout!.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr!.on('data', (text: Buffer) => (err += text.toString()));
  return new Promise<{ code: number | null; signal: string | null; out: string; err: string }>((resolve) =>
    child.on('close', (code, signal) => resolve({ code, signal, out, err })),
  );
}

describe('what one process does alone', () => {
  it.each([
    ['well', 'result 42'],
    ['fails', 'RangeError: on its own'],
    ['beats', 'result done'],
  ])('is left alone where it goes %s', async (act, out) => {
    expect(await ended(start(act))).toEqual({ code: 0, signal: null, out, err: '' });
  });

  it.each([
    ['loops', 'GaveUp: stuck for 1 seconds of processor time in the run of scenario write'],
    ['wasm', 'GaveUp: stuck for 1 seconds of processor time in the run of scenario write'],
    ['finally', 'GaveUp: stuck for 1 seconds of processor time in the run of scenario write'],
    ['over', 'GaveUp: it took more than 1 seconds of processor time in writing its reports'],
    ['hides', 'GaveUp: stuck for 1 seconds of processor time in the explanation of a hidden scenario'],
    ['eats', 'GaveUp: out of memory: it needed more than 768 MiB besides the memory of the machine, in grading'],
  ])('is ended where it %s, and the process can say so', async (act, out) => {
    expect(await ended(start(act))).toEqual({ code: 0, signal: null, out, err: '' });
  });

  it('is done where there is no room for a thread, and nothing after it', async () => {
    rmSync(join(folder, 'watchdog-thread.cjs'));
    try {
      const out = expect.stringMatching(/^result 42HostError: starting a thread failed: Cannot find module/) as string;
      expect(await ended(start('twice'))).toEqual({ code: 0, signal: null, out, err: '' });
    } finally {
      await buildThread();
    }
  });

  it('is ended where it sleeps for long', async () => {
    const out = 'GaveUp: nothing moved for 1 seconds in writing its reports';
    expect(await ended(start('sleeps', null, SLEEPY))).toEqual({ code: 0, signal: null, out, err: '' });
  });

  it('is killed with words where it cannot be interrupted', async () => {
    expect(await ended(start('blocks', null, SLEEPY))).toEqual({
      code: null,
      signal: 'SIGKILL',
      out: '',
      err: 'bootgrade: nothing moved for 1 seconds in writing its reports\n',
    });
  });

  it('ends with Ctrl-C as any process does', async () => {
    const child = start('loops');
    const end = ended(child);
    await setTimeout(300);
    child.kill('SIGINT');
    expect(await end).toEqual({ code: null, signal: 'SIGINT', out: '', err: '' });
  });
});

describe('a worker', () => {
  it('shows that it lives while its main thread hangs, and is killed with words', async () => {
    expect(await ended(start('loops', process.pid))).toEqual({
      code: null,
      signal: 'SIGKILL',
      out: expect.stringMatching(/^\.{5,}$/) as string,
      err: 'bootgrade: stuck for 1 seconds of processor time in the run of scenario write\n',
    });
  });

  it.each(['loops', 'sleeps'])('that %s ends with its parent', async (act) => {
    // Not its parent: as if that had gone.
    expect(await ended(start(act, 1))).toMatchObject({ code: null, signal: 'SIGKILL', err: '' });
  });
});
