/** What was unpacked is gone when the command ends, however it ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tar } from '../testkit/archives.ts';
import { TestFolder } from '../testkit/command.ts';
import { buildProgram } from '../testkit/program.ts';

const folder = new TestFolder();
let program: string;

beforeAll(() => {
  program = buildProgram(folder);
  folder.put(
    'lab.yaml',
    'rubric: 1\ntitle: Hello\nsubmission: { kernel: kernel.elf }\nscenarios: { run: {} }\nchecks: [{ id: a, points: 1, console: a }]\n',
  );
  // So many files that nobody unpacks them before the signal comes.
  folder.put('class/s1001.tar', tar(Array.from({ length: 60_000 }, (_, index) => ({ name: `f${index}`, data: 'x' }))));
  folder.put('class/s1002/kernel.elf', 'x');
}, 120_000);
afterAll(() => folder.remove());

function start(temporary: string): { child: ChildProcess; end: Promise<number | null> } {
  mkdirSync(folder.at(temporary));
  const argv = [program, 'grade', folder.at('lab.yaml'), folder.at('class'), '--out', folder.at(`out-${temporary}`)];
  const child = spawn(process.execPath, argv, { env: { ...process.env, TMPDIR: folder.at(temporary) }, stdio: 'ignore' });
  return { child, end: new Promise((resolve) => child.on('close', (code) => resolve(code))) };
}

/** Files in the command's temporary folders. */
function unpacked(temporary: string): number {
  const scratch = readdirSync(folder.at(temporary)).filter((name) => name.startsWith('bootgrade-scratch-'));
  return scratch.flatMap((name) => readdirSync(join(folder.at(temporary), name), { recursive: true, encoding: 'utf8' })).length;
}

async function untilUnpacking(temporary: string): Promise<void> {
  while (unpacked(temporary) < 20) await setTimeout(20);
}

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s while archives are unpacked leaves no temporary folder', { timeout: 60_000 }, async (signal, code) => {
  const { child, end } = start(signal);
  await untilUnpacking(signal);
  child.kill(signal);
  expect(await end).toBe(code);
  expect(readdirSync(folder.at(signal))).toEqual([]);
});

it('what a killed command left is removed by the next one', { timeout: 60_000 }, async () => {
  const first = start('killed');
  await untilUnpacking('killed');
  first.child.kill('SIGKILL');
  await first.end;
  const left = readdirSync(folder.at('killed'));
  expect(left).toHaveLength(1);
  const argv = [program, 'grade', folder.at('lab.yaml'), folder.at('class'), '--out', folder.at('out-next')];
  const child = spawn(process.execPath, argv, { env: { ...process.env, TMPDIR: folder.at('killed') }, stdio: 'ignore' });
  const end = new Promise((resolve) => child.on('close', resolve));
  while (readdirSync(folder.at('killed')).includes(left[0]!)) await setTimeout(20);
  child.kill('SIGINT');
  await end;
  expect(readdirSync(folder.at('killed'))).toEqual([]);
});
