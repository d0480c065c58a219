/**
 * `locate`: from a virtual address to the physical address that the access may touch. It asks the page table, and then physical memory
 * protection (PMP).
 *
 * Reference: RISC-V Privileged Architecture, "Physical Memory Protection", "Priority and Matching Logic". The rules are checked when
 * the TLB is filled, and cost nothing afterwards. A page is divided if the rules differ for its bytes; it never gets into the TLB (the slot
 * `divided`).
 */

import { PMP_ROW, PMP_TABLE } from '../layout/memory-map.ts';
import { setSlot32, slot32, slot64 } from '../layout/slot-access.ts';
import { PAGE_BYTES, PMP_LOCKED, PMP_PERMISSION, PRIVILEGE } from '../spec/riscv.ts';
import { branchIf, type Callable, call, type I32, i32, i64, label, loop, returns, select, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { dataPrivilege } from './context.ts';
import { ACCESS, FAULT, raiseAccessFault } from './walk.ts';

/** The results of `check`: denied; allowed for these bytes, in a divided page; allowed for the whole page. */
export const VERDICT = { denied: 0, divided: 1, page: 2 } as const;

/** (physical address, bytes, access, privilege) -> VERDICT. The bytes lie in one page. */
export function buildProtection(module: ModuleBuilder): Callable<'i32'> {
  const f = module.function(['i64', 'i32', 'i32', 'i32'], 'i32');
  const address = f.parameter(0, 'i64');
  const bytes = f.parameter(1, 'i32');
  const access = f.parameter(2, 'i32');
  const privilege = f.parameter(3, 'i32');
  const row = f.local('i32');
  const flags = f.local('i32');
  const verdict = f.local('i32');
  const [first, last] = [f.local('i64'), f.local('i64')];
  const [end, page, pageEnd] = [f.local('i64'), f.local('i64'), f.local('i64')];
  const next = label('next row');
  const denied = returns(i32.const(VERDICT.denied));
  const machine = i32.eq(privilege, i32.const(PRIVILEGE.machine));
  const overlaps = (from: typeof first, to: typeof first) => i32.and(i64.geU(to, first), i64.geU(last, from));
  const covers = (from: typeof first, to: typeof first) => i32.and(i64.geU(from, first), i64.geU(last, to));
  const permission = select(
    i32.eq(access, i32.const(ACCESS.fetch)),
    i32.const(PMP_PERMISSION.X),
    select(i32.eq(access, i32.const(ACCESS.load)), i32.const(PMP_PERMISSION.R), i32.const(PMP_PERMISSION.W)),
  );

  f.body(
    when(i32.eqz(slot32('pmpEnd')), [returns(i32.const(VERDICT.page))]),
    end.set(i64.add(address, i64.extendU(i32.sub(bytes, i32.const(1))))),
    page.set(i64.and(address, i64.const(-PAGE_BYTES))),
    pageEnd.set(i64.or(address, i64.const(PAGE_BYTES - 1))),
    verdict.set(i32.const(VERDICT.page)),
    row.set(i32.const(PMP_TABLE)),
    loop(
      next,
      // No entry matches: the access is allowed in M mode only.
      when(i32.geU(row, slot32('pmpEnd')), [returns(select(machine, verdict, i32.const(VERDICT.denied)))]),
      first.set(i64.load(row)),
      last.set(i64.load(row, 8)),
      flags.set(i32.load(row, 16)),
      row.set(i32.add(row, i32.const(PMP_ROW))),
      branchIf(i32.eqz(overlaps(page, pageEnd)), next),
      when(i32.eqz(covers(page, pageEnd)), [verdict.set(i32.const(VERDICT.divided))]),
      branchIf(i32.eqz(overlaps(address, end)), next),
    ),
    // The lowest-numbered entry that matches any byte decides. If it does not match all bytes, the access is denied.
    when(i32.eqz(covers(address, end)), [denied]),
    when(i32.and(machine, i32.eqz(i32.and(flags, i32.const(PMP_LOCKED)))), [returns(verdict)]),
    returns(select(i32.and(flags, permission), verdict, i32.const(VERDICT.denied))),
  );
  return f;
}

/** (virtual address, bytes, access) -> physical address or FAULT, with cause and tval. The bytes lie in one page. */
export function buildLocate(module: ModuleBuilder, translate: Callable<'i64'>, protection: Callable<'i32'>): Callable<'i64'> {
  const f = module.function(['i64', 'i32', 'i32'], 'i64');
  const address = f.parameter(0, 'i64');
  const bytes = f.parameter(1, 'i32');
  const access = f.parameter(2, 'i32');
  const physical = f.local('i64');
  const verdict = f.local('i32');
  const privilege: I32 = select(i32.eq(access, i32.const(ACCESS.fetch)), slot32('privilege'), dataPrivilege(slot64('mstatus')));
  f.body(
    physical.set(call(translate, address, access)),
    when(i64.eq(physical, i64.const(FAULT)), [returns(physical)]),
    verdict.set(call(protection, physical, bytes, access, privilege)),
    when(i32.eqz(verdict), [...raiseAccessFault(access, address), returns(i64.const(FAULT))]),
    setSlot32('divided', i32.eq(verdict, i32.const(VERDICT.divided))),
    returns(physical),
  );
  return f;
}
