/**
 * `fetchPage`: from a virtual address to the decoded page that holds its instructions, through the TLB's fetch table.
 * A page of RAM gets its decoded page on its first fetch; code outside RAM is an access fault (the board has none: the reset
 * vector's effect is done by boot/).
 */
import { type Callable, call, i32, i64, returns, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { setSlot32, slot32 } from './context.ts';
import { decodedPageOf } from './decoded-code.ts';
import { ACCESS, FAULT, hostAddress, inRam, raiseAccessFault } from './walk.ts';

/** @param newPage (host address, divided) -> the decoded page for that page of RAM; with `divided` it checks each instruction's fetch */
export function buildFetchPage(module: ModuleBuilder, locate: Callable<'i64'>, newPage: Callable<'i32'>): Callable<'i32'> {
  const f = module.function(['i64'], 'i32');
  const address = f.parameter(0, 'i64');
  const physical = f.local('i64');
  const page = f.local('i32');
  const entry = f.local('i32');
  f.body(
    physical.set(call(locate, address, i32.const(1), i32.const(ACCESS.fetch))),
    when(i64.eq(physical, i64.const(FAULT)), [setSlot32('fault', i32.const(0)), returns(i32.const(0))]),
    when(i32.eqz(inRam(physical)), [
      ...raiseAccessFault(i32.const(ACCESS.fetch), address),
      setSlot32('fault', i32.const(0)),
      returns(i32.const(0)),
    ]),
    page.set(decodedPageOf(hostAddress(physical))),
    when(slot32('divided'), [returns(call(newPage, hostAddress(physical), i32.const(1)))]),
    when(i32.eqz(page), [page.set(call(newPage, hostAddress(physical), i32.const(0)))]),
    entry.set(i32.add(slot32('fetchTlb'), i32.and(i32.shrU(i32.wrap(address), i32.const(8)), i32.const(0xff0)))),
    i64.store(entry, i64.and(address, i64.const(-4096))),
    i32.store(entry, page, 8),
    returns(page),
  );
  return f;
}
