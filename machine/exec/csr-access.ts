/**
 * `csr`: the fast path of CSR instructions. It serves the registers that have a row in CSR_TABLE (filled by hart/csr.ts): plain storage under
 * masks, and a few whose rule a flag names. Everything else (no row, too little privilege, a write with effects on a device or on time) is
 * left to the hart. A write of satp, after which code has to be looked up anew, is left to stop.ts.
 */

import { DYNAMIC_ROUNDING } from '../isa/registers.ts';
import { CSR_ROW, CSR_TABLE } from '../layout/memory-map.ts';
import { has, setSlot32, setSlot64, slot32, slot64 } from '../layout/slot-access.ts';
import { SLOT, type Slot, X } from '../layout/slots.ts';
import { NANOSECONDS_PER_TICK } from '../ports.ts';
import { Flag } from '../spec/float.ts';
import { PRIVILEGE, STATUS } from '../spec/riscv.ts';
import { type Callable, callVoid, type I32, type I64, i32, i64, returns, type Statement, select, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { COUNTER, COUNTER_ENABLES } from './counter-enable.ts';

/** A row: slot (u32), flags (u32), read mask (u64), write mask (u64). */
export const CSR_ROW_FIELDS = { slot: 0, flags: 4, readMask: 8, writeMask: 16 } as const;
export const CSR_FLAG = {
  reads: 1,
  writes: 2,
  refreshes: 4,
  time: 8,
  cycle: 16,
  instret: 32,
  /** Only the bits that mideleg has are seen and written. */
  delegated: 64,
  /** A trap vector: a write with a reserved mode only leaves a note. */
  vector: 128,
  /** fflags or frm: needs mstatus.FS, and a write makes the state dirty. */
  float: 256,
  satp: 512,
} as const;
const COUNTERS = CSR_FLAG.time | CSR_FLAG.cycle | CSR_FLAG.instret;

/** What `csr` returns: done; the hart has to do it; stop.ts has to do it. */
export const CSR_RESULT = { done: 0, hart: 1, satp: 2 } as const;

const mayRead = (counter: number): I32 => {
  const enabled = (register: Slot): I32 => i32.and(i32.shrU(slot32(register), i32.const(counter)), i32.const(1));
  return COUNTER_ENABLES.map(([privilege, registers]) =>
    registers.map(enabled).reduce(i32.and, i32.eq(slot32('privilege'), i32.const(privilege))),
  ).reduce(i32.or);
};

const isInhibited = (counter: number): I32 => has(slot64('mcountinhibit'), 1n << BigInt(counter));

/** For which rounding modes the host's operations may be used: NX must be raised already, and the mode must mean RNE. */
export function buildFloatChanged(module: ModuleBuilder): Callable<undefined> {
  const f = module.function([], undefined);
  const inexact = i32.and(slot32('fflags'), i32.const(Flag.NX));
  f.body(
    i32.store8(i32.const(0), inexact, SLOT.floatFast),
    i32.store8(i32.const(0), select(slot32('frm'), i32.const(0), inexact), SLOT.floatFast + DYNAMIC_ROUNDING),
    returns(),
  );
  return f;
}

/** (entry, operation, source, budget that remains after this instruction) -> CSR_RESULT. */
export function buildCsr(module: ModuleBuilder, refresh: Callable<undefined>, floatChanged: Callable<undefined>): Callable<'i32'> {
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
  const isFlagged = (flag: number): I32 => i32.and(flags, i32.const(flag));
  const leaveToHart = returns(i32.const(CSR_RESULT.hart));
  const done = returns(i32.const(CSR_RESULT.done));

  const steps = i64.sub(slot64('clockEnd'), i64.extendU(budget));
  const now = i64.mul(steps, slot64('instructionTime'));
  const counter = (flag: number, bit: number, value: I64): Statement =>
    when(isFlagged(flag), [
      when(i32.or(i32.eqz(mayRead(bit)), isInhibited(bit)), [leaveToHart]),
      setSlot32('unreported', i32.const(1)),
      when(rd, [i64.store(rd, value, X)]),
      done,
    ]);

  f.body(
    number.set(i32.load(at, 4)),
    row.set(i32.add(i32.const(CSR_TABLE), i32.mul(number, i32.const(CSR_ROW)))),
    flags.set(i32.load(row, CSR_ROW_FIELDS.flags)),
    // CSRRS and CSRRC with x0 (or 0) do not write.
    writes.set(i32.or(i32.eqz(operation), i32.ne(i32.load8u(at, 3), i32.const(0)))),
    when(i32.eqz(i32.and(flags, select(writes, i32.const(CSR_FLAG.writes), i32.const(CSR_FLAG.reads)))), [leaveToHart]),
    when(i32.ltU(slot32('privilege'), i32.and(i32.shrU(number, i32.const(8)), i32.const(3))), [leaveToHart]),
    when(isFlagged(COUNTERS), [
      counter(CSR_FLAG.time, COUNTER.time, i64.add(i64.divS(now, i64.const(NANOSECONDS_PER_TICK)), slot64('timeOffset'))),
      counter(CSR_FLAG.cycle, COUNTER.cycle, i64.add(now, slot64('cycleOffset'))),
      // Without the instruction itself.
      counter(
        CSR_FLAG.instret,
        COUNTER.instret,
        i64.add(i64.sub(i64.sub(steps, slot64('notRetired')), i64.const(1)), slot64('retiredOffset')),
      ),
    ]),
    when(isFlagged(CSR_FLAG.float), [when(i32.eqz(has(slot64('mstatus'), STATUS.FS)), [leaveToHart])]),
    when(isFlagged(CSR_FLAG.satp), [
      when(i32.and(i32.ne(slot32('privilege'), i32.const(PRIVILEGE.machine)), has(slot64('mstatus'), STATUS.TVM)), [leaveToHart]),
    ]),
    stored.set(i64.load(i32.load(row))),
    old.set(i64.and(stored, i64.load(row, CSR_ROW_FIELDS.readMask))),
    when(isFlagged(CSR_FLAG.delegated), [old.set(i64.and(old, slot64('mideleg')))]),
    when(writes, [
      mask.set(i64.load(row, CSR_ROW_FIELDS.writeMask)),
      when(isFlagged(CSR_FLAG.delegated), [mask.set(i64.and(mask, slot64('mideleg')))]),
      when(i32.eq(operation, i32.const(1)), [source.set(i64.or(old, source))]),
      when(i32.eq(operation, i32.const(2)), [source.set(i64.and(old, not(source)))]),
      when(isFlagged(CSR_FLAG.satp), [setSlot64('csrValue', source), returns(i32.const(CSR_RESULT.satp))]),
      when(isFlagged(CSR_FLAG.vector), [
        setSlot32('vectorRefused', i32.and(i32.wrap(i64.shrU(source, i64.const(1))), i32.const(1))),
        setSlot64('refusedVector', select(slot32('vectorRefused'), source, i64.const(0))),
        when(slot32('vectorRefused'), [mask.set(i64.const(0))]),
      ]),
      i64.store(i32.load(row), i64.or(i64.and(stored, not(mask)), i64.and(source, mask))),
      when(isFlagged(CSR_FLAG.refreshes), [callVoid(refresh)]),
      when(isFlagged(CSR_FLAG.float), [
        setSlot64('mstatus', i64.or(slot64('mstatus'), i64.const(STATUS.FS | STATUS.SD))),
        callVoid(floatChanged),
      ]),
    ]),
    when(rd, [i64.store(rd, old, X)]),
    done,
  );
  return f;
}
