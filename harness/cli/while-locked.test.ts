/** Two gradings into one folder, as processes of the built command. */
import { readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BatchFolder, ended } from '../testkit/program.ts';

let folder: BatchFolder;
let uninterrupted: Record<string, string>;

beforeAll(async () => {
  folder = new BatchFolder(40);
  await ended(folder.start('whole'));
  uninterrupted = folder.texts('whole');
}, 120_000);
afterAll(() => folder.remove());

/** What is in the folder, once what the worker process is at is on disk. */
async function settled(out: string): Promise<Record<string, string>> {
  for (let texts = folder.texts(out); ; texts = folder.texts(out)) {
    await setTimeout(500);
    if (JSON.stringify(texts) === JSON.stringify(folder.texts(out))) return texts;
  }
}

const files = (out: string) => readdirSync(folder.at(out));

it('the second is refused, and one that was killed keeps nobody out', async () => {
  const first = folder.start('out', '--jobs', '1');
  const firstEnd = ended(first);
  while (folder.journaled('out').length < 3) await setTimeout(5);
  first.kill('SIGSTOP');
  const before = await settled('out');

  const second = await ended(folder.start('out', '--resume'));
  const journal = folder.at('out/journal.jsonl');
  const line = `bootgrade: --out: ${journal} is being written by process ${first.pid} of this computer; wait for it, or name another folder\n`;
  expect(second).toEqual({ code: 2, err: line });
  expect(folder.texts('out')).toEqual(before);

  first.kill('SIGKILL');
  await firstEnd;
  expect(files('out').filter((name) => name.endsWith('.lock'))).toHaveLength(1);
  expect(await ended(folder.start('out', '--resume'))).toMatchObject({ code: 0 });
  expect(folder.texts('out')).toEqual(uninterrupted);
}, 120_000);

it('of several that begin at once, one grades', async () => {
  const ends = await Promise.all(Array.from({ length: 4 }, () => ended(folder.start('at-once'))));
  const done = ends.filter(({ code }) => code === 0);
  const refused = ends.filter(({ code, err }) => code === 2 && err.includes('is being written by process'));
  expect(done.length).toBeGreaterThanOrEqual(1);
  expect(done.length + refused.length).toBe(4);
  expect(folder.texts('at-once')).toEqual(uninterrupted);
}, 120_000);

it('shards share a folder', async () => {
  const shard = (index: number) => ended(folder.startShard('shards', `${index}/2`));
  expect((await Promise.all([shard(1), shard(2)])).map(({ code }) => code)).toEqual([0, 0]);
  const left = files('shards').filter((name) => !name.startsWith('s0'));
  expect(left.sort()).toEqual(['journal-1-of-2.jsonl', 'journal-2-of-2.jsonl', 'shard-1-of-2.blob', 'shard-2-of-2.blob']);
}, 120_000);
