import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { identityText, thisProcess } from '../files/process-identity.ts';
import { BuildCache } from './cache.ts';
import { IN_USE, noteUse, removePending, shrink } from './cache-size.ts';

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'bootgrade-cache-'));
});
afterEach(() => rmSync(cache, { recursive: true, force: true }));

const MEGABYTE = 2 ** 20;
const NOW = Date.UTC(2026, 10, 26);

const key = (digit: string) => digit.repeat(64);

/** An entry of a megabyte that was used so many days ago. */
function entry(digit: string, days: number): string {
  const folder = join(cache, key(digit));
  mkdirSync(folder);
  writeFileSync(join(folder, 'kernel'), Buffer.alloc(MEGABYTE, 1));
  const used = (NOW - days * IN_USE) / 1000;
  utimesSync(folder, used, used);
  return folder;
}

it('what was used longest ago goes first, and no more than has to', async () => {
  for (const [digit, days] of [
    ['a', 3],
    ['b', 9],
    ['c', 2],
    ['d', 5],
  ] as const) {
    entry(digit, days);
  }
  mkdirSync(join(cache, 'notes'));
  await shrink(cache, 2.5 * MEGABYTE, NOW);
  expect(readdirSync(cache).sort()).toEqual([key('a'), key('c'), 'notes']);
});

it('what was used today stays, so that no grading that goes on loses its kernels', async () => {
  const old = entry('a', 2);
  const used = entry('b', 0.5);
  await shrink(cache, 0, NOW);
  expect([existsSync(old), existsSync(used)]).toEqual([false, true]);
});

it('an entry that is used is as new as one that was made', async () => {
  const [one, other] = [entry('a', 9), entry('b', 3)];
  noteUse(one);
  await shrink(cache, 0, Date.now());
  expect([existsSync(one), existsSync(other)]).toEqual([true, false]);
});

it('what a killed process was writing is removed, and what others write is not', async () => {
  const me = thisProcess();
  const names = [
    `${key('a')}.${identityText({ ...me, start: '1' })}.tmp`,
    `${key('a')}.${identityText(me)}.tmp`,
    `${key('a')}.${identityText({ ...me, computer: '00000000', start: '1' })}.tmp`,
    key('b'),
  ];
  for (const name of names) mkdirSync(join(cache, name, 'x'), { recursive: true });
  await removePending(cache);
  expect(readdirSync(cache).sort()).toEqual(names.slice(1).sort());
});

it('a grading removes both: the one before it begins, the other when all is done', async () => {
  mkdirSync(join(cache, `${key('a')}.${identityText({ ...thisProcess(), start: '1' })}.tmp`));
  entry('b', 2);
  const builds = await BuildCache.open(cache, MEGABYTE / 2);
  expect(readdirSync(cache)).toEqual([key('b')]);
  await builds.close();
  expect(readdirSync(cache)).toEqual([]);
});
