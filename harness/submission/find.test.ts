import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MOST_BYTES } from '../vocabulary/most-bytes.ts';
import { kernelsOnly } from '../vocabulary/submission.ts';
import { findSubmissions, SubmissionPathError } from './find.ts';
import type { Submission } from './handed-in.ts';
import { readKernel } from './kernel.ts';
import { Workspace } from './workspace.ts';

const RULES = kernelsOnly(['kernel.elf', 'target/osdk/*.qemu_elf']);
let workspace: Workspace;
let root: string;

beforeEach(() => {
  workspace = new Workspace();
  root = mkdtempSync(join(tmpdir(), 'bootgrade-find-'));
});
afterEach(async () => {
  rmSync(root, { recursive: true, force: true });
  await workspace.remove();
});

function put(file: string, text = file): string {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

async function find(...below: string[]) {
  const paths = below.map((path) => join(root, path));
  return (await findSubmissions(paths, RULES, { workspace })).submissions.map(({ submission }) => submission);
}

/** Name to the kernel's file, or to what is wrong. */
async function summary(...below: string[]): Promise<Record<string, string>> {
  return Object.fromEntries(
    (await find(...below)).map(({ name, kernel }) => [
      name,
      'path' in kernel ? kernel.file : 'problem' in kernel ? kernel.problem : `fault: ${kernel.hostFault}`,
    ]),
  );
}

describe('what one path stands for', () => {
  it('takes a file as a submission, whatever it is called', async () => {
    put('mine.bin');
    expect(await summary('mine.bin')).toEqual({ 'mine.bin': 'mine.bin' });
  });

  it('takes a folder without a kernel as a failed submission where it is said to be one', async () => {
    put('alice/README.md');
    put('alice/src/main.rs');
    expect((await findSubmissions([join(root, 'alice')], RULES, { single: true, workspace })).submissions).toMatchObject([
      {
        submission: {
          name: 'alice',
          kernel: { problem: 'no kernel was found: nothing in it matches kernel.elf or target/osdk/*.qemu_elf' },
        },
      },
    ]);
    put('alice/src/Kernel (1).ELF');
    put('alice/old/kernel.elf.gz');
    const near =
      'no kernel was found: nothing in it matches kernel.elf or target/osdk/*.qemu_elf; what comes closest is old/kernel.elf.gz, src/Kernel (1).ELF';
    expect((await findSubmissions([join(root, 'alice')], RULES, { single: true, workspace })).submissions).toMatchObject([
      { submission: { kernel: { problem: near } } },
    ]);
    put('alice/target/osdk/lab.qemu_elf');
    expect((await findSubmissions([join(root, 'alice')], RULES, { single: true, workspace })).submissions).toMatchObject([
      { submission: { kernel: { file: 'target/osdk/lab.qemu_elf' } } },
    ]);
  });

  it('takes a folder with a kernel as a submission, and the first pattern wins', async () => {
    put('alice/target/osdk/lab.qemu_elf');
    put('alice/kernel.elf');
    put('bob/target/osdk/lab.qemu_elf');
    expect(await summary('alice')).toEqual({ alice: 'kernel.elf' });
    expect(await summary('bob')).toEqual({ bob: 'target/osdk/lab.qemu_elf' });
  });

  it('refuses a path that does not exist, and an empty folder', async () => {
    mkdirSync(join(root, 'empty'));
    await expect(find('nobody')).rejects.toThrow(SubmissionPathError);
    await expect(find('nobody')).rejects.toThrow(/nobody: no such file or folder/);
    await expect(find('empty')).rejects.toThrow(/neither a submission nor a class/);
  });
});

describe('a class', () => {
  it('takes each entry as a submission, named by its path and sorted bytewise', async () => {
    put('class/b/kernel.elf');
    put('class/a.elf');
    put('class/Z/kernel.elf');
    put('class/é/kernel.elf');
    put('class/carol/lab13/kernel.elf');
    put('class/no-build/main.rs');
    put('class/.git/kernel.elf');
    expect((await find('class')).map(({ name }) => name)).toEqual(['Z', 'a.elf', 'b', 'carol', 'no-build', 'é']);
  });

  it('keeps a folder without a kernel as a submission that says what was looked for', async () => {
    put('class/alice/kernel.elf');
    put('class/bob/src/main.rs');
    mkdirSync(join(root, 'class/carol'));
    const problem = 'no kernel was found: nothing in it matches kernel.elf or target/osdk/*.qemu_elf';
    expect(await summary('class')).toEqual({ alice: 'kernel.elf', bob: problem, carol: problem });
  });

  it('takes names that are not paths for what they are', async () => {
    put('class/a\nb/kernel.elf');
    put('class/--help/kernel.elf');
    expect((await find('class')).map(({ name }) => name)).toEqual(['--help', 'a\nb']);
  });

  it('gives each name that is not UTF-8 a name that no other has', async () => {
    for (const name of ['x%FF', 'x%25FF', 'not UTF-8']) put(`class/${name}/kernel.elf`);
    for (const bytes of [[0xff], [0xfe], [0x25, 0xff]]) mkdirSync(Buffer.from([...Buffer.from(`${root}/class/x`), ...bytes]));
    const none = 'no kernel was found: nothing in it matches kernel.elf or target/osdk/*.qemu_elf';
    expect(await summary('class')).toEqual({
      xþ: none,
      xÿ: none,
      'x%ÿ': none,
      'not UTF-8': 'kernel.elf',
      'x%25FF': 'kernel.elf',
      'x%FF': 'kernel.elf',
    });
  });

  it('leaves out folders of reports, and says which', async () => {
    put('class/alice/kernel.elf');
    put('class/bob/reports/bob.json', '{\n  "schema": "bootgrade/result/v1"');
    put('class/reports/journal.jsonl', '{"schema":"bootgrade/journal/v1"}\n');
    put('class/old/class.files.json', '{ "schema": "bootgrade/files/v1" }');
    put('class/shards/shard-1-of-2.blob', '{"schema":"bootgrade/blob/v1"}\n');
    put('class/carol/package.json', '{ "name": "lab" }');
    const { submissions, leftOut } = await findSubmissions([join(root, 'class')], RULES, { workspace });
    expect(submissions.map(({ submission: { name } }) => name)).toEqual(['alice', 'bob', 'carol']);
    const reason = 'it is a folder of reports';
    expect(leftOut).toEqual(['old', 'reports', 'shards'].map((name) => ({ path: join(root, 'class', name), reason })));
  });

  it('grades a folder with a kernel, whatever lies beside it', async () => {
    put('class/alice/kernel.elf');
    put('class/alice/journal.jsonl', '{"schema":"bootgrade/journal/v1"}\n');
    expect(await summary('class')).toEqual({ alice: 'kernel.elf' });
  });
});

describe('several paths', () => {
  it('keeps short names while they differ, and else goes by the paths', async () => {
    put('alice/kernel.elf');
    put('bob/kernel.elf');
    expect(Object.keys(await summary('alice', 'bob'))).toEqual(['alice', 'bob']);
    expect(Object.keys(await summary('alice/kernel.elf', 'bob/kernel.elf'))).toEqual(['alice', 'bob']);
    put('1/alice/kernel.elf');
    put('2/alice/kernel.elf');
    expect(Object.keys(await summary('1/alice', '2/alice'))).toEqual(['1/alice', '2/alice']);
  });

  it('refuses the same thing twice', async () => {
    put('alice/kernel.elf');
    await expect(find('alice', 'alice')).rejects.toThrow(/named twice/);
  });
});

describe('what a student may try', () => {
  it('does not follow a kernel out of the submission', async () => {
    put('class/alice/kernel.elf');
    mkdirSync(join(root, 'class/mallory'));
    symlinkSync('../alice/kernel.elf', join(root, 'class/mallory/kernel.elf'));
    expect(await summary('class')).toEqual({
      alice: 'kernel.elf',
      mallory: 'kernel.elf is a symbolic link that leads out of the submission',
    });
  });

  it('follows a link that stays inside', async () => {
    put('alice/build/out.elf', 'the kernel');
    symlinkSync('build/out.elf', join(root, 'alice/kernel.elf'));
    const [{ kernel }] = (await find('alice')) as [Submission];
    expect('path' in kernel && readKernel({ ...kernel, raw: true })).toMatchObject({
      file: 'kernel.elf',
      bytes: new TextEncoder().encode('the kernel'),
    });
  });

  it('gives nobody the work that a link leads to, be it a folder or an entry of the class', async () => {
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
    expect(await summary('class')).toEqual({ s1: 'kernel.elf', s2: none, s3: none, s4: link, 's5.elf': link, s6: link, s7: none });
  });

  it('follows a link that was named alone, since a person did, and none among others, which a shell may have named', async () => {
    put('class/s1/kernel.elf');
    symlinkSync('s1', join(root, 'class/s2'));
    expect(await summary('class/s2')).toEqual({ s2: 'kernel.elf' });
    const link = 'it is a symbolic link; what is handed in has to be a file or a folder of its own';
    expect(await summary('class/s1', 'class/s2')).toEqual({ s1: 'kernel.elf', s2: link });
  });

  it('follows links from one to the next as long as they stay inside', async () => {
    put('solution/kernel.elf');
    put('alice/build/out.elf');
    symlinkSync('build', join(root, 'alice/b'));
    const linked = async (target: string) => {
      rmSync(join(root, 'alice/kernel.elf'), { force: true });
      symlinkSync(target, join(root, 'alice/kernel.elf'));
      return (await summary('alice'))['alice'];
    };
    expect(await linked('b/out.elf')).toBe('kernel.elf');
    expect(await linked('./build/../b/./out.elf')).toBe('kernel.elf');
    expect(await linked(join(root, 'alice/build/out.elf'))).toBe('kernel.elf');
    const out = 'kernel.elf is a symbolic link that leads out of the submission';
    expect(await linked('../alice/build/out.elf')).toBe(out);
    expect(await linked('b/../../solution/kernel.elf')).toBe(out);
    expect(await linked(join(root, 'solution/kernel.elf'))).toBe(out);
    expect(await linked('/etc/hostname')).toBe(out);
    // Not even looked at, so it makes no difference what it is or who may read it.
    expect(await linked(`/${'x'.repeat(300)}`)).toBe(out);
    expect(await linked('build/out.elf/x')).toBe('kernel.elf is a symbolic link that leads to nothing');
    expect(await linked('x'.repeat(300))).toBe('kernel.elf is a symbolic link that leads to nothing');
    expect(await linked('build')).toBe('kernel.elf is a folder, not a file');
  });

  it('survives links in circles and to nothing', async () => {
    put('class/alice/kernel.elf');
    mkdirSync(join(root, 'class/loops'));
    symlinkSync('..', join(root, 'class/loops/again'));
    symlinkSync('kernel.elf', join(root, 'class/loops/kernel.elf'));
    symlinkSync('nothing', join(root, 'class/dangling'));
    expect(await summary('class')).toEqual({
      alice: 'kernel.elf',
      dangling: 'it is a symbolic link; what is handed in has to be a file or a folder of its own',
      loops: 'kernel.elf is a symbolic link that leads to nothing',
    });
  });

  it('does not open a pipe, and takes no folder for a kernel', async () => {
    mkdirSync(join(root, 'class/pipe'), { recursive: true });
    execFileSync('mkfifo', [join(root, 'class/pipe/kernel.elf')]);
    mkdirSync(join(root, 'class/folder/kernel.elf'), { recursive: true });
    expect(await summary('class')).toEqual({
      folder: 'kernel.elf is a folder, not a file',
      pipe: 'kernel.elf is a device, a pipe or a socket, not a file',
    });
  });

  // Root may list everything.
  it.skipIf(process.getuid?.() === 0)('says which folder cannot be listed', async () => {
    put('class/alice/kernel.elf');
    put('class/bob/kernel.elf');
    chmodSync(join(root, 'class/bob'), 0);
    const found = await summary('class');
    chmodSync(join(root, 'class/bob'), 0o700);
    expect(found).toEqual({ alice: 'kernel.elf', bob: 'fault: the kernel cannot be looked for: permission denied' });
  });

  it('does not read a file that is larger than any kernel', async () => {
    truncateSync(put('alice/kernel.elf'), MOST_BYTES.kernel + 1);
    const [{ kernel }] = (await find('alice')) as [Submission];
    expect('path' in kernel && readKernel(kernel)).toEqual({
      problem: 'kernel.elf is no kernel: it has 268435457 bytes, the most is 268435456',
    });
  });
});
