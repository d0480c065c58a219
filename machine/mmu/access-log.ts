/**
 * Generated code that writes the log of accesses (layout/access-log.ts). Only the logging variant of the module has it: the ordinary
 * one is generated without a log, and its code is the same as if there were none.
 */
import { ACCESS_FIELD, ACCESS_KIND, ACCESS_LOG_END, ACCESS_RECORD, type AccessKind, INTERRUPT_TRAP } from '../layout/access-log.ts';
import { RAM } from '../layout/memory-map.ts';
import { setSlot32, slot32, slot64 } from '../layout/slot-access.ts';
import { RAM_BASE } from '../spec/virt-board.ts';
import {
  type Callable,
  callVoid,
  type I32,
  type I64,
  i32,
  i64,
  type Local,
  returns,
  type Statement,
  select,
  sequence,
  when,
} from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';

/** What is known of an access where the code for it is generated. */
export interface LoggedAccess {
  readonly kind: AccessKind;
  readonly width: I32;
  /** The acquire and release bits of an atomic. */
  readonly order?: I32;
  readonly pc: I64;
  /** Budget that remains, without this instruction. */
  readonly budget: I32;
  readonly value?: I64;
}

/** Statements to be put before an access, or in place of a fence. */
export interface LogCode {
  /** An access to RAM. */
  ram(access: LoggedAccess, host: I32): Statement;
  /** An access to a device, at a physical address. */
  device(access: LoggedAccess, physical: I64): Statement;
  fence(order: I32, at: Pick<LoggedAccess, 'pc' | 'budget'>): Statement;
  trap(cause: I32, interrupt: I32): Statement;
  returned(): Statement;
}

/** From the first word of a record to its parts. */
const [WIDTH_SHIFT, ORDER_SHIFT, HART_SHIFT] = [8, 16, 24];

/** The bytes of RAM at an address, by width. */
const LOADS = [i64.load8u, i64.load16u, i64.load32u, i64.load] as const;

function begin(at: Local<'i32'>, word: I32, pc: I64, budget: I32): Statement {
  return sequence(
    at.set(slot32('accessLog')),
    i32.store(at, i32.or(word, i32.shl(slot32('hart'), i32.const(HART_SHIFT)))),
    i64.store(at, pc, ACCESS_FIELD.pc),
    // With the instruction itself, which has been taken from the budget already.
    i64.store(at, i64.sub(slot64('clockEnd'), i64.extendU(i32.add(budget, i32.const(1)))), ACCESS_FIELD.time),
  );
}

const end = (at: Local<'i32'>, full: Callable<undefined>): Statement =>
  sequence(
    setSlot32('accessLog', at.tee(i32.add(at, i32.const(ACCESS_RECORD)))),
    when(i32.eq(at, i32.const(ACCESS_LOG_END)), [callVoid(full)]),
  );

/** (first word, host address, pc, budget, value). */
function buildRam(module: ModuleBuilder, full: Callable<undefined>): Callable<undefined> {
  const f = module.function(['i32', 'i32', 'i64', 'i32', 'i64'], undefined);
  const word = f.parameter(0, 'i32');
  const host = f.parameter(1, 'i32');
  const at = f.local('i32');
  const width = i32.and(i32.shrU(word, i32.const(WIDTH_SHIFT)), i32.const(15));
  const old = LOADS.map((load, n) => when(i32.eq(width, i32.const(1 << n)), [i64.store(at, load(host), ACCESS_FIELD.old)]));
  f.body(
    begin(at, word, f.parameter(2, 'i64'), f.parameter(3, 'i32')),
    i64.store(at, i64.add(i64.extendU(i32.sub(host, i32.const(RAM))), i64.const(RAM_BASE)), ACCESS_FIELD.address),
    ...old,
    i64.store(at, f.parameter(4, 'i64'), ACCESS_FIELD.value),
    end(at, full),
    returns(),
  );
  return f;
}

/** (first word, address, pc, budget, value). */
function buildOther(module: ModuleBuilder, full: Callable<undefined>): Callable<undefined> {
  const f = module.function(['i32', 'i64', 'i64', 'i32', 'i64'], undefined);
  const at = f.local('i32');
  f.body(
    begin(at, f.parameter(0, 'i32'), f.parameter(2, 'i64'), f.parameter(3, 'i32')),
    i64.store(at, f.parameter(1, 'i64'), ACCESS_FIELD.address),
    i64.store(at, i64.const(0), ACCESS_FIELD.old),
    i64.store(at, f.parameter(4, 'i64'), ACCESS_FIELD.value),
    end(at, full),
    returns(),
  );
  return f;
}

/** @param full called when the ring has no more room; it empties the ring */
export function buildLog(module: ModuleBuilder, full: Callable<undefined>): LogCode {
  const ram = buildRam(module, full);
  const other = buildOther(module, full);
  const wordOf = ({ kind, width, order }: LoggedAccess): I32 => {
    const word = i32.or(i32.const(ACCESS_KIND[kind]), i32.shl(width, i32.const(WIDTH_SHIFT)));
    return order === undefined ? word : i32.or(word, i32.shl(order, i32.const(ORDER_SHIFT)));
  };
  const event = (kind: AccessKind, address: I64, budget: I32): Statement =>
    callVoid(other, i32.const(ACCESS_KIND[kind]), address, slot64('pc'), budget, i64.const(0));
  return {
    ram: (access, host) => callVoid(ram, wordOf(access), host, access.pc, access.budget, access.value ?? i64.const(0)),
    device: (access, physical) => callVoid(other, wordOf(access), physical, access.pc, access.budget, access.value ?? i64.const(0)),
    fence: (order, { pc, budget }) =>
      callVoid(
        other,
        i32.or(i32.const(ACCESS_KIND.fence), i32.shl(i32.and(order, i32.const(0xff)), i32.const(ORDER_SHIFT))),
        i64.const(0),
        pc,
        budget,
        i64.const(0),
      ),
    trap: (cause, interrupt) =>
      event(
        'trap',
        i64.extendU(i32.or(cause, select(interrupt, i32.const(INTERRUPT_TRAP | 0), i32.const(0)))),
        // No instruction has been taken from the budget for an interrupt.
        i32.sub(slot32('budget'), interrupt),
      ),
    returned: () => event('return', i64.const(0), slot32('budget')),
  };
}
