/** Which accesses to RAM are reported, and which pages are marked for that. */

import { beforeEach, expect, it } from 'vitest';
import { createMemory, RAM, TLB, TLB_FILLED, WATCHED, WATCHED_LOADS } from '../layout/memory-map.ts';
import { HartState } from '../layout/state.ts';
import type { WatchedRange } from '../ports.ts';
import { RAM_BASE } from '../spec/virt-board.ts';
import { Watchpoints } from './watchpoints.ts';

const PAGES = 512;
let state: HartState;
let watchpoints: Watchpoints;

beforeEach(() => {
  state = new HartState(createMemory(PAGES * 4096));
  state.setSmall('tlb', TLB);
  state.set('ramSize', BigInt(PAGES * 4096));
  watchpoints = new Watchpoints(state);
});

const range = (offset: number, length: number, { loads = false } = {}): WatchedRange => ({
  address: BigInt(RAM_BASE + offset),
  length,
  loads,
});

function access(offset: number, length: number, kind: 'load' | 'store' = 'store', by: 'hart' | 'device' = 'hart'): void {
  watchpoints.touched({ kind, by, host: RAM + offset, length, value: 0 });
}

/** A watch, and the ranges that each access touched. */
function opened(): { watch: ReturnType<Watchpoints['open']>; told: (readonly WatchedRange[])[] } {
  const told: (readonly WatchedRange[])[] = [];
  return { watch: watchpoints.open(({ ranges }) => told.push(ranges)), told };
}

/** Numbers of the pages that have a bit in the map. */
function marked(map: number): number[] {
  return Array.from({ length: PAGES }, (_, page) => page).filter((page) => ((state.bytes[map + (page >>> 3)]! >>> (page & 7)) & 1) === 1);
}

it('tells the ranges that an access touches, in the order in which they were added', () => {
  const { watch, told } = opened();
  const [wide, loads, beside] = [range(0, 8192), range(4090, 4, { loads: true }), range(4096, 1)];
  watch.add([wide, loads, beside]);
  access(4092, 4);
  access(4092, 4, 'load');
  access(8192, 8);
  expect(told).toEqual([[wide, loads], [loads]]);
});

it('marks the pages of what is watched, and takes away the marks of what is watched no more', () => {
  const { watch } = opened();
  const other = opened().watch;
  const [wide, loads] = [range(4000, 4200), range(4096, 8, { loads: true })];
  watch.add([wide, loads]);
  other.add([range(8192, 1)]);
  expect([marked(WATCHED), marked(WATCHED_LOADS)]).toEqual([[0, 1, 2], [1]]);
  watch.remove([wide]);
  expect([marked(WATCHED), marked(WATCHED_LOADS)]).toEqual([[1, 2], [1]]);
  watch.remove([loads]);
  expect([marked(WATCHED), marked(WATCHED_LOADS)]).toEqual([[2], []]);
});

it('forgets translations only where a page is marked anew', () => {
  const { watch } = opened();
  watch.add([range(0, 8)]);
  // An entry of the TLB that is filled.
  state.bytes[TLB] = 1;
  state.view.setInt32(TLB_FILLED, 1, true);
  state.view.setInt32(TLB_FILLED + 4, TLB, true);
  watch.add([range(16, 8)]);
  watch.remove([range(16, 8)]);
  expect(state.bytes[TLB]).toBe(1);
  watch.add([range(4096, 8)]);
  expect(state.bytes[TLB]).toBe(0xff);
});

it('tells a device’s access to several pages once', () => {
  const { watch, told } = opened();
  const wide = range(100, 20_000);
  watch.add([wide]);
  access(0, 16_384, 'store', 'device');
  access(8192, 16_384, 'store', 'device');
  expect(told).toEqual([[wide], [wide]]);
});

it('takes ranges outside RAM, and ends with it', () => {
  const { watch, told } = opened();
  watch.add([{ address: 0x1000n, length: 8 }, { address: (1n << 64n) - 8n, length: 8 }, range(PAGES * 4096 - 4, 0x7fff_ffff)]);
  access(PAGES * 4096 - 8, 8);
  expect([told.length, marked(WATCHED)]).toEqual([1, [PAGES - 1]]);
});

it('looks at a bounded number of ranges, however many there are on a page', () => {
  const { watch, told } = opened();
  watch.add(Array.from({ length: 5000 }, () => range(0, 4096)));
  access(0, 1);
  expect(told[0]).toHaveLength(512);
});

it('tells what is left in its order, however much was watched and is watched no more', () => {
  const { watch, told } = opened();
  const ranges = Array.from({ length: 500 }, (_, n) => range(0, 4097, { loads: n % 100 === 7 }));
  watch.add(ranges);
  const left = ranges.filter((_, n) => n % 100 === 7 || n % 100 === 40);
  for (const one of ranges) if (!left.includes(one)) watch.remove([one]);
  const last = range(8, 8);
  watch.add([last]);
  access(8, 1);
  access(8, 1, 'load');
  expect(told).toEqual([[...left, last], left.filter(({ loads }) => loads)]);
  watch.remove(left.filter(({ loads }) => loads));
  expect([marked(WATCHED), marked(WATCHED_LOADS)]).toEqual([[0, 1], []]);
  watch.remove([...left, last]);
  expect([marked(WATCHED), marked(WATCHED_LOADS)]).toEqual([[], []]);
});

it('has room again on a page for as many as were watched there and are no more', () => {
  const { watch, told } = opened();
  const [crowd, late, later] = [Array.from({ length: 512 }, () => range(0, 4096)), range(4000, 200), range(0, 8)];
  watch.add([...crowd, late]);
  access(4095, 2);
  expect(told.pop()).toEqual([...crowd, late].slice(0, 512));
  watch.remove([late]);
  watch.remove(crowd.slice(0, 1));
  watch.add([later]);
  access(0, 1);
  expect(told.pop()).toEqual([...crowd.slice(1), later]);
});

it('says what a change takes: the pages, whatever else is watched there', () => {
  const { watch } = opened();
  const crowd = Array.from({ length: 100 }, () => range(0, 8));
  const wide = range(4, 10 * 4096);
  expect([watch.add(crowd), watch.add([wide]), watch.remove([wide]), watch.remove(crowd)]).toEqual([100, 11, 11, 100]);
});

it('ends many ranges that share many pages in no more time than it takes to add them', () => {
  const { watch } = opened();
  const time = (act: () => void) => {
    const before = process.cpuUsage().user;
    act();
    return process.cpuUsage().user - before;
  };
  const ranges = Array.from({ length: 500 }, () => range(0, 256 * 4096));
  const added = time(() => watch.add(ranges));
  const removed = time(() => {
    for (const one of ranges) watch.remove([one]);
  });
  expect(removed).toBeLessThan(20 * added);
});
