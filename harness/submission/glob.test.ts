import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { matchesName } from '../vocabulary/path-pattern.ts';
import { FolderTree } from './folder-tree.ts';
import { glob } from './glob.ts';

it.each([
  ['kernel.elf', 'kernel.elf', true],
  ['kernel.elf', 'kernel_elf', false],
  ['*.qemu_elf', 'lab.qemu_elf', true],
  ['*.qemu_elf', 'lab.qemu_elf.d', false],
  ['*', '', true],
  ['a*b*c', 'aXXbYYbZZc', true],
  ['a*b*c', 'aXXbYYbZZ', false],
  ['?.elf', 'k.elf', true],
  ['?.elf', '.elf', false],
])('%s on %s: %s', (pattern, name, expected) => {
  expect(matchesName(pattern, name)).toBe(expected);
});

it('does not try every way to split a name among stars', () => {
  expect(matchesName(`${'*a'.repeat(40)}b`, 'a'.repeat(255))).toBe(false);
});

it('walks folders, in order, and never out of the root', () => {
  const root = mkdtempSync(join(tmpdir(), 'bootgrade-glob-'));
  try {
    for (const file of ['s/b.elf', 's/a.elf', 's/deep/er/c.elf', 'outside.elf']) {
      mkdirSync(join(root, dirname(file)), { recursive: true });
      writeFileSync(join(root, file), '');
    }
    expect(glob(new FolderTree(join(root, 's')), '*.elf')).toEqual(['a.elf', 'b.elf']);
    expect(glob(new FolderTree(join(root, 's')), '**/*.elf')).toEqual(['a.elf', 'b.elf', 'deep/er/c.elf']);
    expect(glob(new FolderTree(join(root, 's')), './deep/*/c.elf')).toEqual(['deep/er/c.elf']);
    expect(glob(new FolderTree(join(root, 's')), '../outside.elf')).toEqual([]);
    expect(glob(new FolderTree(join(root, 's/a.elf')), '*')).toEqual([]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
