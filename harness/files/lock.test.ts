import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lock } from './lock.ts';

let folder: string;
let journal: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-lock-'));
  journal = join(folder, 'journal.jsonl');
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

const locks = () => readdirSync(folder).filter((name) => name.endsWith('.lock'));

/** Another process that holds the lock; says so, or why it could not have it. */
async function another(): Promise<{ child: ChildProcess; said: string }> {
  const outfile = join(folder, 'another.mjs');
  const contents = `import { lock } from ${JSON.stringify(join(import.meta.dirname, 'lock.ts'))};
    try { lock(${JSON.stringify(journal)}); console.log('locked'); } catch (error) { console.log(error.message); }
    setInterval(() => {}, 1000);`;
  buildSync({ stdin: { contents, resolveDir: folder }, bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'error' });
  const child = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const said = await new Promise<string>((resolve) => child.stdout.once('data', (data: Buffer) => resolve(data.toString().trim())));
  return { child, said };
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await end;
}

it('is had by one process at a time, and leaves no file', async () => {
  const mine = lock(journal);
  expect((await another()).said).toBe(`${journal} is being written by process ${process.pid} of this computer`);
  mine.release();
  const { said, child } = await another();
  expect(said).toBe('locked');
  expect(() => lock(journal)).toThrow(`is being written by process ${child.pid}`);
  expect(locks()).toHaveLength(1);
});

it('is a different one for each file of the folder', () => {
  const first = lock(join(folder, 'journal-1-of-2.jsonl'));
  const second = lock(join(folder, 'journal-2-of-2.jsonl'));
  const whole = lock(journal);
  for (const one of [first, second, whole]) one.release();
  expect(locks()).toEqual([]);
});

it('is free again when its process was killed', async () => {
  const { child } = await another();
  await ended(child, 'SIGKILL');
  expect(locks()).toHaveLength(1);
  const mine = lock(journal);
  expect(mine.replaced).toEqual([]);
  expect(locks()).toHaveLength(1);
  mine.release();
  expect(locks()).toEqual([]);
});

it('stays with a process that is stopped', async () => {
  const { child } = await another();
  child.kill('SIGSTOP');
  expect(() => lock(journal)).toThrow(`process ${child.pid}`);
});

it.skipIf(!existsSync('/proc/self/stat'))('does not take another process for the one that had its number', () => {
  const mine = lock(journal);
  const [name] = locks();
  mine.release();
  // As of a process with the number of this one's parent, which began at another time.
  const stale = name!.replace(/-\d+-(\d+)\.lock$/, `-${process.ppid}-7.lock`);
  writeFileSync(join(folder, stale), '');
  const again = lock(journal);
  expect(locks()).not.toContain(stale);
  again.release();
});

it('cannot tell whether a process of another computer lives: its lock is replaced, and named', () => {
  const theirs = `${journal}.00000000-${process.pid}-1.lock`;
  writeFileSync(theirs, '');
  writeFileSync(join(folder, 'journal.jsonl.notes.lock'), 'not ours');
  const mine = lock(journal);
  expect(mine.replaced).toEqual([theirs]);
  mine.release();
  expect(locks()).toEqual(['journal.jsonl.notes.lock']);
});
