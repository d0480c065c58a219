import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findSubmissions, SubmissionPathError } from './find.ts';
import { LARGEST_KERNEL, readKernel } from './kernel.ts';

const PATTERNS = ['kernel.elf', 'target/osdk/*.qemu_elf'];
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootgrade-find-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(file: string, text = file): string {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

function find(...below: string[]) {
  return findSubmissions(
    below.map((path) => join(root, path)),
    PATTERNS,
  );
}

/** Name to the kernel's file, or to what is wrong. */
function summary(...below: string[]): Record<string, string> {
  return Object.fromEntries(find(...below).map(({ name, kernel }) => [name, 'path' in kernel ? kernel.file : kernel.problem]));
}

describe('what one path stands for', () => {
  it('takes a file as a submission, whatever it is called', () => {
    put('mine.bin');
    expect(summary('mine.bin')).toEqual({ 'mine.bin': 'mine.bin' });
  });

  it('takes a folder without a kernel as a failed submission where it is said to be one', () => {
    put('alice/README.md');
    put('alice/src/main.rs');
    expect(findSubmissions([join(root, 'alice')], PATTERNS, true)).toEqual([
      { name: 'alice', kernel: { problem: 'no kernel was found: nothing in it matches kernel.elf or target/osdk/*.qemu_elf' } },
    ]);
    put('alice/target/osdk/lab.qemu_elf');
    expect(findSubmissions([join(root, 'alice')], PATTERNS, true)).toMatchObject([{ kernel: { file: 'target/osdk/lab.qemu_elf' } }]);
  });

  it('takes a folder with a kernel as a submission, and the first pattern wins', () => {
    put('alice/target/osdk/lab.qemu_elf');
    put('alice/kernel.elf');
    put('bob/target/osdk/zzz.qemu_elf');
    put('bob/target/osdk/lab.qemu_elf');
    expect(summary('alice')).toEqual({ alice: 'kernel.elf' });
    expect(summary('bob')).toEqual({ bob: 'target/osdk/lab.qemu_elf' });
  });

  it('refuses a path that does not exist, and an empty folder', () => {
    mkdirSync(join(root, 'empty'));
    expect(() => find('nobody')).toThrow(SubmissionPathError);
    expect(() => find('nobody')).toThrow(/nobody: no such file or folder/);
    expect(() => find('empty')).toThrow(/neither a submission nor a class/);
  });
});

describe('a class', () => {
  it('takes each entry as a submission, named by its path and sorted bytewise', () => {
    put('class/b/kernel.elf');
    put('class/a.elf');
    put('class/Z/kernel.elf');
    put('class/é/kernel.elf');
    put('class/section-1/carol/kernel.elf');
    put('class/section-1/no-build/main.rs');
    put('class/.git/kernel.elf');
    expect(find('class').map(({ name }) => name)).toEqual(['Z', 'a.elf', 'b', 'section-1/carol', 'section-1/no-build', 'é']);
  });

  it('keeps a folder without a kernel as a submission that says what was looked for', () => {
    put('class/alice/kernel.elf');
    put('class/bob/src/main.rs');
    mkdirSync(join(root, 'class/carol'));
    const problem = 'no kernel was found: nothing in it matches kernel.elf or target/osdk/*.qemu_elf';
    expect(summary('class')).toEqual({ alice: 'kernel.elf', bob: problem, carol: problem });
  });

  it('takes names that are no path for what they are', () => {
    put('class/a\nb/kernel.elf');
    put('class/--help/kernel.elf');
    expect(find('class').map(({ name }) => name)).toEqual(['--help', 'a\nb']);
  });

  it('reports a name that is not UTF-8 instead of losing it', () => {
    put('class/good/kernel.elf');
    mkdirSync(Buffer.concat([Buffer.from(`${root}/class/b`), Buffer.from([0xff]), Buffer.from('d')]));
    expect(summary('class')).toMatchObject({ 'b%FFd': 'its name is not UTF-8; rename it', good: 'kernel.elf' });
  });
});

describe('several paths', () => {
  it('keeps short names while they differ, and else goes by the paths', () => {
    put('alice/kernel.elf');
    put('bob/kernel.elf');
    expect(Object.keys(summary('alice', 'bob'))).toEqual(['alice', 'bob']);
    expect(Object.keys(summary('alice/kernel.elf', 'bob/kernel.elf'))).toEqual(['alice/kernel.elf', 'bob/kernel.elf']);
  });

  it('refuses the same thing twice', () => {
    put('alice/kernel.elf');
    expect(() => find('alice', 'alice')).toThrow(/named twice/);
  });
});

describe('what a student may try', () => {
  it('does not follow a kernel out of the submission', () => {
    put('class/alice/kernel.elf');
    mkdirSync(join(root, 'class/mallory'));
    symlinkSync('../alice/kernel.elf', join(root, 'class/mallory/kernel.elf'));
    expect(summary('class')).toEqual({ alice: 'kernel.elf', mallory: 'kernel.elf is a symbolic link that leads out of the submission' });
  });

  it('follows a link that stays inside', () => {
    put('alice/build/out.elf', 'the kernel');
    symlinkSync('build/out.elf', join(root, 'alice/kernel.elf'));
    const [{ kernel }] = find('alice') as [ReturnType<typeof find>[number]];
    expect('path' in kernel && readKernel(kernel)).toMatchObject({ file: 'kernel.elf', bytes: new TextEncoder().encode('the kernel') });
  });

  it('survives links in circles and to nothing', () => {
    put('class/alice/kernel.elf');
    mkdirSync(join(root, 'class/loops'));
    symlinkSync('..', join(root, 'class/loops/again'));
    symlinkSync('kernel.elf', join(root, 'class/loops/kernel.elf'));
    symlinkSync('nothing', join(root, 'class/dangling'));
    expect(summary('class')).toEqual({
      alice: 'kernel.elf',
      dangling: 'dangling is a symbolic link that leads to nothing',
      loops: 'kernel.elf is a symbolic link that leads to nothing',
    });
  });

  it('does not open a pipe, and takes no folder for a kernel', () => {
    mkdirSync(join(root, 'class/pipe'), { recursive: true });
    execFileSync('mkfifo', [join(root, 'class/pipe/kernel.elf')]);
    mkdirSync(join(root, 'class/folder/kernel.elf'), { recursive: true });
    expect(summary('class')).toEqual({
      folder: 'kernel.elf is a folder, not a kernel',
      pipe: 'kernel.elf is a device, a pipe or a socket, not a kernel',
    });
  });

  // Root may list everything.
  it.skipIf(process.getuid?.() === 0)('says which folder cannot be listed', () => {
    put('class/alice/kernel.elf');
    put('class/bob/kernel.elf');
    chmodSync(join(root, 'class/bob'), 0);
    const found = summary('class');
    chmodSync(join(root, 'class/bob'), 0o700);
    expect(found).toEqual({ alice: 'kernel.elf', bob: 'the folder cannot be listed (EACCES)' });
  });

  it('does not read a file that is larger than any kernel', () => {
    truncateSync(put('alice/kernel.elf'), LARGEST_KERNEL + 1);
    const [{ kernel }] = find('alice') as [ReturnType<typeof find>[number]];
    expect('path' in kernel && readKernel(kernel)).toEqual({ problem: 'kernel.elf has 268435457 bytes; a kernel may have 268435456' });
  });
});
