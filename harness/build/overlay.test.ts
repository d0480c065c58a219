import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileTree } from '../submission/file-tree.ts';
import { FolderTree } from '../submission/folder-tree.ts';
import { kernelsOnly, type SubmissionRules } from '../vocabulary/submission.ts';
import { overlay, type SourceFile } from './overlay.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootgrade-overlay-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(...files: string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), file);
  }
}

const BASE: SourceFile[] = ['Makefile', 'src/blk.c', 'src/main.c'].map((path) => ({ path, from: `/course/${path}` }));

function rules(...take: string[]): SubmissionRules {
  return { ...kernelsOnly(['kernel.elf']), base: 'course', take };
}

/** Path to where it comes from, below the hand-in or the course; or what is wrong. */
function laid(take: string[], base: SourceFile[] | null = BASE) {
  const made = overlay(new FolderTree(root), rules(...take), base);
  if ('problem' in made) return made.problem;
  return Object.fromEntries(made.files.map(({ path, from }) => [path, from.replace(`${root}/`, '')]));
}

describe('with a base', () => {
  it('takes what the rubric names, and all else from the course', () => {
    put('src/blk.c', 'src/main.c', 'Makefile', 'notes.txt');
    expect(laid(['src/blk.c'])).toEqual({ Makefile: '/course/Makefile', 'src/blk.c': 'src/blk.c', 'src/main.c': '/course/src/main.c' });
    const made = overlay(new FolderTree(root), rules('src/blk.c', 'doc/*.md'), BASE);
    expect(made).toMatchObject({ missing: ['doc/*.md'], ignored: ['Makefile', 'notes.txt', 'src/main.c'] });
  });

  it('finds the top of the tree below folders of the hand-in', () => {
    put('s1001/lab13/src/blk.c', 's1001/lab13/src/main.c');
    expect(laid(['src/*.c'])).toMatchObject({ 'src/blk.c': 's1001/lab13/src/blk.c', 'src/main.c': 's1001/lab13/src/main.c' });
  });

  it('prefers the tree in which most is there, and does not guess between two', () => {
    put('old/src/blk.c', 'new/src/blk.c', 'new/src/main.c');
    expect(laid(['src/blk.c', 'src/main.c'])).toMatchObject({ 'src/blk.c': 'new/src/blk.c' });
    expect(laid(['src/blk.c'])).toBe('the files of the lab are there more than once: below new/, old/; only one version can be handed in');
  });

  it('takes a file of the right name, wherever it lies', () => {
    put('blk.c', 'readme.txt');
    expect(laid(['src/blk.c'])).toMatchObject({ 'src/blk.c': 'blk.c' });
    put('again/blk.c');
    expect(laid(['src/blk.c'])).toBe('blk.c is there more than once: again/blk.c, blk.c');
  });

  it('takes the only file of a hand-in for the only one that is wanted, if it is of the same kind', () => {
    put('blk(1).c');
    expect(laid(['src/blk.c'])).toMatchObject({ 'src/blk.c': 'blk(1).c' });
    expect(laid(['src/blk.rs'])).toBe('blk(1).c is not blk.rs, the file that the lab takes');
    put('b.c');
    expect(laid(['src/blk.c'])).toBe('nothing in it matches src/blk.c');
  });

  it('a file alone stands for the one that is taken', () => {
    put('s1001.c');
    const alone = new FileTree({ file: 's1001.c', path: join(root, 's1001.c') });
    expect(overlay(alone, rules('src/blk.c'), BASE)).toMatchObject({ taken: [{ path: 'src/blk.c', from: join(root, 's1001.c') }] });
    expect(overlay(alone, rules('src/*.c'), BASE)).toEqual({ problem: 'nothing in it matches src/*.c' });
  });

  it('a link that leads out is nobody’s work', () => {
    mkdirSync(join(root, 'src'));
    symlinkSync('/etc/passwd', join(root, 'src/blk.c'));
    expect(laid(['src/blk.c'])).toBe('src/blk.c is a symbolic link that leads out of the submission');
  });

  it('a path is a file or a folder for both', () => {
    put('src/main.c/x.c');
    expect(laid(['src/**'])).toBe('src/main.c is a folder, where the lab has a file');
    rmSync(join(root, 'src'), { recursive: true });
    put('src');
    expect(laid(['src', 'src/**'])).toBe('src is a file, where the lab has a folder');
  });
});

describe('without a base', () => {
  it('builds all that was handed in but what was built before, and links that lead out', () => {
    put('Makefile', 'main.c', 'kernel.elf', '.git/config');
    symlinkSync('main.c', join(root, 'same.c'));
    symlinkSync('/etc', join(root, 'etc'));
    expect(laid([], null)).toEqual({ Makefile: 'Makefile', 'main.c': 'main.c', 'same.c': 'main.c' });
  });
});

it('a tree without end is refused, and soon', () => {
  mkdirSync(join(root, 'd'));
  const endless = { list: () => [{ name: 'd', kind: 'folder', unusable: null } as const], open: () => ({ problem: '' }) };
  expect(overlay({ ...new FolderTree(root), ...endless } as never, rules('a'), BASE)).toEqual({
    problem: 'its folders lie more than 64 deep in one another',
  });
});
