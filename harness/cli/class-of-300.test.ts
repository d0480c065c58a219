/**
 * A real class: the samples under 300 names, with a roster, graded into every report format by one command; then the same in two shards,
 * each of which is killed and gone on with, and merged. Every byte has to be the same.
 */
import { spawn } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { TestFolder } from '../testkit/command.ts';
import { CLASS_FILES, everyFormatArguments, SUBMISSION_FILES } from '../testkit/formats.ts';
import { buildProgram, ended, ROOT } from '../testkit/program.ts';

const SAMPLES = readdirSync(join(ROOT, 'submissions/class')).sort();
const STUDENTS = Array.from({ length: 300 }, (_, at) => ({
  submission: `s${String(at).padStart(3, '0')}`,
  sample: SAMPLES[at % SAMPLES.length]!,
  row: `id-${at},"Student ${at}, Ève ""山田""",=cmd|' /C calc'!A${at}`,
}));
/** Rubric lab13's scenarios: a report, and evidence of each. */
const RECORD_FILES = 3;

const folder = new TestFolder();
afterAll(() => folder.remove(), 120_000);

it('of 300 in every format: two shards that were killed, gone on with, and merged leave the same bytes', async () => {
  const program = buildProgram(folder);
  for (const { submission, sample } of STUDENTS) {
    cpSync(join(ROOT, 'submissions/class', sample), folder.at(`class/${submission}`), { recursive: true });
  }
  const rows = STUDENTS.map(({ submission, row }) => `${submission},${row}\n`);
  const roster = folder.put('roster.csv', `submission,student id,name,note\n${rows.join('')},id-300,Nobody,\n`);
  const names = STUDENTS.map((_, at) => `id-${at}`);
  const formats = everyFormatArguments(folder, names);

  const start = (...argv: string[]) => spawn(process.execPath, [program, ...argv], { stdio: ['ignore', 'ignore', 'pipe'] });
  const grade = ['grade', join(ROOT, 'rubrics/lab13.yaml'), folder.at('class'), '--roster', roster];
  expect(await ended(start(...grade, '--out', folder.at('whole'), ...formats))).toMatchObject({ code: 0 });
  const whole = folder.texts('whole');
  // And the journal.
  expect(Object.keys(whole)).toHaveLength(STUDENTS.length * (RECORD_FILES + SUBMISSION_FILES) + CLASS_FILES + 1);

  const blobs: string[] = [];
  for (const shard of [1, 2]) {
    const part = [...grade, '--shard', `${shard}/2`, '--out', folder.at(`part${shard}`)];
    const killed = start(...part);
    const end = ended(killed);
    await setTimeout(3000);
    killed.kill('SIGKILL');
    expect(await end).toMatchObject({ code: null });
    expect(await ended(start(...part, '--resume'))).toMatchObject({ code: 0 });
    blobs.push(folder.at(`part${shard}/shard-${shard}-of-2.blob`));
  }
  expect(await ended(start('merge', ...blobs, '--out', folder.at('merged'), ...formats))).toMatchObject({ code: 0 });
  const merged = folder.texts('merged');
  expect(Object.keys(merged)).toEqual(Object.keys(whole));
  for (const [file, text] of Object.entries(whole)) expect(merged[file] === text, file).toBe(true);
}, 600_000);
