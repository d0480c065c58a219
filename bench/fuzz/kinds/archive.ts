/**
 * Archives with anything in their names, kinds and headers, changed afterwards: each is a tree or refused in a sentence; nothing is written
 * but contents under numbers, and no more than the bounds allow; and in a class it is the failure of its own submission.
 */
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Budget, type Limits } from '../../../harness/submission/archive/budget.ts';
import { unpack } from '../../../harness/submission/archive/unpack.ts';
import { findSubmissions, SubmissionPathError } from '../../../harness/submission/find.ts';
import type { Submission } from '../../../harness/submission/handed-in.ts';
import type { Tree } from '../../../harness/submission/tree.ts';
import { withWorkspace } from '../../../harness/submission/workspace.ts';
import { type TarMember, tar, type ZipMember, zip } from '../../../harness/testkit/archives.ts';
import { kernelsOnly } from '../../../harness/vocabulary/submission.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { type Kind, must } from '../kind.ts';
import { anyBytes, anyWord, bytesOf, changed, changedOften, joined } from '../mutate.ts';
import { mustBeSentence, unlessRefused } from '../sentence.ts';

const PARTS = [
  'kernel.elf',
  'lab',
  'Lab',
  'src',
  'main.c',
  'a.zip',
  'a.bundle',
  '.git',
  '__MACOSX',
  '..',
  '.',
  '',
  'C:',
  'u\u0308',
  '\u00fc',
];
const TARGETS = ['kernel.elf', '..', '../..', '/etc/passwd', 'lab', '.', 'nothing', 'lab/kernel.elf', './a/../kernel.elf', ''];
/** As much as an ELF header of RISC-V is looked at. */
const KERNEL = Buffer.concat([Buffer.from('7f454c46020101000000000000000000', 'hex'), Buffer.from([2, 0, 243, 0]), Buffer.alloc(44)]);

/** A tar with lab/kernel.elf as liblzma 5 and zstd 1.5 compress it, and a bundle of one commit as git 2.47 writes it. */
const MADE = [
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Af/AE5dADYYSG/FwT+O0BPcvFzYk26GD0i8s+vN+vyyQgSo/EatXtKey4yrH/MqXzJhm2gQ8Me5RarnsqtLFldsYyMM8F0wXMqQ+7UQ+fWgslDDAAAAACHGS/tC6jx1AAFqgBAAAADsH8WLscRn+wIAAAAABFla',
  'KLUv/QRoTQIAgoMLEKDt3E8Wkfm/tVZAgoHlxBQGQRf0b4fgi36wyTy570L+O/P8v9WqWG1O2UhoAwggMDXPAfH54wEwMk8dUPLCJQKHQ6ZXB4w1dlk=',
  'IyB2MiBnaXQgYnVuZGxlCjE1OWRkNmY4ZTBmZjlhZGExNDYyZDQ2MTMxMjNmM2FjZjNmZDg3MTMgcmVmcy9oZWFkcy9tYWluCjE1OWRkNmY4ZTBmZjlhZGExNDYyZDQ2MTMxMjNmM2FjZjNmZDg3MTMgSEVBRAoKUEFDSwAAAAIAAAADmgl4nJXLQQrCMBBG4X1OMXtBJknbZEDEq0zHP1pojIQIHl/xBr7Nt3qjA2QSmbPYHEqQST0XrCmUvEgyjSlghl6zN6evcW+ddN8MdPpxwVvrc8ex9duZfJKFY8jMdOBvzlqt2xj4a3LtAfcBHrYttaYCeJwzNDAwMzFRyE4tykvN0UvNSWN4HjthS17+ndWBF+SdFFW0wg5xnFMHAADnDig7eJwryUhVyE4tykvN4QIAGPID7Slz1D9Ev1HleYjfXFMZWeYnZW7j+rw=',
].map((text) => new Uint8Array(Buffer.from(text, 'base64')));

function name(random: Random): Buffer {
  const part = () =>
    random.pick([
      () => bytesOf(random.pick(PARTS)),
      () => bytesOf(random.pick(PARTS)),
      () => bytesOf(anyWord(random)),
      () => anyBytes(random, 3),
    ])();
  const separator = bytesOf(random.below(12) ? '/' : '\\');
  const parts = Array.from({ length: random.between(1, 4) }, part);
  const start = random.below(20) ? [] : [separator];
  const path = joined(...start, ...parts.flatMap((one, index) => (index === 0 ? [one] : [separator, one])));
  // A tar's header has room for so many.
  return Buffer.from(path.subarray(0, 100));
}

function content(random: Random, depth: number): Buffer {
  return random.pick([
    () => KERNEL,
    () => Buffer.from(anyWord(random)),
    () => Buffer.alloc(random.below(1 << 16)),
    () => Buffer.from(depth < 3 ? archiveOf(random, depth + 1) : []),
  ])();
}

function zipMember(random: Random, depth: number): ZipMember {
  const mode = random.pick([undefined, undefined, 0o100644, 0o100755, 0o40755, 0o120777, 0o20644, 0o10644, 0o60644]);
  const isLink = mode === 0o120777;
  return {
    name: name(random),
    data: isLink ? random.pick(TARGETS) : content(random, depth),
    ...(mode === undefined ? {} : { mode }),
    flags: random.below(6) ? random.pick([0, 0x800]) : random.below(0x10000),
    method: random.below(6) ? random.pick([0, 8]) : random.below(100),
    ...(random.below(12) ? {} : { claims: { size: random.below(1 << 20), crc: random.below(2 ** 32) } }),
    ...(random.below(12) ? {} : { extra: Buffer.from(anyBytes(random, random.below(40))) }),
  };
}

function tarMember(random: Random, depth: number): TarMember {
  const type = random.pick(['0', '0', '0', '5', '2', '1', '3', '4', '6', '7', 'x', 'g', 'L', 'K', 'S', '\0']);
  const isData = !['5', '2', '1', '3', '4', '6'].includes(type);
  return { name: name(random), type, target: random.pick(TARGETS), ...(isData ? { data: content(random, depth) } : {}) };
}

function archiveOf(random: Random, depth: number): Uint8Array<ArrayBuffer> {
  const count = random.below(6);
  return Uint8Array.from(
    random.pick([
      () =>
        zip(
          Array.from({ length: count }, () => zipMember(random, depth)),
          { zip64: random.below(4) === 0 },
        ),
      () =>
        tar(
          Array.from({ length: count }, () => tarMember(random, depth)),
          { end: random.below(8) > 0 },
        ),
      () => gzipSync(tar(Array.from({ length: count }, () => tarMember(random, depth)))),
      () => Buffer.from(random.pick(MADE)),
    ])(),
  );
}

const LIMITS: Limits = { entries: 50, bytes: 1 << 20, ratio: 100, harmless: 1 << 16 };

/** Every name and every content of a tree. */
function walk(tree: Tree, folder: string, contents: string, depth = 0): void {
  must(depth <= 110, 'a tree is deeper than the bound on its archive');
  for (const { name: called, kind } of tree.list(folder) ?? []) {
    must(!/^$|^\.\.?$|\/|\0/.test(called), `a tree has the name ${JSON.stringify(called)}`);
    const path = folder === '' ? called : `${folder}/${called}`;
    if (kind === 'folder') walk(tree, path, contents, depth + 1);
    const opened = kind === 'folder' ? { problem: '' } : tree.open(path);
    if ('path' in opened) must(/^\d+$/.test(opened.path.slice(contents.length + 1)), `${path} is opened as ${opened.path}`);
  }
}

async function unpackIt(input: Uint8Array, scratch: string): Promise<void> {
  const [archive, contents] = [join(scratch, 'archive'), join(scratch, 'contents')];
  writeFileSync(archive, input);
  mkdirSync(contents);
  const unpacked = await unpack(archive, contents, new Budget(LIMITS, input.length));
  const files = readdirSync(contents);
  must(
    files.every((file) => /^\d+$/.test(file)),
    'something that is no number was written',
  );
  must(files.length <= LIMITS.entries, 'more was written than the bound on entries');
  const bytes = files.reduce((sum, file) => sum + statSync(join(contents, file)).size, 0);
  must(bytes <= LIMITS.bytes, `${bytes} bytes were written`);
  const problems = 'problem' in unpacked ? [unpacked] : unpacked.problems;
  for (const { problem } of problems) must(problem.trim() !== '', 'a problem has no words');
  if ('tree' in unpacked) walk(unpacked.tree, '', contents);
}

function mustBeFair({ name: called, kernel }: Submission): void {
  if ('problem' in kernel) mustBeSentence(kernel.problem.replaceAll('\n', ' '), `what is wrong with ${called}`);
  if ('hostFault' in kernel) must(kernel.undecided === true, `this computer is said to be at fault: ${kernel.hostFault}`);
}

export const archive: Kind = {
  describe: 'archives, their members and their headers; git bundles',
  make: (random) => {
    const whole = archiveOf(random, 0);
    return random.below(3) ? changedOften(whole, random, changed) : whole;
  },
  async check(input, scratch) {
    for (const left of readdirSync(scratch)) rmSync(join(scratch, left), { recursive: true, force: true });
    await unpackIt(input, scratch);
    mkdirSync(join(scratch, 'class'));
    writeFileSync(join(scratch, 'class/s1001.zip'), input);
    writeFileSync(join(scratch, 'class/s1002.elf'), KERNEL);
    const rules = kernelsOnly(['kernel.elf', 'build/*.elf']);
    await withWorkspace(async (workspace) => {
      const { submissions } = await findSubmissions([join(scratch, 'class')], rules, { workspace });
      must(submissions.map(({ submission }) => submission.name).join() === 's1001,s1002.elf', 'the class has other submissions');
      for (const { submission } of submissions) mustBeFair(submission);
      const [, other] = submissions.map(({ submission }) => submission.kernel);
      must(
        other !== undefined && 'path' in other && readFileSync(other.path).equals(KERNEL),
        'another student’s kernel is not theirs any more',
      );
    });
    await withWorkspace(async (workspace) => {
      const alone = () => findSubmissions([join(scratch, 'archive')], rules, { workspace });
      const found = await unlessRefused([SubmissionPathError], alone);
      for (const { submission } of found?.submissions ?? []) mustBeFair(submission);
    });
    const left = readdirSync(realpathSync(scratch)).sort().join();
    must(left === 'archive,class,contents', `beside the archive lies ${left}`);
  },
};
