/**
 * `refresh`: after a change of privilege, mstatus, mie, mip or mideleg it computes the values that the fast paths read: which TLB banks
 * are in force, the SD bit, and whether an enabled interrupt is pending.
 * Reference: RISC-V Privileged Architecture, "Machine Status Registers", "Machine Interrupt Registers".
 */

import { countWork, has, setSlot32, setSlot64, slot32, slot64 } from '../layout/slot-access.ts';
import { TLB_TABLE, tlb } from '../layout/tlb.ts';
import { PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { type Callable, callVoid, type I32, type I64, i32, i64, returns, select, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';

/** Privilege of loads and stores: if MPRV is set, the mode in mstatus.MPP. */
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

export function buildRefresh(module: ModuleBuilder, flush: Callable<undefined>): Callable<undefined> {
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
    setSlot32(
      'dataTlb',
      tlb.bankAddress(bank(dataPrivilege(status), select(has(status, STATUS.SUM), i32.const(2), i32.const(1))), TLB_TABLE.load),
    ),
    setSlot32('fetchTlb', tlb.bankAddress(bank(privilege, i32.const(1)), TLB_TABLE.fetch)),
    when(i64.ne(i64.and(status, i64.const(STATUS.MXR)), slot64('mxr')), [
      setSlot64('mxr', i64.and(status, i64.const(STATUS.MXR))),
      countWork('generatedFlushes'),
      callVoid(flush),
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
