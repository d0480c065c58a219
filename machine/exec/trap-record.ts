/**
 * Notes each trap for explanations (layout/trap-record.ts): the exception that the kernel may not have survived, how many interrupts came. It is
 * generated code because some kernels trap millions of times.
 *
 * A handler that faults itself is followed by one exception after the other: the first of them is kept, until its handler returns. Calls (ECALL)
 * do not count, except one of a user program to which its handler returns again and again: sepc was not moved on. Calls of S or M mode without
 * firmware are kept until their handler returns: it may make such a call itself, as one that prints by the SBI does.
 */
import { setSlot64, slot32, slot64 } from '../layout/slot-access.ts';
import type { Slot } from '../layout/slots.ts';
import {
  type ExceptionRecord,
  FIRST_EXCEPTION,
  field,
  OPEN_CALL,
  SECOND_CALL,
  TAKEN,
  TAKEN_FIELDS,
  TAKEN_ROW,
  TRAPS,
} from '../layout/trap-record.ts';
import { EXCEPTION, PRIVILEGE } from '../spec/riscv.ts';
import { type Callable, type I32, type I64, i32, i64, returns, type Statement, select, sequence, when } from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';

/** Guest time in nanoseconds, and instructions retired; the slot `budget` is up to date. */
const steps = (): I64 => i64.sub(slot64('clockEnd'), i64.extendU(slot32('budget')));
const now = (): I64 => i64.mul(steps(), slot64('instructionTime'));
const retired = (): I64 => i64.sub(steps(), slot64('notRetired'));

const ONE = i64.const(1);
const increment = (address: number): Statement => field.set(address, i64.add(field.get(address), ONE));
const isSet = (address: number): I32 => i64.ne(field.get(address), i64.const(0));

/** Whether nothing was executed since a handler returned. */
const justReturned = (): I32 => i64.eq(retired(), field.get(TRAPS.returnedAt));

const isUser = (): I32 => i32.eq(slot32('privilege'), i32.const(PRIVILEGE.user));
/** A user program has executed something else since its last call. */
const userWentOn = (): Statement => field.set(TRAPS.calls, i64.const(0));

const keep = (at: ExceptionRecord, cause: I32): Statement =>
  sequence(
    field.set(at.kept, ONE),
    field.set(at.pc, slot64('pc')),
    field.set(at.cause, i64.extendU(cause)),
    field.set(at.tval, slot64('tval')),
    field.set(at.privilege, slot64('privilege')),
    field.set(at.retired, retired()),
    field.set(at.time, now()),
    field.set(at.depth, field.get(TRAPS.depth)),
  );

/** What `note` returns: which record the exception is kept in. */
const KEPT = { nowhere: 0, first: 1, call: 2, open: 3 } as const;

/** (cause) -> KEPT. An exception is about to be taken; its tval is in the slot. */
export function buildNote(module: ModuleBuilder): Callable<'i32'> {
  const f = module.function(['i32'], 'i32');
  const cause = f.parameter(0, 'i32');
  const isSame = [
    isSet(FIRST_EXCEPTION.kept),
    i64.eq(field.get(FIRST_EXCEPTION.pc), slot64('pc')),
    i64.eq(field.get(FIRST_EXCEPTION.cause), i64.extendU(cause)),
    i64.eq(field.get(FIRST_EXCEPTION.tval), slot64('tval')),
  ].reduce(i32.and);
  const isCall = i32.leU(i32.sub(cause, i32.const(EXCEPTION.ecallFromU)), i32.const(EXCEPTION.ecallFromM - EXCEPTION.ecallFromU));
  f.body(
    // Of calls only the second in a row is kept: the return to it can be looked at when the run is repeated.
    when(i32.eq(cause, i32.const(EXCEPTION.ecallFromU)), [
      field.set(
        TRAPS.calls,
        i64.add(select(i32.and(justReturned(), i64.eq(slot64('pc'), field.get(TRAPS.callPc))), field.get(TRAPS.calls), i64.const(0)), ONE),
      ),
      field.set(TRAPS.callPc, slot64('pc')),
      when(i64.ne(field.get(TRAPS.calls), i64.const(2)), [returns(i32.const(KEPT.nowhere))]),
      keep(SECOND_CALL, cause),
      returns(i32.const(KEPT.call)),
    ]),
    when(isUser(), [userWentOn()]),
    when(isCall, [
      when(slot32('firmware'), [returns(i32.const(KEPT.nowhere))]),
      when(isSet(OPEN_CALL.kept), [
        when(i32.eqz(isSet(TRAPS.nestedCalls)), [
          field.set(TRAPS.nestedPc, slot64('pc')),
          field.set(TRAPS.nestedCause, i64.extendU(cause)),
          field.set(TRAPS.nestedRetired, retired()),
        ]),
        increment(TRAPS.nestedCalls),
        returns(i32.const(KEPT.nowhere)),
      ]),
      keep(OPEN_CALL, cause),
      returns(i32.const(KEPT.open)),
    ]),
    field.set(TRAPS.lastTime, now()),
    when(i32.and(isSet(FIRST_EXCEPTION.kept), i32.eqz(isSet(TRAPS.returned))), [
      increment(TRAPS.further),
      when(i32.eqz(isSet(TRAPS.nextKept)), [
        field.set(TRAPS.nextKept, ONE),
        field.set(TRAPS.nextPc, slot64('pc')),
        field.set(TRAPS.nextCause, i64.extendU(cause)),
        field.set(TRAPS.nextTval, slot64('tval')),
        field.set(TRAPS.nextRetired, retired()),
      ]),
      returns(i32.const(KEPT.nowhere)),
    ]),
    field.set(TRAPS.times, i64.add(select(isSame, field.get(TRAPS.times), i64.const(0)), ONE)),
    keep(FIRST_EXCEPTION, cause),
    field.set(TRAPS.further, i64.const(0)),
    field.set(TRAPS.nextKept, i64.const(0)),
    field.set(TRAPS.returned, i64.const(0)),
    returns(i32.const(KEPT.first)),
  );
  return f;
}

/** After the handler was entered: where the exception that `note` kept has gone. */
export const entered = (kept: I32): Statement => {
  const isMachine = i32.eq(slot32('privilege'), i32.const(PRIVILEGE.machine));
  const write = (at: ExceptionRecord): Statement =>
    sequence(
      field.set(at.machine, i64.extendU(isMachine)),
      field.set(at.vector, select(isMachine, slot64('mtvec'), slot64('stvec'))),
      ...(['refusedVector', 'vectorRefused'] as const satisfies readonly Slot[]).map((slot) => field.set(at[slot], slot64(slot))),
    );
  return sequence(
    when(i32.eq(kept, i32.const(KEPT.first)), [write(FIRST_EXCEPTION)]),
    when(i32.eq(kept, i32.const(KEPT.call)), [write(SECOND_CALL)]),
    when(i32.eq(kept, i32.const(KEPT.open)), [write(OPEN_CALL)]),
  );
};

export const trapEntered = (): Statement => increment(TRAPS.depth);

/** A kernel may take breakpoints and calls on purpose, and never return from them. */
export const noteFault = (cause: I32): Statement =>
  when(
    i32.and(
      i32.ne(cause, i32.const(EXCEPTION.breakpoint)),
      i32.gtU(i32.sub(cause, i32.const(EXCEPTION.ecallFromU)), i32.const(EXCEPTION.ecallFromM - EXCEPTION.ecallFromU)),
    ),
    [increment(TRAPS.unreturned)],
  );

/** After MRET or SRET: a kernel that returns from its last exception has survived it. */
export const noteReturn = (): Statement =>
  sequence(
    when(isSet(TRAPS.depth), [field.set(TRAPS.depth, i64.sub(field.get(TRAPS.depth), ONE))]),
    field.set(TRAPS.returnedAt, retired()),
    field.set(TRAPS.unreturned, i64.const(0)),
    when(i32.and(isSet(FIRST_EXCEPTION.kept), i64.leU(field.get(TRAPS.depth), field.get(FIRST_EXCEPTION.depth))), [
      field.set(TRAPS.returned, ONE),
    ]),
    field.set(TRAPS.nestedCalls, i64.const(0)),
    when(i64.leU(field.get(TRAPS.depth), field.get(OPEN_CALL.depth)), [field.set(OPEN_CALL.kept, i64.const(0))]),
  );

/** An interrupt, by its row's number, is about to be taken. */
export const noteInterrupt = (number: I32): Statement => {
  const row = i32.mul(number, i32.const(TAKEN_ROW));
  const at = (name: keyof typeof TAKEN_FIELDS): number => TAKEN + TAKEN_FIELDS[name];
  return sequence(
    field.set(TRAPS.inARow, i64.add(select(justReturned(), field.get(TRAPS.inARow), i64.const(0)), ONE)),
    when(i32.and(i64.eq(field.get(TRAPS.inARow), ONE), isUser()), [userWentOn()]),
    i64.store(row, i64.add(i64.load(row, at('count')), ONE), at('count')),
    i64.store(row, now(), at('time')),
    i64.store(row, slot64('pc'), at('pc')),
    i64.store(row, retired(), at('retired')),
  );
};

/** An exception takes the time of an instruction, but no instruction retires. */
export const notRetired = (): Statement => setSlot64('notRetired', i64.add(slot64('notRetired'), ONE));
