/**
 * Archives with a few bytes changed, cut out or doubled: whatever comes, the readers end soon, with a tree or with a sentence, and write nothing
 * but numbers into their folder. The changes come from a fixed seed, so that a failure can be repeated.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Random } from '../../../machine/testkit/random.ts';
import { tar, tarGz, zip } from '../../testkit/archives.ts';
import type { Tree } from '../tree.ts';
import { Budget, type Limits } from './budget.ts';
import { unpack } from './unpack.ts';

const LIMITS: Limits = { entries: 50, bytes: 1 << 18, ratio: 100, harmless: 1 << 14 };

const MEMBERS = [
  { name: 'lab/' },
  { name: 'lab/kernel.elf', data: 'the kernel\n'.repeat(20) },
  { name: 'lab/b\u00fc.c', data: 'int main(void);\n' },
];
const LINKS = [
  { name: 'lab', type: '5' },
  ...MEMBERS.slice(1),
  { name: 'lab/link', type: '2', target: 'kernel.elf' },
  { name: 'lab/hard', type: '1', target: 'lab/kernel.elf' },
];

const ARCHIVES: Readonly<Record<string, Buffer>> = {
  zip: zip(MEMBERS),
  zip64: zip(MEMBERS, { zip64: true }),
  tar: tar(LINKS),
  gzip: tarGz(LINKS),
};

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootgrade-mutated-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** Lengths and offsets at the edges of their types. */
const NUMBERS = [0, 1, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff];

function mutated(whole: Buffer, random: Random): Buffer {
  const bytes = Buffer.from(whole);
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    const at = random.below(bytes.length - 4);
    const change = random.below(5);
    if (change === 0) bytes[at]! ^= 1 << random.below(8);
    else if (change === 1) bytes.writeUInt16LE(random.pick(NUMBERS) & 0xffff, at);
    else if (change === 2) bytes.writeUInt32LE(random.pick(NUMBERS), at);
    else if (change === 3) return bytes.subarray(0, at);
    else return Buffer.concat([bytes.subarray(0, at), bytes.subarray(random.below(bytes.length))]);
  }
  return bytes;
}

/** The size of every file of a tree, as far as it can be opened; a link may lead to nothing. */
function sizes(tree: Tree, folder = ''): number[] {
  return (tree.list(folder) ?? []).flatMap(({ name, kind }) => {
    const path = folder === '' ? name : `${folder}/${name}`;
    expect(name).not.toMatch(/^$|^\.\.?$|\/|\0/);
    if (kind === 'folder') return sizes(tree, path);
    const opened = tree.open(path);
    return 'path' in opened ? [statSync(opened.path).size] : [];
  });
}

it.each(Object.keys(ARCHIVES))('a changed %s is read, or refused with a sentence', { timeout: 60_000 }, async (kind) => {
  const random = new Random(13);
  const outcomes = { read: 0, refused: 0 };
  for (let number = 0; number < 200; number++) {
    const bytes = mutated(ARCHIVES[kind]!, random);
    const [archive, folder] = [join(root, 'archive'), join(root, 'contents')];
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    writeFileSync(archive, bytes);
    const unpacked = await unpack(archive, folder, new Budget(LIMITS, bytes.length));
    const context = `${kind}, change ${number}: ${bytes.toString('base64')}`;
    const contents = readdirSync(folder);
    expect(
      contents.every((name) => /^\d+$/.test(name)),
      context,
    ).toBe(true);
    expect(contents.length, context).toBeLessThanOrEqual(LIMITS.entries);
    expect(
      contents.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0),
      context,
    ).toBeLessThanOrEqual(LIMITS.bytes);
    expect(readdirSync(root).sort(), context).toEqual(['archive', 'contents']);
    const problems = 'problem' in unpacked ? [unpacked] : unpacked.problems;
    for (const { problem } of problems) expect(problem, context).toMatch(/\S/);
    if ('tree' in unpacked) sizes(unpacked.tree);
    outcomes[problems.length > 0 ? 'refused' : 'read']++;
  }
  // Both ends are tried, else the changes are too small or too large to find anything; gzip's checksum notices every change.
  expect(outcomes.refused).toBeGreaterThan(30);
  if (kind !== 'gzip') expect(outcomes.read).toBeGreaterThan(5);
});
