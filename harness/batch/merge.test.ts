import { describe, expect, it } from 'vitest';
import { type Identity, namesSha256 } from './identity.ts';
import { mergeShards, type ShardFile } from './merge.ts';
import { shardOf } from './shard.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];

function shard(index: number, count: number, changes: Partial<Identity> = {}): ShardFile {
  const identity: Identity = {
    tool: 'bootgrade 0',
    rubric: 'r',
    images: 'i',
    audience: 'instructor',
    print: 'student',
    attempt: 1,
    explain: 'failures',
    reports: 'f',
    roster: null,
    class: namesSha256(NAMES),
    handIns: 'h',
    shard: null,
    submissions: shardOf(NAMES, { index, count }),
    missing: [],
    ...changes,
  };
  return { file: `${index}.blob`, identity: { ...identity, shard: { index, count } } };
}

describe('shards', () => {
  it('make up the class in its order, whatever order they are named in', () => {
    const merged = mergeShards([shard(3, 3), shard(1, 3), shard(2, 3)], 'bootgrade 0');
    expect(merged.files).toEqual(['1.blob', '2.blob', '3.blob']);
    expect(merged.identity).toMatchObject({ shard: null, submissions: NAMES });
  });

  it('may be more than there are submissions', () => {
    const all = Array.from({ length: 7 }, (_, index) => shard(index + 1, 7));
    expect(mergeShards(all, 'bootgrade 0').identity.submissions).toEqual(NAMES);
  });

  it.each([
    [[], 'no blob was named'],
    [[shard(1, 3), shard(3, 3)], 'shard 2/3 is missing'],
    [[shard(2, 4)], 'shards 1/4, 3/4, 4/4 are missing'],
    [[shard(1, 2), shard(2, 2), { ...shard(1, 2), file: 'copy.blob' }], 'copy.blob is shard 1/2, and so is 1.blob: name each shard once'],
    [[shard(1, 2), shard(2, 3)], '2.blob is one of 3 shards, but 1.blob is one of 2'],
    [[shard(1, 2), shard(2, 2, { rubric: 'x' })], '2.blob does not belong to 1.blob: a different rubric'],
    [[shard(1, 2), shard(2, 2, { class: 'x' })], '2.blob does not belong to 1.blob: other submissions'],
    [
      [shard(1, 2, { tool: 'bootgrade 9' })],
      '1.blob was written by bootgrade 9, and this is bootgrade 0: merge with the version that graded',
    ],
    [[shard(1, 2, { tool: 'a\nb' })], '1.blob was written by a\\nb, and this is bootgrade 0: merge with the version that graded'],
    [[shard(1, 2), shard(2, 2, { submissions: ['b'] })], 'the shards do not make up the class'],
  ])('that do not belong together are refused by name: %#', (shards, message) => {
    expect(() => mergeShards(shards, 'bootgrade 0')).toThrow(message);
  });
});
