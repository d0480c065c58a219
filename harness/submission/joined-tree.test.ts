import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderTree } from './folder-tree.ts';
import { JoinedTree } from './joined-tree.ts';

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'bootgrade-joined-')));
  for (const file of ['file_/kernel.elf', 'file_/src/a.c', 'more/src/b.c', 'more/kernel.elf', 'text/online.html', 'x_1_2_notes.txt']) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), file);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('entries that are one submission', () => {
  const joined = () =>
    new JoinedTree(new FolderTree(root), [
      { entry: 'file_', as: '' },
      { entry: 'more', as: '' },
      { entry: 'text', as: 'typed/online' },
      { entry: 'x_1_2_notes.txt', as: 'notes.txt' },
    ]);
  const list = (folder: string) =>
    joined()
      .list(folder)
      ?.map(({ name, kind }) => `${name} ${kind}`) ?? null;
  const path = (file: string) => {
    const opened = joined().open(file);
    return 'path' in opened ? opened.path.slice(root.length + 1) : opened.problem;
  };

  it('are listed as one tree', () => {
    expect(list('')).toEqual(['kernel.elf file', 'notes.txt file', 'src folder', 'typed folder']);
    expect(list('src')).toEqual(['a.c file', 'b.c file']);
    expect(list('typed')).toEqual(['online folder']);
    expect(list('typed/online')).toEqual(['online.html file']);
    expect([list('notes.txt'), list('nothing')]).toEqual([null, null]);
  });

  it('are opened where they lie, the first of those with one name', () => {
    expect(['kernel.elf', 'src/b.c', 'typed/online/online.html', 'notes.txt'].map(path)).toEqual([
      'file_/kernel.elf',
      'more/src/b.c',
      'text/online.html',
      'x_1_2_notes.txt',
    ]);
    expect(path('src/c.c')).toBe('src/c.c is not there');
  });

  it('have parts that are trees, and say where each file is', () => {
    expect(
      joined()
        .at('typed')
        .list('online')
        ?.map(({ name }) => name),
    ).toEqual(['online.html']);
    expect(joined().at('src').open('b.c')).toMatchObject({ file: 'b.c', path: join(root, 'more/src/b.c') });
    const { place } = joined();
    expect('files' in place && Object.keys(place.files).sort()).toEqual([
      'kernel.elf',
      'notes.txt',
      'src/a.c',
      'src/b.c',
      'typed/online/online.html',
    ]);
  });
});
