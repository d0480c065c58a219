import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { identityText, thisProcess } from './process-identity.ts';
import { removeFolder, removeLeftScratch, scratchFolder } from './scratch.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bootgrade-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('is gone when it was removed, whatever was put there', async () => {
  const { path, remove } = await scratchFolder();
  mkdirSync(join(path, 'locked'));
  writeFileSync(join(path, 'locked/file'), '');
  chmodSync(join(path, 'locked'), 0);
  // Deeper than a path may be long: each folder is entered by its own name.
  execFileSync('sh', ['-c', 'i=0; while [ $i -lt 600 ]; do mkdir deeeeeeeeep && cd -P deeeeeeeeep || exit 1; i=$((i+1)); done'], {
    cwd: path,
  });
  await remove();
  expect(existsSync(path)).toBe(false);
});

it('of a process that is gone is removed, and no other', async () => {
  const me = thisProcess();
  const child = spawn('true');
  await new Promise((resolve) => child.once('exit', resolve));
  const dead = `bootgrade-scratch-${identityText({ ...me, process: child.pid!, start: '1' })}-aaaaaa`;
  const stay = [
    `bootgrade-scratch-${identityText(me)}-bbbbbb`,
    `bootgrade-scratch-${identityText({ ...me, computer: '00000000', process: child.pid! })}-cccccc`,
    'bootgrade-scratch-notes',
    'other',
  ];
  for (const name of [dead, ...stay]) mkdirSync(join(folder, name, 'x'), { recursive: true });
  await removeLeftScratch(folder);
  expect(readdirSync(folder).sort()).toEqual([...stay].sort());
});

it('says so where it cannot be removed', async () => {
  await expect(removeFolder('/proc/self/task')).rejects.toThrow('removing /proc/self/task failed');
});
