/**
 * Counts what checks ask about: traps by cause, system calls by number, and changes of the address space that user mode runs in. In generated
 * code, since some kernels trap millions of times; it counts whether anybody asks or not, so that a run does not depend on what is asked.
 * Executions of an instruction are counted only where somebody asks for it, since such an instruction is not translated.
 *
 * A system call is an ECALL from U mode; its number is in a7, as all RISC-V kernels with Linux's or xv6's convention have it.
 */

import { PLACE, RULE, RULE_BYTES } from '../layout/code-watches.ts';
import { countWork, setSlot64, slot32, slot64 } from '../layout/slot-access.ts';
import { X } from '../layout/slots.ts';
import { CALL_NUMBERS, CALL_NUMBERS_END, CALLS, EXCEPTIONS, INTERRUPTS, SWITCHES } from '../layout/tally.ts';
import { EXCEPTION } from '../spec/riscv.ts';
import {
  branch,
  type Callable,
  callVoid,
  type I32,
  i32,
  i64,
  label,
  loop,
  returns,
  type Statement,
  select,
  sequence,
  when,
} from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';

const RA = 1;
const A7 = 17;
/** No satp has this value. */
const NEVER = (1n << 64n) - 1n;

const increment = (row: I32, base: number): Statement => i64.store(row, i64.add(i64.load(row, base), i64.const(1)), base);
const rowOf = (number: I32): I32 => i32.shl(number, i32.const(3));

/** () : counts a system call under its number, if that is one of those that are asked for. */
function buildCountCall(module: ModuleBuilder): Callable<undefined> {
  const f = module.function([], undefined);
  const row = f.local('i32');
  const next = label('next number');
  f.body(
    row.set(i32.const(0)),
    loop(
      next,
      when(i32.geU(row, i32.load(i32.const(0), CALL_NUMBERS_END)), [returns()]),
      when(i64.eq(i64.load(row, CALL_NUMBERS), i64.load(i32.const(0), X + 8 * A7)), [increment(row, CALLS), returns()]),
      row.set(i32.add(row, i32.const(8))),
      branch(next),
    ),
    returns(),
  );
  return f;
}

/**
 * (place): its instruction is about to be executed. The caller is known by the instruction before the one to which ra returns: a call of a function that
 * never returns may be the last instruction of its function.
 */
export function buildCountReached(module: ModuleBuilder): Callable<undefined> {
  const f = module.function(['i32'], undefined);
  const place = f.parameter(0, 'i32');
  const rule = f.local('i32');
  const counter = f.local('i32');
  const next = label('next rule');
  const distance = i64.sub(i64.sub(i64.load(i32.const(0), X + 8 * RA), i64.const(1)), i64.load(rule, RULE.low));
  f.body(
    rule.set(i32.load(place, PLACE.rules)),
    loop(
      next,
      when(i32.geU(rule, i32.load(place, PLACE.end)), [returns()]),
      countWork('reached'),
      when(i64.leU(distance, i64.load(rule, RULE.last)), [counter.set(i32.load(rule, RULE.counter)), increment(counter, 0)]),
      rule.set(i32.add(rule, i32.const(RULE_BYTES))),
      branch(next),
    ),
    returns(),
  );
  return f;
}

export interface TallyCode {
  /** An exception is about to be taken. */
  exception(cause: I32): Statement;
  /** An interrupt, by its cause times 2, plus 1 for S mode, is about to be taken. */
  interrupt(number: I32): Statement;
  /** A handler has returned: the slot `privilege` says where. */
  returned(): Statement;
}

export function buildTally(module: ModuleBuilder): TallyCode {
  const countCall = buildCountCall(module);
  const call = (cause: I32): I32 =>
    i32.and(i32.eq(cause, i32.const(EXCEPTION.ecallFromU)), i32.gtU(i32.load(i32.const(0), CALL_NUMBERS_END), i32.const(0)));
  return {
    exception: (cause) => sequence(increment(rowOf(cause), EXCEPTIONS), when(call(cause), [callVoid(countCall)])),
    interrupt: (number) => increment(rowOf(number), INTERRUPTS),
    returned: () =>
      when(i32.eqz(slot32('privilege')), [
        when(i64.ne(slot64('userSatp'), slot64('satp')), [
          i64.store(
            i32.const(0),
            i64.add(i64.load(i32.const(0), SWITCHES), select(i64.eq(slot64('userSatp'), i64.const(NEVER)), i64.const(0), i64.const(1))),
            SWITCHES,
          ),
          setSlot64('userSatp', slot64('satp')),
        ]),
      ]),
  };
}
