/**
 * `fetchPage`: from a virtual address to the decoded page that holds its instructions, through the TLB's fetch table.
 * A page of RAM or of flash memory gets its decoded page on its first fetch; a fetch from anywhere else is an access fault. (The board has
 * no code there: boot/ does what the reset vector would do.)
 */
import { decodedPage } from '../layout/decoded-page.ts';
import { generated as flash } from '../layout/flash.ts';
import { generated as ram } from '../layout/ram.ts';
import { setSlot32, slot32 } from '../layout/slot-access.ts';
import { tlb } from '../layout/tlb.ts';
import { type Callable, call, i32, i64, returns, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { ACCESS, FAULT, raiseAccessFault } from './walk.ts';

/** @param newPage (host address, divided) -> the decoded page for that page. In a divided page each fetch is checked by itself. */
export function buildFetchPage(module: ModuleBuilder, locate: Callable<'i64'>, newPage: Callable<'i32'>): Callable<'i32'> {
  const f = module.function(['i64'], 'i32');
  const address = f.parameter(0, 'i64');
  const physical = f.local('i64');
  const host = f.local('i32');
  const page = f.local('i32');
  const entry = f.local('i32');
  f.body(
    physical.set(call(locate, address, i32.const(1), i32.const(ACCESS.fetch))),
    when(i64.eq(physical, i64.const(FAULT)), [setSlot32('fault', i32.const(0)), returns(i32.const(0))]),
    host.set(ram.hostOf(physical)),
    when(i32.eqz(ram.inRam(physical)), [
      when(i32.eqz(flash.inFlash(physical)), [
        ...raiseAccessFault(i32.const(ACCESS.fetch), address),
        setSlot32('fault', i32.const(0)),
        returns(i32.const(0)),
      ]),
      host.set(flash.hostOf(physical)),
    ]),
    page.set(decodedPage.of(host)),
    when(slot32('divided'), [returns(call(newPage, host, i32.const(1)))]),
    when(i32.eqz(page), [page.set(call(newPage, host, i32.const(0)))]),
    entry.set(tlb.entryOf(slot32('fetchTlb'), address)),
    tlb.fill(entry, tlb.tagOf(address), page),
    returns(page),
  );
  return f;
}
