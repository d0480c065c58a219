import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { findSubmissions, SubmissionPathError } from './find.ts';
import { readKernel } from './kernel.ts';

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
  const paths = below.map((path) => join(root, path));
  return findSubmissions(paths, PATTERNS).submissions;
}

/** Name to the kernel's file, or to what is wrong. */
function summary(...below: string[]): Record<string, string> {
  return Object.fromEntries(
    find(...below).map(({ name, kernel }) => [
      name,
      'path' in kernel ? kernel.file : 'problem' in kernel ? kernel.problem : `fault: ${kernel.hostFault}`,
    ]),
  );
}

describe('what one path stands for', () => {
  it('takes a file as a submission, whatever it is called', () => {
    put('mine.bin');
    expect(summary('mine.bin')).toEqual({ 'mine.bin': 'mine.bin' });
  });

  it('takes a folder without a kernel as a failed submission where it is said to be one', () => {
    put('alice/README.md');
    put('alice/src/main.rs');
    expect(findSubmissions([join(root, 'alice')], PATTERNS, { single: true }).submissions).toEqual([
      { name: 'alice', kernel: { problem: 'no kernel was found: nothing in it matches kernel.elf or target/osdk/*.qemu_elf' } },
    ]);
    put('alice/target/osdk/lab.qemu_elf');
    expect(findSubmissions([join(root, 'alice')], PATTERNS, { single: true }).submissions).toMatchObject([
      { kernel: { file: 'target/osdk/lab.qemu_elf' } },
    ]);
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

  it('takes names that are not paths for what they are', () => {
    put('class/a\nb/kernel.elf');
    put('class/--help/kernel.elf');
    expect(find('class').map(({ name }) => name)).toEqual(['--help', 'a\nb']);
  });

  it('gives each name that is not UTF-8 a name that no other has', () => {
    for (const name of ['x%FF', 'x%25FF', 'not UTF-8']) put(`class/${name}/kernel.elf`);
    put('class/(not UTF-8) x%FF/kernel.elf');
    for (const bytes of [[0xff], [0xfe], [0x25, 0xff]]) mkdirSync(Buffer.from([...Buffer.from(`${root}/class/x`), ...bytes]));
    const rename = 'its name is not UTF-8; rename it';
    expect(summary('class')).toEqual({
      '(not UTF-8) x%FE': rename,
      '(not UTF-8) x%FF': rename,
      '(not UTF-8) x%25%FF': rename,
      '(not UTF-8) (not UTF-8) x%25FF': rename,
      'not UTF-8': 'kernel.elf',
      'x%25FF': 'kernel.elf',
      'x%FF': 'kernel.elf',
    });
  });

  it('leaves out folders of reports, and says which', () => {
    put('class/alice/kernel.elf');
    put('class/bob/reports/bob.json', '{\n  "schema": "bootgrade/result/v1"');
    put('class/reports/journal.jsonl', '{"schema":"bootgrade/journal/v1"}\n');
    put('class/old/class.files.json', '{ "schema": "bootgrade/files/v1" }');
    put('class/shards/shard-1-of-2.blob', '{"schema":"bootgrade/blob/v1"}\n');
    put('class/carol/package.json', '{ "name": "lab" }');
    const { submissions, leftOut } = findSubmissions([join(root, 'class')], PATTERNS);
    expect(submissions.map(({ name }) => name)).toEqual(['alice', 'bob', 'carol']);
    expect(leftOut).toEqual(['old', 'reports', 'shards'].map((name) => join(root, 'class', name)));
  });

  it('grades a folder with a kernel, whatever lies beside it', () => {
    put('class/alice/kernel.elf');
    put('class/alice/journal.jsonl', '{"schema":"bootgrade/journal/v1"}\n');
    expect(summary('class')).toEqual({ alice: 'kernel.elf' });
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

  it('gives nobody the work that a link leads to, be it a folder or an entry of the class', () => {
    put('class/s1/kernel.elf');
    mkdirSync(join(root, 'class/s2/deep'), { recursive: true });
    symlinkSync('../../s1', join(root, 'class/s2/deep/a'));
    mkdirSync(join(root, 'class/s3'));
    symlinkSync('../s1', join(root, 'class/s3/a'));
    symlinkSync('s1', join(root, 'class/s4'));
    symlinkSync('s1/kernel.elf', join(root, 'class/s5.elf'));
    symlinkSync(root, join(root, 'class/s6'));
    mkdirSync(join(root, 'class/s7/target'), { recursive: true });
    symlinkSync('../../s1', join(root, 'class/s7/target/osdk'));
    const none = 'no kernel was found: nothing in it matches kernel.elf or target/osdk/*.qemu_elf';
    const link = 'it is a symbolic link; what is handed in has to be a file or a folder of its own';
    expect(summary('class')).toEqual({ s1: 'kernel.elf', s2: none, s3: none, s4: link, 's5.elf': link, s6: link, s7: none });
  });

  it('follows a link that was named alone, since a person did, and none among others, which a shell may have named', () => {
    put('class/s1/kernel.elf');
    symlinkSync('s1', join(root, 'class/s2'));
    expect(summary('class/s2')).toEqual({ s2: 'kernel.elf' });
    const link = 'it is a symbolic link; what is handed in has to be a file or a folder of its own';
    expect(summary('class/s1', 'class/s2')).toEqual({ s1: 'kernel.elf', s2: link });
  });

  it('follows links from one to the next as long as they stay inside', () => {
    put('solution/kernel.elf');
    put('alice/build/out.elf');
    symlinkSync('build', join(root, 'alice/b'));
    const linked = (target: string) => {
      rmSync(join(root, 'alice/kernel.elf'), { force: true });
      symlinkSync(target, join(root, 'alice/kernel.elf'));
      return summary('alice')['alice'];
    };
    expect(linked('b/out.elf')).toBe('kernel.elf');
    expect(linked('./build/../b/./out.elf')).toBe('kernel.elf');
    expect(linked(join(root, 'alice/build/out.elf'))).toBe('kernel.elf');
    const out = 'kernel.elf is a symbolic link that leads out of the submission';
    expect(linked('../alice/build/out.elf')).toBe(out);
    expect(linked('b/../../solution/kernel.elf')).toBe(out);
    expect(linked(join(root, 'solution/kernel.elf'))).toBe(out);
    expect(linked('/etc/hostname')).toBe(out);
    // Not even looked at, so it makes no difference what it is or who may read it.
    expect(linked(`/${'x'.repeat(300)}`)).toBe(out);
    expect(linked('build/out.elf/x')).toBe('kernel.elf is a symbolic link that leads to nothing');
    expect(linked('x'.repeat(300))).toBe('kernel.elf is a symbolic link that leads to nothing');
    expect(linked('build')).toBe('kernel.elf is a folder, not a kernel');
  });

  it('survives links in circles and to nothing', () => {
    put('class/alice/kernel.elf');
    mkdirSync(join(root, 'class/loops'));
    symlinkSync('..', join(root, 'class/loops/again'));
    symlinkSync('kernel.elf', join(root, 'class/loops/kernel.elf'));
    symlinkSync('nothing', join(root, 'class/dangling'));
    expect(summary('class')).toEqual({
      alice: 'kernel.elf',
      dangling: 'it is a symbolic link; what is handed in has to be a file or a folder of its own',
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
    expect(found).toEqual({ alice: 'kernel.elf', bob: 'fault: the kernel cannot be looked for: permission denied' });
  });

  it('does not read a file that is larger than any kernel', () => {
    truncateSync(put('alice/kernel.elf'), MOST_BYTES.kernel + 1);
    const [{ kernel }] = find('alice') as [ReturnType<typeof find>[number]];
    expect('path' in kernel && readKernel(kernel)).toEqual({
      problem: 'kernel.elf is no kernel: it has 268435457 bytes, the most is 268435456',
    });
  });
});
