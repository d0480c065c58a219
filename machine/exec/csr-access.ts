/**
 * `csr`: the fast path of CSR instructions, for registers that are plain storage under masks (rows of CSR_TABLE, filled by
 * csr.ts), and for `time`, which drivers poll. Everything else (no row, too little privilege, a write with effects beyond `refresh`)
 * is left to the hart.
 */

import { setSlot32, slot32, slot64 } from '../layout/slots.ts';
import { CSR_ROW, CSR_TABLE, type Slot, X } from '../layout/state.ts';
import { NANOSECONDS_PER_TICK } from '../ports.ts';
import { type Callable, callVoid, type I32, type I64, i32, i64, returns, select, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { COUNTER, COUNTER_ENABLES } from './counter-enable.ts';

/** A row: slot (u32), flags (u32), read mask (u64), write mask (u64). */
export const CSR_ROW_FIELDS = { slot: 0, flags: 4, readMask: 8, writeMask: 16 } as const;
export const CSR_FLAG = { reads: 1, writes: 2, refreshes: 4, time: 8 } as const;

const timeIsAllowed = (): I32 => {
  const enabled = (register: Slot): I32 => i32.and(i32.shrU(slot32(register), i32.const(COUNTER.time)), i32.const(1));
  return COUNTER_ENABLES.map(([privilege, registers]) =>
    registers.map(enabled).reduce(i32.and, i32.eq(slot32('privilege'), i32.const(privilege))),
  ).reduce(i32.or);
};

/** @param budget what remains of the grant after this instruction */
const time = (budget: I32): I64 =>
  i64.add(i64.divS(i64.sub(slot64('clockEnd'), i64.extendU(budget)), i64.const(NANOSECONDS_PER_TICK)), slot64('timeOffset'));

/** (entry, operation, source, budget that remains after this instruction) -> 1 where the hart has to do the instruction. */
export function buildCsr(module: ModuleBuilder, refresh: Callable<undefined>): Callable<'i32'> {
  const f = module.function(['i32', 'i32', 'i64', 'i32'], 'i32');
  const at = f.parameter(0, 'i32');
  const operation = f.parameter(1, 'i32');
  const source = f.parameter(2, 'i64');
  const budget = f.parameter(3, 'i32');
  const number = f.local('i32');
  const row = f.local('i32');
  const flags = f.local('i32');
  const writes = f.local('i32');
  const stored = f.local('i64');
  const old = f.local('i64');
  const mask = f.local('i64');
  const not = (v: I64) => i64.xor(v, i64.const(-1));
  const rd = i32.load8u(at, 2);

  f.body(
    number.set(i32.load(at, 4)),
    row.set(i32.add(i32.const(CSR_TABLE), i32.mul(number, i32.const(CSR_ROW)))),
    flags.set(i32.load(row, CSR_ROW_FIELDS.flags)),
    // CSRRS and CSRRC with x0 (or 0) do not write.
    writes.set(i32.or(i32.eqz(operation), i32.ne(i32.load8u(at, 3), i32.const(0)))),
    when(i32.eqz(i32.and(flags, select(writes, i32.const(CSR_FLAG.writes), i32.const(CSR_FLAG.reads)))), [returns(i32.const(1))]),
    when(i32.ltU(slot32('privilege'), i32.and(i32.shrU(number, i32.const(8)), i32.const(3))), [returns(i32.const(1))]),
    when(i32.and(flags, i32.const(CSR_FLAG.time)), [
      when(i32.eqz(timeIsAllowed()), [returns(i32.const(1))]),
      setSlot32('unreported', i32.const(1)),
      when(rd, [i64.store(rd, time(budget), X)]),
      returns(i32.const(0)),
    ]),
    stored.set(i64.load(i32.load(row))),
    old.set(i64.and(stored, i64.load(row, CSR_ROW_FIELDS.readMask))),
    when(writes, [
      mask.set(i64.load(row, CSR_ROW_FIELDS.writeMask)),
      when(i32.eq(operation, i32.const(1)), [source.set(i64.or(old, source))]),
      when(i32.eq(operation, i32.const(2)), [source.set(i64.and(old, not(source)))]),
      i64.store(i32.load(row), i64.or(i64.and(stored, not(mask)), i64.and(source, mask))),
      when(i32.and(flags, i32.const(CSR_FLAG.refreshes)), [callVoid(refresh)]),
    ]),
    when(rd, [i64.store(rd, old, X)]),
    returns(i32.const(0)),
  );
  return f;
}
