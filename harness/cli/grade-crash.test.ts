/**
 * The built command, killed between any two of its calls to the file system, and in the middle of a write: each file is there as a whole
 * or not at all, and what goes on from the journal leaves the same bytes, in every report format. The same of a worker process, after which
 * the command itself goes on.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BatchFolder } from '../testkit/program.ts';

const SUBMISSIONS = 3;
const BATCHES = 25;
const PRELOAD = join(import.meta.dirname, 'kill-at-call.mjs');

let folder: BatchFolder;

beforeAll(() => {
  folder = new BatchFolder(SUBMISSIONS);
}, 120_000);
afterAll(() => folder.remove(), 120_000);

function grade(program: string, out: string, killAt: number) {
  const notes = folder.at('notes');
  rmSync(notes, { force: true });
  const variables = { KILL_PROGRAM: program, KILL_AT: String(killAt), KILL_NOTES: notes, NODE_OPTIONS: `--import ${PRELOAD}` };
  const argv = folder.command(out, '--resume', '--jobs', '1');
  const { status, signal, stderr } = spawnSync(process.execPath, argv, { env: { ...process.env, ...variables }, encoding: 'utf8' });
  return { status, signal, stderr };
}

/** How many calls there are where nobody is killed; and what is left then. */
function uninterrupted(program: string) {
  expect(grade(program, `whole-${program}`, 0)).toEqual({
    status: 0,
    signal: null,
    stderr: expect.stringMatching(/^$|^Warning/) as string,
  });
  return { calls: Number(folder.read('notes')), texts: folder.texts(`whole-${program}`) };
}

describe('the command', () => {
  it(`killed at ${2 * BATCHES} random calls leaves no half file, grades nothing twice, and ends with the same bytes`, () => {
    const { calls, texts } = uninterrupted('bootgrade.mjs');
    for (let batch = 0; batch < BATCHES; batch++) {
      const out = `killed-${batch}`;
      // The first kill of all batches goes through the run from its begin to its end; the second hits what goes on.
      const first = 1 + Math.floor(((batch + Math.random()) * calls) / BATCHES);
      for (const killAt of [first, 1 + Math.floor(Math.random() * calls), calls + 1000]) {
        const before = folder.graded(out);
        const { status, signal, stderr } = grade('bootgrade.mjs', out, killAt);
        expect({ status, signal, stderr }).toEqual(
          signal === null
            ? { status: 0, signal, stderr: expect.stringMatching(/^$|^Warning/) as string }
            : { status: null, signal: 'SIGKILL', stderr: '' },
        );
        const after = folder.graded(out);
        expect([...before].filter(([name, report]) => after.get(name) !== report)).toEqual([]);
        const whole = Object.entries(existsSync(folder.at(out)) ? folder.texts(out) : {}).filter(
          ([name]) => name !== 'journal.jsonl' && !/\.(tmp|lock)$/.test(name),
        );
        for (const [name, text] of whole) expect(text, name).toBe(texts[name]);
      }
      expect(folder.texts(out), `killed at call ${first}`).toEqual(texts);
    }
  }, 600_000);
});

describe('a worker process', () => {
  it(`killed at ${BATCHES} random calls takes nothing with it: the command ends with the same bytes`, () => {
    const { calls, texts } = uninterrupted('grade-worker.mjs');
    // Each file is opened, written, synced, closed and renamed; the journal and the class's files are the command's.
    expect(calls).toBeGreaterThan(5 * SUBMISSIONS * 2);
    for (let batch = 0; batch < BATCHES; batch++) {
      const out = `worker-${batch}`;
      const killAt = 1 + Math.floor(((batch + Math.random()) * calls) / BATCHES);
      const { status, stderr } = grade('grade-worker.mjs', out, killAt);
      expect({ status, killAt }).toEqual({ status: 0, killAt });
      expect(stderr).toMatch(
        /bootgrade: s00[0-2]: the process that graded it failed: killed by SIGKILL, .*; it is graded once more, alone/,
      );
      expect(folder.texts(out), `killed at call ${killAt}`).toEqual(texts);
    }
  }, 600_000);
});

it.skipIf(!existsSync('/dev/full'))('ends with one line and 3 where what it prints is lost', () => {
  const full = openSync('/dev/full', 'w');
  const run = (...options: string[]) => {
    const argv = folder.command('lost', '--jobs', '1', ...options);
    const { status, stderr } = spawnSync(process.execPath, argv, { stdio: ['ignore', full, 'pipe'], encoding: 'utf8' });
    return { status, stderr };
  };
  expect(run()).toEqual({ status: 3, stderr: 'bootgrade: writing the output failed: no space is left\n' });
  expect(run('--json')).toEqual({ status: 3, stderr: 'bootgrade: writing the output failed: no space is left\n' });
  closeSync(full);
});

it.skipIf(process.platform === 'win32')(
  'ends with one line and 3 where it may not open enough files, whenever that shows',
  () => {
    const ends = [20, 22, 24, 26, 28, 30, 32, 34, 36, 40].map((most) => {
      const script = `ulimit -n ${most}; exec "$0" "$@"`;
      const argv = ['-c', script, process.execPath, ...folder.command(`few-${most}`, '--jobs', '2')];
      const { status, stderr } = spawnSync('sh', argv, { encoding: 'utf8' });
      return { most, status, lines: stderr.split('\n').slice(0, -1) };
    });
    // With fewer still Node itself cannot begin.
    const begun = ends.filter(({ lines }) => !lines.some((line) => /open '[^']*bootgrade\.mjs'/.test(line)));
    const { texts } = uninterrupted('bootgrade.mjs');
    for (const { most, status, lines } of begun) {
      if (status === 0) expect(folder.texts(`few-${most}`)).toEqual(texts);
      else expect({ most, status, lines }).toEqual({ most, status: 3, lines: [expect.stringMatching(/^bootgrade: .*(too many|files)/)] });
    }
    expect(begun.some(({ status }) => status === 3)).toBe(true);
  },
  120_000,
);
