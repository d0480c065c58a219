/** Of each file system: a file is changed in one thing, as the checks see it, and everything else stays as it was. */
import { describe, expect, it } from 'vitest';
import { FinalImage } from '../../checks/final-image.ts';
import { EasyFsImage } from '../../testkit/easy-fs-image.ts';
import { evidence, image } from '../../testkit/evidence.ts';
import { Ext2Image } from '../../testkit/ext2-image.ts';
import { FatImage } from '../../testkit/fat-image.ts';
import { judgeImage } from '../../testkit/image-checks.ts';
import { Xv6Image } from '../../testkit/xv6-image.ts';
import { imageOfFile } from '../../vocabulary/image.ts';
import { fileMutations, type GradedVolume } from './files.ts';

const TEXT = 'a note of forty-two characters, as it is..';

/** Names that FAT can have as well; BESIDE is like the note, so that a change of the one must not be one of the other. */
const BEFORE = { 'D/BESIDE.TXT': TEXT, 'D/THIRD': 'third' };
const AFTER = { ...BEFORE, 'D/NOTE.TXT': TEXT };

const MADE = {
  xv6: (files: Record<string, string>) => new Xv6Image(files),
  'easy-fs': (files: Record<string, string>) => new EasyFsImage(files),
  ext2: (files: Record<string, string>) => new Ext2Image(files),
  fat: (files: Record<string, string>) => new FatImage(files),
} as const;

type System = keyof typeof MADE;
/** easy-fs has no folders. */
const pathIn = (system: System, name: string) => (system === 'easy-fs' ? `/${name}` : `/D/${name}`);
const filesIn = (system: System, files: Record<string, string>) =>
  system === 'easy-fs' ? Object.fromEntries(Object.entries(files).map(([path, text]) => [path.slice(2), text])) : files;

function left(system: System) {
  const [before, after] = [MADE[system](filesIn(system, BEFORE)).bytes, MADE[system](filesIn(system, AFTER)).bytes];
  const initial = imageOfFile(before);
  const changed: Record<string, string> = {};
  for (let at = 0; at < after.length; at += 512) {
    const sector = Buffer.from(after.subarray(at, at + 512));
    if (!sector.equals(before.subarray(at, at + 512))) changed[String(at / 512)] = sector.toString('hex');
  }
  return { initial, evidence: evidence({ images: [image({ changed })] }) };
}

function mutationsIn(system: System, paths: readonly string[] = []) {
  const { initial, evidence } = left(system);
  const volume: GradedVolume = { system, paths: new Set(paths), filesAlone: true };
  return fileMutations(evidence, new Map([['blk', initial]]), new Map([['blk', volume]])).map(({ name, what, evidence }) => ({
    name,
    what,
    bytes: new FinalImage(initial, evidence.images[0]!).read(0, initial.size),
  }));
}

describe.each(Object.keys(MADE) as System[])('of %s', (system) => {
  const note = pathIn(system, 'NOTE.TXT');
  const others = ['BESIDE.TXT', 'THIRD'].map((name) => pathIn(system, name));
  const check = (path: string, rest = '') => `{ file-system: ${system}, path: ${path}${rest} }`;
  const passes = async (bytes: Uint8Array, path: string, rest?: string) =>
    (await judgeImage(check(path, rest), bytes)).outcome === 'passed';

  it('the file that the run made is changed in four ways, and no other', () => {
    expect(mutationsIn(system).map(({ name, what }) => `${name}: ${what}`)).toEqual([
      `blk/files${note}/renamed: there is no ${note}, but a file of another name`,
      `blk/files${note}/shorter: ${note} is a byte shorter`,
      `blk/files${note}/byte-0: byte 0 of ${note} is different`,
      `blk/files${note}/byte-41: byte 41 of ${note} is different`,
    ]);
    expect(mutationsIn(system, [others[1]!]).map(({ name }) => name)).toContain(`blk/files${others[1]}/byte-4`);
  });

  it('each change is the one that it says, and the other files are as they were', async () => {
    const [renamed, shorter, first, last] = mutationsIn(system).map(({ bytes }) => bytes);
    for (const bytes of [renamed!, shorter!, first!, last!]) {
      expect(await passes(bytes, others[0]!, `, equals: { text: "${TEXT}" }`)).toBe(true);
      expect(await passes(bytes, others[1]!, ', equals: { text: third }')).toBe(true);
    }
    expect([await passes(renamed!, note), await passes(shorter!, note, ', size: 41')]).toEqual([false, true]);
    expect(await passes(shorter!, note, `, equals: { text: "${TEXT.slice(0, -1)}" }`)).toBe(true);
    expect([
      await passes(first!, note, `, contains: "${TEXT.slice(1)}"`),
      await passes(first!, note, `, contains: "${TEXT.slice(0, 5)}"`),
    ]).toEqual([true, false]);
    expect([
      await passes(last!, note, `, contains: "${TEXT.slice(0, -1)}"`),
      await passes(last!, note, `, contains: "${TEXT.slice(5)}"`),
    ]).toEqual([true, false]);
  });
});

it('of a disk that holds no such file system nothing is changed', () => {
  const images = new Map([['blk', imageOfFile(new Uint8Array(4096))]]);
  const volumes = new Map([['blk', { system: 'ext2', paths: new Set(['/a']), filesAlone: true } as const]]);
  expect(fileMutations(evidence({ images: [image()] }), images, volumes)).toEqual([]);
});
