/** Which accesses to RAM are reported, and which pages are marked for that. */

import { beforeEach, expect, it } from 'vitest';
import { createMemory, HartState, RAM, TLB, WATCHED, WATCHED_LOADS } from '../layout/state.ts';
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
  state.bytes[TLB] = 1;
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

it('says what a change takes: more where there are more pages, and more ranges on them', () => {
  const { watch } = opened();
  const crowd = Array.from({ length: 100 }, () => range(0, 8));
  const alone = range(PAGES * 2048, 8);
  const took = [watch.add([alone]), watch.add([range(PAGES * 3072, 10 * 4096)]), watch.add(crowd)] as const;
  expect(took[1]).toBe(10 * took[0]);
  expect(took[2]).toBe(100 * took[0]);
  expect(watch.remove([crowd[0]!]) - watch.remove([alone])).toBe(99);
});
