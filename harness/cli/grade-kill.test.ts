/**
 * The built command, killed at any moment by somebody else: the journal is true, and what goes on from it leaves the same bytes as if
 * nothing had happened, in every report format. Kernels are tiny, so that what is hit is the writing.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLASS_FILES, SUBMISSION_FILES } from '../testkit/formats.ts';
import { BatchFolder, ended } from '../testkit/program.ts';

const SUBMISSIONS = 70;
const KILLS = 50;
/** Milliseconds that the program takes to start and to end, at least. */
const START_AND_END = 400;

let folder: BatchFolder;

beforeAll(() => {
  folder = new BatchFolder(SUBMISSIONS);
}, 120_000);
afterAll(() => folder.remove(), 120_000);

describe('a batch', () => {
  let uninterrupted: Record<string, string>;
  /** Milliseconds that the whole batch takes. */
  let duration: number;

  beforeAll(async () => {
    const began = performance.now();
    expect(await ended(folder.start('whole', '--jobs', '3'))).toMatchObject({ code: 0 });
    duration = performance.now() - began;
    uninterrupted = folder.texts('whole');
    // Report, evidence, journal.
    expect(Object.keys(uninterrupted)).toHaveLength(SUBMISSIONS * (2 + SUBMISSION_FILES) + CLASS_FILES + 1);
  }, 120_000);

  it('is the same with any number of jobs', async () => {
    expect(await ended(folder.start('alone', '--jobs', '1'))).toMatchObject({ code: 0 });
    expect(folder.texts('alone')).toEqual(uninterrupted);
  }, 120_000);

  it(`killed at ${KILLS} random moments loses nothing, grades nothing twice, and ends with the same bytes`, async () => {
    const moments: number[] = [];
    for (let kills = 0; kills < KILLS; ) {
      rmSync(folder.at('killed'), { recursive: true, force: true });
      for (let done = false; !done; ) {
        const before = folder.graded('killed');
        const child = folder.start('killed', '--resume', '--jobs', String(1 + (kills % 4)));
        const end = ended(child);
        const moment = kills < KILLS ? Math.round(Math.random() * (START_AND_END + duration * (1 - before.size / SUBMISSIONS))) : 100_000;
        moments.push(moment);
        const killer = setTimeout(moment, undefined, { ref: false }).then(() => child.kill('SIGKILL'));
        const { code, err } = await Promise.race([end, killer.then(() => end)]);
        if (code === null) kills++;
        else expect({ code, err, moments }).toMatchObject({ code: 0 });
        const after = folder.graded('killed');
        expect([...before].filter(([name, report]) => after.get(name) !== report)).toEqual([]);
        expect(after.size).toBe(folder.journaled('killed').length);
        done = code === 0;
      }
      expect(folder.texts('killed')).toEqual(uninterrupted);
    }
  }, 600_000);

  it('stops with Ctrl-C, says how to go on, and leaves nothing half done', async () => {
    const child = folder.start('stopped', '--jobs', '3');
    const end = ended(child);
    while (folder.journaled('stopped').length < 3) await setTimeout(20);
    child.kill('SIGINT');
    const { code, err } = await end;
    expect(code).toBe(130);
    expect(err).toMatch(/bootgrade: stopped after \d+ of 70 submissions; the same command with --resume goes on from there\n$/);
    expect(Object.keys(folder.texts('stopped')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(await ended(folder.start('stopped', '--resume'))).toMatchObject({ code: 0 });
    expect(folder.texts('stopped')).toEqual(uninterrupted);
  }, 120_000);

  it.skipIf(!existsSync('/proc/self/task'))(
    'grades a submission once more when its worker is killed, and ends with the same bytes',
    async () => {
      const child = folder.start('died', '--jobs', '3');
      const end = ended(child);
      while (folder.journaled('died').length < 3) await setTimeout(20);
      const [worker] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
      process.kill(Number(worker), 'SIGKILL');
      const { code, err } = await end;
      expect(code).toBe(0);
      expect(err).toMatch(/bootgrade: s\d+: the process that graded it failed: killed by SIGKILL, .*; it is graded once more, alone/);
      expect(folder.texts('died')).toEqual(uninterrupted);
    },
    120_000,
  );
});
