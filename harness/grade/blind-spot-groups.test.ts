import { expect, it } from 'vitest';
import { blindSpotGroups } from './blind-spot-groups.ts';

const spot = (name: string) => ({ name, what: '', accepted: null });

function patterns(spots: readonly string[], noticed: readonly string[]): string[] {
  return blindSpotGroups(spots.map(spot), noticed).map(({ pattern, spots: of }) => `${pattern} ${of.length}`);
}

it('puts together what has a beginning in common that no noticed change has', () => {
  const noticed = ['run/blk/request-2/type=IN', 'run/console/line-1/removed'];
  const spots = ['run/blk/request-1/type=IN', 'run/blk/request-1/sector', 'run/console/line-2/removed', 'run/console/line-2/altered'];
  expect(patterns(spots, noticed)).toEqual(['run/blk/request-1/* 2', 'run/console/line-2/* 2']);
});

it('names each where a check notices another of the same kind', () => {
  expect(patterns(['run/stop=hang', 'run/stop=idle'], ['run/stop=exit'])).toEqual(['run/stop=hang 1', 'run/stop=idle 1']);
  expect(patterns(['run/stop=hang', 'run/stop=idle'], ['run/x'])).toEqual(['run/stop=* 2']);
});

it('never offers to accept everything', () => {
  expect(patterns(['a/x', 'b/y', 'b/z'], [])).toEqual(['a/x 1', 'b/* 2']);
});
