import { expect, it } from 'vitest';
import { RacePlaces } from './race-places.ts';

const stores = (places: RacePlaces, request: number, count: number) =>
  Array.from({ length: count }, (_, n) => places.add(request, 'store', 'data', BigInt(4 * n)));

it('tells the first instructions of each part of a request, and counts the others once', () => {
  const places = new RacePlaces();
  const first = stores(places, 1, 20);
  expect(first.filter((race) => race === 'first')).toHaveLength(16);
  expect(first.filter((race) => race === 'left-out')).toHaveLength(4);
  expect(new Set(stores(places, 1, 20))).toEqual(new Set(['known']));
  // A different part, kind of access or request has a limit of its own.
  expect(places.add(1, 'store', 'header', 0n)).toBe('first');
  expect(places.add(1, 'load', 'data', 0n)).toBe('first');
  expect(places.add(2, 'store', 'data', 0n)).toBe('first');
});

it('knows nothing any more of a request that is over', () => {
  const places = new RacePlaces();
  stores(places, 1, 5);
  places.forget(1);
  expect(places.add(1, 'store', 'data', 0n)).toBe('first');
});

it('counts 10,000 at most, whatever the kernel does', () => {
  const places = new RacePlaces();
  const all = [...stores(places, 1, 8000), ...stores(places, 2, 8000)];
  expect(all.filter((race) => race === 'left-out')).toHaveLength(10_000);
});
