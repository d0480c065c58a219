import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interleave, parseShard, shardName, shardOf } from './shard.ts';

describe('a shard', () => {
  it.each([
    ['1/1', { index: 1, count: 1 }],
    ['2/8', { index: 2, count: 8 }],
    ['8/8', { index: 8, count: 8 }],
  ])('%s is understood', (text, shard) => {
    expect(parseShard(text)).toEqual(shard);
  });

  it.each(['', '2', '0/8', '9/8', '2/0', '-1/8', '2/8/1', '1.5/2', '2 / 8', '1/99999'])('%j is refused', (text) => {
    expect(parseShard(text)).toBeUndefined();
  });

  it('is every eighth submission', () => {
    expect(shardOf(['a', 'b', 'c', 'd', 'e'], { index: 2, count: 3 })).toEqual(['b', 'e']);
    expect(shardName({ index: 2, count: 3 })).toBe('2-of-3');
  });

  it('and the others make up the class, each once and in its order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 12 }), (items, count) => {
        expect(interleave(Array.from({ length: count }, (_, i) => shardOf(items, { index: i + 1, count })))).toEqual(items);
      }),
    );
  });
});
