import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sourcesAt } from './sources.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootgrade-sources-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, text = file): string {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const sources = () => sourcesAt({ folder: join(root, 'hand-in') })!;

describe('the files of a hand-in', () => {
  it('are those in it, without what a build or a version control has put there', () => {
    put('hand-in/src/blk.rs');
    put('hand-in/Makefile');
    put('hand-in/.git/objects/12');
    put('hand-in/target/CACHEDIR.TAG');
    put('hand-in/target/debug/blk.rs');
    put('elsewhere.rs');
    expect(sources().list().toSorted()).toEqual(['Makefile', 'src/blk.rs']);
    expect(Buffer.from(sources().read('src/blk.rs')!).toString()).toBe('hand-in/src/blk.rs');
  });

  it('are no links, wherever these lead', () => {
    put('hand-in/a.c');
    symlinkSync(put('secret.c'), join(root, 'hand-in/b.c'));
    symlinkSync('a.c', join(root, 'hand-in/c.c'));
    symlinkSync(root, join(root, 'hand-in/src'));
    expect(sources().list()).toEqual(['a.c']);
    expect(sources().read('b.c')).toBeNull();
    expect(sources().read('src/secret.c')).toBeNull();
    expect(sources().read('../secret.c')).toBeNull();
  });

  it('are not read where they are too large', () => {
    truncateSync(put('hand-in/a.c'), 1024 * 1024);
    truncateSync(put('hand-in/b.c'), 1024 * 1024 + 1);
    expect(sources().read('a.c')).toHaveLength(1024 * 1024);
    expect(sources().read('b.c')).toBeNull();
  });

  it('are none where there are too many to look at', () => {
    put('hand-in/a.c');
    for (let index = 0; index < 5001; index++) mkdirSync(join(root, `hand-in/${index}`));
    expect(sources().list()).toEqual([]);
  });

  it('are none where the folder is gone', () => {
    expect(sources().list()).toEqual([]);
    expect(sources().read('a.c')).toBeNull();
  });
});
