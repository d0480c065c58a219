/**
 * The built command, killed between any two of its calls to the file system, and in the middle of a write: each file is there as a whole
 * or not at all, and what goes on from the journal leaves the same bytes, in every report format.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BatchFolder } from './test-program.ts';

const SUBMISSIONS = 3;
const BATCHES = 25;
const PRELOAD = join(import.meta.dirname, 'kill-at-call.mjs');

let folder: BatchFolder;

beforeAll(() => {
  folder = new BatchFolder(SUBMISSIONS);
}, 120_000);
afterAll(() => folder.remove(), 120_000);

/** Whether it came to its end. */
function grade(out: string, killAt: number): boolean {
  const argv = ['--import', PRELOAD, ...folder.command(out, '--resume', '--jobs', '1')];
  const env = { ...process.env, KILL_AT: String(killAt), KILL_COUNT: folder.at('calls') };
  const { status, signal, stderr } = spawnSync(process.execPath, argv, { env, encoding: 'utf8' });
  expect({ status, signal, stderr }).toEqual({
    status: signal === null ? 0 : null,
    signal,
    stderr: expect.stringMatching(/^$|^Warning/) as string,
  });
  return signal === null;
}

it(`killed at ${2 * BATCHES} random calls leaves no half file, grades nothing twice, and ends with the same bytes`, () => {
  expect(grade('whole', 0)).toBe(true);
  const calls = Number(folder.read('calls'));
  const uninterrupted = folder.texts('whole');
  // Each file is opened, written, synced, closed and renamed.
  expect(calls).toBeGreaterThan(5 * Object.keys(uninterrupted).length);
  for (let batch = 0; batch < BATCHES; batch++) {
    const out = `killed-${batch}`;
    // The first kill of all batches goes through the run from its begin to its end; the second hits what goes on.
    const first = 1 + Math.floor(((batch + Math.random()) * calls) / BATCHES);
    for (const killAt of [first, 1 + Math.floor(Math.random() * calls), 0]) {
      const before = folder.graded(out);
      grade(out, killAt);
      const after = folder.graded(out);
      expect([...before].filter(([name, report]) => after.get(name) !== report)).toEqual([]);
      const whole = Object.entries(existsSync(folder.at(out)) ? folder.texts(out) : {}).filter(
        ([name]) => name !== 'journal.jsonl' && !/\.(tmp|lock)$/.test(name),
      );
      for (const [name, text] of whole) expect(text, name).toBe(uninterrupted[name]);
    }
    expect(folder.texts(out), `killed at call ${first}`).toEqual(uninterrupted);
  }
}, 600_000);

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
