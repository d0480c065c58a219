/**
 * The built command, and a worker process of it, of which the system refuses one call for a file or a process: as host-faults.test.ts, with
 * all that Node and the libraries do in between, and of the calls a sample.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SubmissionResult } from '../result/result.ts';
import { BatchFolder } from '../testkit/program.ts';

const PRELOAD = join(import.meta.dirname, 'fail-at-call.mjs');
const CODES = ['EIO', 'EMFILE', 'ENFILE', 'ESTALE', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT', 'ENOMEM', 'EAGAIN', 'EINTR'];
const SAMPLE = 22;

let folder: BatchFolder;
let whole: Record<string, string>;

beforeAll(() => {
  folder = new BatchFolder(2);
}, 120_000);
afterAll(() => folder.remove());

function grade(program: string, at: number, code: string) {
  const notes = folder.at('notes');
  for (const path of [notes, folder.at('out')]) rmSync(path, { recursive: true, force: true });
  const variables = { FAIL_PROGRAM: program, FAIL_AT: String(at), FAIL_CODE: code, FAIL_NOTES: notes, NODE_OPTIONS: `--import ${PRELOAD}` };
  const argv = folder.command('out', '--jobs', '1');
  const { status, signal, stderr } = spawnSync(process.execPath, argv, { env: { ...process.env, ...variables }, encoding: 'utf8' });
  const notice = existsSync(notes) ? folder.read('notes') : '';
  return {
    end: status ?? signal,
    lines: stderr.split('\n').slice(0, -1),
    notice,
    texts: existsSync(folder.at('out')) ? folder.texts('out') : {},
  };
}

it.each(['bootgrade.mjs', 'grade-worker.mjs'])(
  '%s says what failed, and gives no grade for it',
  (program) => {
    const uninterrupted = grade(program, 0, '');
    expect(uninterrupted).toMatchObject({ end: 0, lines: [] });
    whole = uninterrupted.texts;
    const calls = Number(uninterrupted.notice);
    expect(calls).toBeGreaterThan(2 * SAMPLE);
    for (let sample = 0; sample < SAMPLE; sample++) {
      const at = 1 + Math.floor(((sample + Math.random()) * calls) / SAMPLE);
      const code = CODES[sample % CODES.length]!;
      const { end, lines, notice, texts } = grade(program, at, code);
      const where = `${code} at call ${at}, ${notice}`;
      const errored = Object.entries(texts).filter(([name, text]) => /^s\d+\.json$/.test(name) && text !== whole[name]);
      for (const [, text] of errored)
        expect(JSON.parse(text) as SubmissionResult, where).toMatchObject({ outcome: 'errored', score: null });
      expect({ where, end, lines }).toEqual({ where, end: expect.toBeOneOf([0, 3]) as number, lines: lines.slice(0, 1) });
      expect(lines[0] ?? '', where).toMatch(/^$|^bootgrade: .*: [a-z -]+$/);
      if (end === 0)
        expect(
          Object.keys(texts).filter((name) => texts[name] !== whole[name]),
          where,
        ).toEqual([]);
      else expect(errored.length + lines.length, where).toBe(1);
    }
  },
  300_000,
);
