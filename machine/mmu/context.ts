/**
 * `refresh`: after a change of privilege, mstatus, mie, mip or mideleg it settles what the fast paths read: which TLB banks
 * are in force, the SD bit, and whether an enabled interrupt is pending.
 * Reference: RISC-V Privileged Architecture, "Machine Status Registers", "Machine Interrupt Registers".
 */

import { SLOT, TLB, TLB_BANK, TLB_BYTES, TLB_FETCHES } from '../layout/state.ts';
import { PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { type Callable, fill, type I32, type I64, i32, i64, returns, type Statement, select, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';

export const at = (): I32 => i32.const(0);
export const slot64 = (name: keyof typeof SLOT): I64 => i64.load(at(), SLOT[name]);
export const slot32 = (name: keyof typeof SLOT): I32 => i32.load(at(), SLOT[name]);
export const setSlot64 = (name: keyof typeof SLOT, value: I64): Statement => i64.store(at(), value, SLOT[name]);
export const setSlot32 = (name: keyof typeof SLOT, value: I32): Statement => i32.store(at(), value, SLOT[name]);
/** One more of the work that generated code counts. */
export const countWork = (name: 'slowAccesses' | 'slowFetches' | 'codeStores' | 'generatedFlushes' | 'refreshes'): Statement =>
  setSlot32(name, i32.add(slot32(name), i32.const(1)));
export const has = (word: I64, mask: bigint): I32 => i64.ne(i64.and(word, i64.const(mask)), i64.const(0));

export const flushTlb = (): Statement => fill(i32.const(TLB), i32.const(0xff), i32.const(TLB_BYTES));

/** Privilege of loads and stores: mstatus.MPP's where MPRV asks for it. */
export function dataPrivilege(status: I64): I32 {
  return select(
    i32.and(i32.eq(slot32('privilege'), i32.const(PRIVILEGE.machine)), has(status, STATUS.MPRV)),
    i32.and(i32.wrap(i64.shrU(status, i64.const(11))), i32.const(3)),
    slot32('privilege'),
  );
}

const bank = (privilege: I32, supervisor: I32): I32 =>
  select(
    i32.eq(privilege, i32.const(PRIVILEGE.machine)),
    i32.const(0),
    select(i32.eq(privilege, i32.const(PRIVILEGE.supervisor)), supervisor, i32.const(3)),
  );

const bankAddress = (number: I32, table: number): I32 => i32.add(i32.mul(number, i32.const(TLB_BANK)), i32.const(TLB + table));

export function buildRefresh(module: ModuleBuilder): Callable<undefined> {
  const f = module.function([], undefined);
  const status = f.local('i64');
  const pending = f.local('i64');
  const privilege = f.local('i32');
  const takenBy = (delegated: I64, enabled: I32): I32 => i32.and(enabled, i64.ne(i64.and(pending, delegated), i64.const(0)));
  const below = (level: number, enable: bigint): I32 =>
    i32.or(i32.ltU(privilege, i32.const(level)), i32.and(i32.eq(privilege, i32.const(level)), has(status, enable)));

  f.body(
    countWork('refreshes'),
    privilege.set(slot32('privilege')),
    status.set(i64.and(slot64('mstatus'), i64.const(~STATUS.SD))),
    when(i64.eq(i64.and(status, i64.const(STATUS.FS)), i64.const(STATUS.FS)), [status.set(i64.or(status, i64.const(STATUS.SD)))]),
    setSlot64('mstatus', status),
    setSlot32('dataTlb', bankAddress(bank(dataPrivilege(status), select(has(status, STATUS.SUM), i32.const(2), i32.const(1))), 0)),
    setSlot32('fetchTlb', bankAddress(bank(privilege, i32.const(1)), TLB_FETCHES)),
    when(i64.ne(i64.and(status, i64.const(STATUS.MXR)), slot64('mxr')), [
      setSlot64('mxr', i64.and(status, i64.const(STATUS.MXR))),
      countWork('generatedFlushes'),
      flushTlb(),
    ]),
    pending.set(i64.and(slot64('mip'), slot64('mie'))),
    setSlot32(
      'interrupt',
      i32.or(
        takenBy(i64.xor(slot64('mideleg'), i64.const(-1)), below(PRIVILEGE.machine, STATUS.MIE)),
        takenBy(slot64('mideleg'), below(PRIVILEGE.supervisor, STATUS.SIE)),
      ),
    ),
    returns(),
  );
  return f;
}
