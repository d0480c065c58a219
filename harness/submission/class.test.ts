/** What a TA points at, and what becomes of it: each test is a class as it really comes. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tar, tarGz, zip } from '../testkit/archives.ts';
import { kernelsOnly, type SubmissionRules } from '../vocabulary/submission.ts';
import { findSubmissions } from './find.ts';
import { kernelOf } from './kernel.ts';
import { Workspace } from './workspace.ts';

const RULES = kernelsOnly(['kernel.elf', 'target/osdk/*.qemu_elf']);
/** An ELF header of RISC-V, as far as that is looked at, and a text by which it is known again. */
const kernel = (text: string) =>
  Buffer.concat([Buffer.from('7f454c46020101000000000000000000', 'hex'), Buffer.from([2, 0, 243, 0]), Buffer.from(text)]);

let root: string;
let workspace: Workspace;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootgrade-class-'));
  workspace = new Workspace();
});
afterEach(async () => {
  rmSync(root, { recursive: true, force: true });
  await workspace.remove();
});

function put(file: string, content: string | Buffer = kernel(file)): string {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function read(paths: readonly string[], rules: Partial<SubmissionRules> = {}, { single = false } = {}) {
  return findSubmissions(
    paths.map((path) => join(root, path)),
    { ...RULES, ...rules },
    { workspace, single },
  );
}

/** Each submission's name, with the text in its kernel, or what is wrong. */
async function graded(paths: readonly string[], rules: Partial<SubmissionRules> = {}): Promise<Record<string, string>> {
  const { submissions } = await read(paths, rules);
  return Object.fromEntries(submissions.map(({ submission }) => [submission.name, contentOf(submission)]));
}

function contentOf({ kernel: found }: { readonly kernel: Parameters<typeof kernelOf>[0] }): string {
  const read = kernelOf(found);
  if ('bytes' in read) return `${read.file}: ${Buffer.from(read.bytes.subarray(20)).toString()}`;
  return 'problem' in read ? read.problem : `${read.undecided ? 'undecided' : 'fault'}: ${read.hostFault}`;
}

const NONE = 'no kernel was found: nothing in it matches kernel.elf or target/osdk/*.qemu_elf';

describe('who is a student', () => {
  it('is whoever has a folder, an archive or a kernel, however deep the kernel lies in it', async () => {
    put('class/s1001/kernel.elf', kernel('one'));
    put('class/s1002/lab13/kernel.elf', kernel('two'));
    put('class/s1003.zip', zip([{ name: 'lab13/target/osdk/lab.qemu_elf', data: kernel('three') }]));
    put('class/s1004/lab.zip', zip([{ name: 'kernel.elf', data: kernel('four') }]));
    put('class/s1005.tar.gz', tarGz([{ name: 'all/lab.zip', data: zip([{ name: 'kernel.elf', data: kernel('five') }]) }]));
    put('class/s1006.elf', kernel('six'));
    put('class/s1007/notes/nothing', '');
    expect(await graded(['class'])).toEqual({
      s1001: 'kernel.elf: one',
      s1002: 'lab13/kernel.elf: two',
      s1003: 'lab13/target/osdk/lab.qemu_elf: three',
      s1004: 'lab.zip/kernel.elf: four',
      s1005: 'all/lab.zip/kernel.elf: five',
      's1006.elf': 's1006.elf: six',
      s1007: NONE,
    });
  });

  it('is nobody where a file is a list, a document or what a system has put there', async () => {
    put('class/s1001/kernel.elf');
    const others = [
      'roster.csv',
      'grades.xlsx',
      'README.txt',
      'README',
      'notes.md',
      'submission_metadata.yml',
      'Thumbs.db',
      'desktop.ini',
      '.DS_Store',
    ];
    for (const name of others) put(`class/${name}`, 'a text');
    put('class/__MACOSX/._s1001', 'x');
    put('class/.git/HEAD', 'x');
    put('class/todo', 'call the dean');
    // A kernel is somebody's work, whatever a platform made of its name.
    put('class/s1002.txt', kernel('renamed'));
    const { submissions, leftOut } = await read(['class']);
    expect(submissions.map(({ submission: { name } }) => name)).toEqual(['s1001', 's1002.txt']);
    expect(leftOut.map(({ path }) => path.slice(root.length + 7)).sort()).toEqual([...others, '__MACOSX', '.git', 'todo'].sort());
    expect(leftOut.find(({ path }) => path.endsWith('roster.csv'))!.reason).toBe('it is a table, such as a roster or a gradebook');
  });

  it('is told what was handed in instead of a kernel', async () => {
    put('class/s1001/kernel.elf', 'int main() {}');
    put('class/s1002/kernel.elf', '#!/bin/sh\necho hi');
    put('class/s1003/kernel.elf', zip([{ name: 'a', data: 'x' }]));
    put('class/s1004.exe', Buffer.from('MZ\x90\0', 'latin1'));
    put('class/s1005/kernel.elf', Buffer.concat([kernel('').subarray(0, 18), Buffer.from([62, 0]), Buffer.alloc(50)]));
    put('class/s1006/kernel.elf', '');
    put('class/s1007.rs', 'fn main() {}');
    put('class/s1008.zip', '<html>');
    put('class/s1009.rar', Buffer.from('Rar!\x1a\x07\x01\0', 'latin1'));
    expect(await graded(['class'])).toEqual({
      s1001: 'kernel.elf is a text file that begins with "int main() {}", so it is no kernel',
      s1002: 'kernel.elf is a shell script, so it is no kernel',
      s1003: 'kernel.elf is a zip archive, so it is no kernel',
      's1004.exe': 's1004.exe is a Windows program, so it is no kernel',
      s1005: 'kernel.elf is an ELF file for x86-64, not for RISC-V, so it is no kernel',
      s1006: 'kernel.elf is an empty file, so it is no kernel',
      's1007.rs': 's1007.rs is a text file that begins with "fn main() {}", so it is no kernel',
      s1008: 's1008.zip is not an archive: it is a web page',
      s1009: 's1009.rar: it is a RAR archive, which is not read: hand in a .zip or a .tar.gz',
    });
    put('raw/s1001/kernel.elf', `${' '.repeat(20)}anything`);
    expect(await graded(['raw'], { format: 'raw' })).toEqual({ s1001: 'kernel.elf: anything' });
  });

  it('has one name, whatever bytes it was written in', async () => {
    put('class/ju\u0308rgen/kernel.elf', kernel('nfd'));
    mkdirSync(Buffer.concat([Buffer.from(join(root, 'class/')), Buffer.from('Gr\xf6\xdfe', 'latin1')]));
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'class/')), Buffer.from('Gr\xf6\xdfe/kernel.elf', 'latin1')]), kernel('latin1'));
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'class/')), Buffer.from('Ren\xe9.elf', 'latin1')]), kernel('file'));
    expect(await graded(['class'])).toEqual({
      'j\u00fcrgen': 'kernel.elf: nfd',
      Größe: 'kernel.elf: latin1',
      'René.elf': 'René.elf: file',
    });
  });
});

describe('what could be either', () => {
  it('is an error where a kernel lies beside students, and --single says which it is', async () => {
    put('class/kernel.elf');
    put('class/s1001/kernel.elf');
    put('class/s1002/lab13/kernel.elf');
    await expect(read(['class'])).rejects.toThrow(
      /class: is it one submission, with kernel.elf, or a class, with s1001, s1002\? If it is one submission, say --single; if it is a class, move kernel.elf away/,
    );
    const { submissions } = await read(['class'], {}, { single: true });
    expect(submissions).toMatchObject([{ submission: { name: 'class', kernel: { file: 'kernel.elf' } } }]);
  });

  it('is an error where folders hold the folders of several students', async () => {
    for (const path of ['a/s1001', 'a/s1002', 'b/s1003', 'b/s1004']) put(`class/${path}/kernel.elf`);
    await expect(read(['class'])).rejects.toThrow(/a holds kernels in several folders \(s1001, s1002\).*name the sections: .*class\/\*\//);
    expect(Object.keys(await graded(['class/a', 'class/b']))).toEqual(['s1001', 's1002', 's1003', 's1004']);
  });

  it('is not decided for one student with kernels in several folders, and the class goes on', async () => {
    put('class/s1001/kernel.elf', kernel('one'));
    put('class/s1002/kernel.elf', kernel('two'));
    put('class/s1003/lab13/kernel.elf', kernel('three'));
    put('class/s1003/old/kernel.elf', kernel('old'));
    expect(await graded(['class'])).toEqual({
      s1001: 'kernel.elf: one',
      s1002: 'kernel.elf: two',
      s1003: 'undecided: kernels were found in several folders: lab13, old; only one of them can be graded',
    });
  });

  it('is an error where an archive and a folder are the same student', async () => {
    put('class/s1001/kernel.elf');
    put('class/s1001.zip', zip([{ name: 'kernel.elf', data: kernel('x') }]));
    await expect(read(['class'])).rejects.toThrow(/s1001 and s1001.zip would both be the submission s1001/);
  });
});

it('decides for what lies below the nearest kernel, and not for what lies beside it, however deep', async () => {
  put('class/s1001/kernel.elf', kernel('one'));
  put('class/s1002/lab13/kernel.elf', kernel('two'));
  put('class/s1002/lab13/old/kernel.elf', kernel('old'));
  put('class/s1003/lab13/kernel.elf', kernel('three'));
  put('class/s1003/old/lab13/kernel.elf', kernel('old'));
  expect(await graded(['class'])).toEqual({
    s1001: 'kernel.elf: one',
    s1002: 'lab13/kernel.elf: two',
    s1003: 'undecided: kernels were found in several folders: lab13, old/lab13; only one of them can be graded',
  });
});

describe('several kernels', () => {
  const old = 'class/s1001/target/osdk/a-old.qemu_elf';
  const fresh = 'class/s1001/target/osdk/lab.qemu_elf';

  it('are an error that names them, or the newest where the rubric says so', async () => {
    utimesSync(put(old, kernel('old')), 1, 1);
    utimesSync(put(fresh, kernel('new')), 2, 2);
    const files = 'several files could be the kernel: target/osdk/a-old.qemu_elf, target/osdk/lab.qemu_elf';
    expect(await graded(['class'])).toEqual({ s1001: `undecided: ${files}; hand in one, or let the rubric say "several: newest"` });
    const { submissions } = await read(['class'], { several: 'newest' });
    expect(submissions).toMatchObject([
      { submission: { kernel: { file: 'target/osdk/lab.qemu_elf' }, alsoMatched: ['target/osdk/a-old.qemu_elf'] } },
    ]);
  });

  it('are one where they are the same', async () => {
    put(old, kernel('same'));
    put(fresh, kernel('same'));
    expect(await graded(['class'])).toEqual({ s1001: 'target/osdk/a-old.qemu_elf: same' });
  });

  it("are decided by the rubric's order, and what else matched is told", async () => {
    put('class/s1001/kernel.elf', kernel('first'));
    put(fresh, kernel('second'));
    const { submissions } = await read(['class']);
    expect(submissions).toMatchObject([{ submission: { kernel: { file: 'kernel.elf' }, alsoMatched: ['target/osdk/lab.qemu_elf'] } }]);
  });
});

describe('an archive', () => {
  it('that is named may be a class, or one submission with a folder on top', async () => {
    const members = [
      { name: 'class/s1001/kernel.elf', data: kernel('one') },
      { name: 'class/s1002.zip', data: zip([{ name: 'kernel.elf', data: kernel('two') }]) },
      { name: 'class/roster.csv', data: 'id' },
    ];
    const wanted = { s1001: 'kernel.elf: one', s1002: 'kernel.elf: two' };
    put('export.zip', zip(members));
    put('export.tgz', tarGz(members));
    expect(await graded(['export.zip'])).toEqual(wanted);
    expect(await graded(['export.tgz'])).toEqual(wanted);
    put('s1003.tar', tar([{ name: 'lab13/kernel.elf', data: kernel('three') }]));
    expect(await graded(['s1003.tar'])).toEqual({ s1003: 'kernel.elf: three' });
    put('cut.zip', readFileSync(join(root, 'export.zip')).subarray(0, 300));
    await expect(read(['cut.zip'])).rejects.toThrow(/cut.zip: it is damaged: /);
  });

  it('that does harm is the failure of its own submission alone, also inside an archive of the class', async () => {
    put('class/s1001/kernel.elf', kernel('one'));
    put('class/s1002.tar', tar([{ name: '../s1001/kernel.elf', data: 'x' }]));
    put('class/s1003.zip', zip([{ name: 'kernel.elf', data: kernel('x'), flags: 1 }]));
    put('class/s1004.tar', tar([{ name: 'kernel.elf', type: '2', target: '/etc/passwd' }]));
    const found = await graded(['class']);
    expect(found['s1001']).toBe('kernel.elf: one');
    expect(found['s1002']).toMatch(/^s1002.tar: \.\.\/s1001\/kernel.elf leads out of the archive/);
    expect(found['s1003']).toBe('s1003.zip: kernel.elf is encrypted; pack it again without a password');
    expect(found['s1004']).toBe('s1004.tar: kernel.elf is a symbolic link that leads out of the archive');
    put(
      'all.tar',
      tar([
        { name: 's1001/kernel.elf', data: kernel('one') },
        { name: 's1002/kernel.elf', type: '3' },
        { name: 's1003/kernel.elf', type: '2', target: '../s1001/kernel.elf' },
      ]),
    );
    const inside = await graded(['all.tar']);
    expect(inside['s1001']).toBe('kernel.elf: one');
    expect(inside['s1002']).toMatch(/^s1002\/kernel.elf is a device/);
    expect(inside['s1003']).toBe('kernel.elf is a symbolic link that leads out of the submission');
  });
});

describe('what a kernel that is named is called', () => {
  it('is the folder that tells it apart, as if that had been named', async () => {
    put('s1001/kernel.elf');
    put('s1002/target/osdk/lab.qemu_elf');
    put('kernels/s1003.elf');
    const nameOf = async (path: string, rules = {}) => (await read([path], rules)).submissions[0]!.submission.name;
    expect(await nameOf('s1001/kernel.elf')).toBe('s1001');
    expect(await nameOf('s1001')).toBe('s1001');
    expect(await nameOf('s1002/target/osdk/lab.qemu_elf')).toBe('s1002');
    expect(await nameOf('kernels/s1003.elf')).toBe('s1003.elf');
    expect(await nameOf('kernels/s1003.elf', { kernel: ['*.elf'] })).toBe('kernels/s1003.elf');
  });
});

it('follows no link from one student to another', async () => {
  put('class/s1001/kernel.elf');
  symlinkSync('s1001', join(root, 'class/s1002'));
  expect((await graded(['class']))['s1002']).toBe('it is a symbolic link; what is handed in has to be a file or a folder of its own');
});
