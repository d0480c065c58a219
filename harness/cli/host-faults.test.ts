/**
 * Every call to the file system that a command makes is refused once, with every code that is this computer's fault: nobody gets a zero
 * for it, nothing is half written, and the same command goes on from there.
 */
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Shard } from '../batch/shard.ts';
import type { ChosenFormat } from '../report/index.ts';
import type { SubmissionResult } from '../result/result.ts';
import { capture, fakeHost, inThisProcess, TestFolder } from '../testkit/command.ts';
import { chosenFormats } from './format-options.ts';
import { grade } from './grade.ts';
import { merge } from './merge.ts';
import { regrade } from './regrade.ts';
import { TOOL } from './version.ts';

const faults = vi.hoisted(() => {
  const state = { at: 0, code: '', calls: 0, refused: '' };
  const refusing =
    (name: string, call: (...args: unknown[]) => unknown) =>
    (...args: unknown[]) => {
      // Nothing here depends on what a disk would hold after a power cut, and syncing takes most of the time.
      if (state.code === '' || ++state.calls !== state.at) return name === 'fsyncSync' ? undefined : call(...args);
      state.refused = `${name} ${String(args[0])}`;
      throw Object.assign(new Error(`${state.code}: refused, ${name}`), { code: state.code, errno: -1, syscall: name });
    };
  return { state, refusing };
});

vi.mock('node:fs', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs')>();
  const calls = Object.entries(real).map(([name, call]) => {
    return [name, name.endsWith('Sync') && typeof call === 'function' ? faults.refusing(name, call as never) : call];
  });
  return { ...Object.fromEntries(calls), default: Object.fromEntries(calls) };
});

/** Does it with the `at`-th call refused; returns what happened in place of an error. */
async function refusedAt(at: number, code: string, act: () => Promise<number>): Promise<{ end: number | string; refused: string }> {
  Object.assign(faults.state, { at, code, calls: 0, refused: '' });
  try {
    return { end: await act(), refused: faults.state.refused };
  } catch (error) {
    const { name, message } = error as Error;
    return { end: name === 'HostError' ? `host: ${message}` : `${name}: ${message}`, refused: faults.state.refused };
  } finally {
    faults.state.code = '';
  }
}

const CODES = ['EIO', 'EMFILE', 'ENFILE', 'ESTALE', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT', 'ENOMEM', 'EROFS'];

const RUBRIC = `rubric: 1
title: Say hello
machine: { memory: 128M, drives: { blk: { size: 1M, contents: [{ at: 0, file: blk.txt }] } } }
submission: { kernel: ["build/*.elf"], format: raw }
scenarios: { hello: { until: { console: bye }, limit: 1ms guest } }
checks:
  - { id: says-hello, title: The kernel says hello, points: 10, console: hello }
`;

const HOST = { ...fakeHost((kernel) => [{ print: kernel }, { stop: { reason: 'poweroff' } }]), tool: TOOL };

let folder: TestFolder;

beforeAll(() => {
  folder = new TestFolder();
  folder.put('lab.yaml', RUBRIC);
  folder.put('blk.txt', 'Hello World from Image!');
  folder.put('class.csv', 'submission,id,name\nalice,1,Alice\nbob,2,Bob\n');
  folder.put('class/alice/build/kernel.elf', 'hello, good');
  folder.put('class/bob/build/kernel.elf', 'hello, good too');
});
afterAll(() => folder.remove());

const FORMATS = chosenFormats({ report: 'html,csv' });

interface Grading {
  readonly out: string;
  readonly submissions?: string;
  readonly formats?: ChosenFormat[];
  readonly shard?: Shard;
  readonly attempt?: number;
  readonly resume?: boolean;
}

/** Grades the class; returns the exit code. */
function gradeClass({ out, submissions = 'class', formats = FORMATS, ...others }: Grading): Promise<number> {
  return grade(
    {
      rubric: folder.at('lab.yaml'),
      submissions: [folder.at(submissions)],
      roster: folder.at('class.csv'),
      out: folder.at(out),
      json: false,
      strict: false,
      explain: 'nothing',
      attempt: 1,
      formats,
      ...others,
    },
    capture().environment,
    inThisProcess(HOST),
  );
}

describe('a class of two good kernels', () => {
  let earlier: Record<string, string>;
  let whole: Record<string, string>;
  let calls: number;

  beforeAll(async () => {
    expect(await gradeClass({ out: 'earlier', attempt: 2 })).toBe(0);
    earlier = folder.texts('earlier');
    cpSync(folder.at('earlier'), folder.at('whole'), { recursive: true });
    expect(await refusedAt(0, 'EIO', () => gradeClass({ out: 'whole' }))).toMatchObject({ end: 0 });
    calls = faults.state.calls;
    whole = folder.texts('whole');
    expect(Object.keys(whole).sort()).toEqual(Object.keys(earlier).sort());
  });

  /** Names of files that are not as they are when nothing is refused. */
  function differing(texts: Record<string, string>): string[] {
    return [...new Set([...Object.keys(whole), ...Object.keys(texts)])].filter((name) => texts[name] !== whole[name]);
  }

  /** With the earlier reports in its folder, which are then old or new, but never anything in between. */
  async function assertRefused(at: number, code: string): Promise<void> {
    rmSync(folder.at('out'), { recursive: true, force: true });
    cpSync(folder.at('earlier'), folder.at('out'), { recursive: true });
    const { end, refused } = await refusedAt(at, code, () => gradeClass({ out: 'out' }));
    const where = `${code} at call ${at} (${refused}): ${end}`;
    const texts = folder.texts('out');
    const reports = Object.values(texts).filter((text) => text.startsWith('{\n  "schema": "bootgrade/result/'));
    const results = reports.map((text) => JSON.parse(text) as SubmissionResult);
    expect(
      results.map(({ outcome }) => outcome),
      where,
    ).not.toContain('failed');
    for (const { outcome, score, reason } of results.filter((one) => one.outcome === 'errored')) {
      expect({ outcome, score, reason, end }, where).toMatchObject({ score: null, end: 3, reason: expect.stringMatching(/at fault/) });
    }
    if (end === 0) expect(differing(texts), where).toEqual([]);
    else if (end !== 3) {
      expect(end, where).toMatch(/^host: [^\n]+: [a-z -]+$/);
      for (const [name, text] of Object.entries(texts).filter(([one]) => !/^journal|tmp$/.test(one))) {
        expect([earlier[name], whole[name]], `${where}: ${name}`).toContain(text);
      }
    }
    const resume = texts['journal.jsonl']?.includes('"attempt":1') ?? false;
    expect(await gradeClass({ out: 'out', resume }), where).toBe(0);
    expect(differing(folder.texts('out')), where).toEqual([]);
  }

  // Each call meets two of the codes.
  it.each(CODES.map((code, index) => ({ code, first: 1 + (index % 5) })))(
    'is graded, or is not, but never wrongly: $code',
    async ({ code, first }) => {
      expect(calls).toBeGreaterThan(200);
      for (let at = first; at <= calls; at += 5) await assertRefused(at, code);
    },
    300_000,
  );

  it('is graded where a signal interrupts a call', async () => {
    for (let at = 1; at <= calls; at += 2) {
      rmSync(folder.at('out'), { recursive: true, force: true });
      const { end, refused } = await refusedAt(at, 'EINTR', () => gradeClass({ out: 'out' }));
      expect({ end, differ: differing(folder.texts('out')) }, refused).toEqual({ end: 0, differ: [] });
    }
  }, 300_000);
});

describe('other commands', () => {
  const commands: Record<string, { run: () => Promise<number>; leaves: string }> = {
    'grade of one submission': { run: () => gradeOf('class/alice', 'one'), leaves: 'one' },
    'grade --shard': { run: () => gradeOf('class', 'part', { index: 1, count: 2 }), leaves: 'part' },
    merge: {
      run: () => merge({ blobs: blobs(), out: folder.at('merged'), json: false, strict: false, formats: [] }, capture().environment),
      leaves: 'merged',
    },
    regrade: {
      run: () =>
        regrade(
          { rubric: folder.at('lab.yaml'), reports: folder.at('earlier'), out: folder.at('again'), json: false },
          capture().environment,
        ),
      leaves: 'again',
    },
  };
  const blobs = () => [1, 2].map((index) => folder.at(`shard${index}/shard-${index}-of-2.blob`));
  const gradeOf = (path: string, out: string, shard?: Shard) =>
    gradeClass({ out, submissions: path, formats: [], ...(shard && { shard }) });

  beforeAll(async () => {
    await gradeClass({ out: 'earlier' });
    for (const index of [1, 2]) await gradeOf('class', `shard${index}`, { index, count: 2 });
  });

  it.each(Object.keys(commands))(
    '%s does all or says why not, and leaves no half file',
    async (name) => {
      const { run, leaves } = commands[name]!;
      expect(await refusedAt(0, 'EIO', run)).toMatchObject({ end: 0 });
      const { calls } = faults.state;
      const whole = folder.texts(leaves);
      for (let at = 1; at <= calls; at++) {
        rmSync(folder.at(leaves), { recursive: true });
        mkdirSync(folder.at(leaves));
        const code = CODES[at % CODES.length]!;
        const { end, refused } = await refusedAt(at, code, run);
        const where = `${code} at call ${at} (${refused}): ${end}`;
        if (end !== 3) {
          expect(String(end), where).toMatch(/^0$|^host: [^\n]+: [a-z -]+$/);
          for (const [file, text] of Object.entries(folder.texts(leaves))) {
            if (!/^journal|tmp$/.test(file)) expect(text === whole[file], `${where}: ${file}`).toBe(true);
          }
          if (end === 0) expect(Object.keys(folder.texts(leaves)), where).toEqual(Object.keys(whole));
        }
      }
    },
    300_000,
  );
});
