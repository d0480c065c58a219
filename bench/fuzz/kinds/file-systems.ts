/**
 * Disks with file systems, changed in their superblocks, inodes, pointers and folders: each question of a check gets its answer in bounded
 * time, with words in it that are safe to show.
 */
import { evaluateFiles, type FilesExpected } from '../../../harness/checks/image-files.ts';
import type { Verdict } from '../../../harness/checks/kind.ts';
import { EasyFsImage } from '../../../harness/testkit/easy-fs-image.ts';
import { Ext2Image } from '../../../harness/testkit/ext2-image.ts';
import { FatImage } from '../../../harness/testkit/fat-image.ts';
import { Xv6Image } from '../../../harness/testkit/xv6-image.ts';
import { imageOfFile } from '../../../harness/vocabulary/image.ts';
import type { Random } from '../../../machine/testkit/random.ts';
import { type Kind, must } from '../kind.ts';
import { changeBytes, putNumber } from '../mutate.ts';
import { mustBeSentence } from '../sentence.ts';

const LONG = Uint8Array.from({ length: 150_000 }, (_, index) => index % 251);
const FILES = { README: 'hello\n', long: LONG, 'a/b/c/deep': 'x', 'a/empty/': '' };

type System = FilesExpected['file-system'];

const CLEAN: readonly { readonly system: System; readonly bytes: Uint8Array }[] = [
  { system: 'xv6', bytes: new Xv6Image(FILES).bytes },
  { system: 'xv6-big-files', bytes: new Xv6Image(FILES, { direct: 11 }).bytes },
  { system: 'easy-fs', bytes: new EasyFsImage(FILES).bytes },
  { system: 'ext2', bytes: new Ext2Image(FILES).bytes },
  { system: 'fat', bytes: new FatImage(FILES).bytes },
];

/** A disk's first byte after its end says which file system it is looked at as. */
function make(random: Random): Uint8Array {
  const which = random.below(CLEAN.length);
  const { bytes } = CLEAN[which]!;
  const input = new Uint8Array(bytes.length + 1);
  input.set(bytes);
  input[bytes.length] = which;
  // Bytes that mean something: where others are zeroes, a change is mostly noticed by nobody.
  const places = meaningful(which);
  for (let count = random.between(1, 12); count > 0; count--) {
    const at = random.pick(places);
    // A number that is a block or an inode of this disk leads into circles.
    if (random.below(2) === 0) putNumber(input, at & ~1, BigInt(random.below(random.pick([8, 80, 500]))), random.pick([2, 4]));
    else changeBytes(input.subarray(0, bytes.length), random, at, 1);
  }
  return input;
}

const known = new Map<number, number[]>();

function meaningful(which: number): number[] {
  const places = known.get(which) ?? placesIn(CLEAN[which]!.bytes);
  known.set(which, places);
  return places;
}

/** All but what stands in the middle of files' contents. */
function placesIn(bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0 && bytes[at] !== at % 251) places.push(at);
  return places;
}

function questions(system: System): FilesExpected[] {
  const common = { 'file-system': system };
  return [
    { ...common, sound: true },
    { ...common, path: '/long', equals: LONG },
    { ...common, path: '/a/b/c/deep', contains: 'x' },
    { ...common, path: '/README', sha256: '0'.repeat(64) },
    { ...common, path: '/a/b', absent: true },
    { ...common, listing: ['README'] },
    { ...common, tree: [] },
  ];
}

function mustBeShowable(verdict: Verdict): void {
  if (verdict.outcome !== 'failed') return;
  mustBeSentence(verdict.reason, 'a reason');
  for (const detail of verdict.details) {
    const lines = detail.kind === 'difference' ? detail.lines.map(({ text }) => text) : 'text' in detail ? [detail.text] : [];
    for (const line of lines) must(!/[\p{C}\p{Zl}\p{Zp}]/u.test(line) && line.length < 1000, `a detail is ${JSON.stringify(line)}`);
  }
}

export const fileSystems: Kind = {
  describe: 'file systems on disks: superblocks, inodes, pointers, folders',
  make,
  check(input) {
    if (input.length === 0) return;
    const image = imageOfFile(input.slice(0, -1));
    const { system } = CLEAN[input.at(-1)! % CLEAN.length]!;
    for (const question of questions(system)) mustBeShowable(evaluateFiles(question, image));
  },
};
