/**
 * Taking and leaving traps, as generated code: kernels that make many system calls trap millions of times.
 *
 * Reference: RISC-V Privileged Architecture, "Machine Trap Delegation Registers", the sections on mepc, mcause, mtvec, MRET and
 * SRET, and "Machine Interrupt Registers" for the order of interrupts.
 */

import { countWork, has, setSlot64, slot32, slot64 } from '../layout/slot-access.ts';
import type { Slot } from '../layout/slots.ts';
import type { HartState } from '../layout/state.ts';
import { NO_PAGE } from '../layout/tlb.ts';
import { field, TRAPS } from '../layout/trap-record.ts';
import type { LogCode } from '../mmu/access-log.ts';
import { EXCEPTION, INTERRUPT_PRIORITY, PRIVILEGE, STATUS } from '../spec/riscv.ts';
import {
  branch,
  type Callable,
  call,
  callVoid,
  type I32,
  type I64,
  i32,
  i64,
  label,
  loop,
  returns,
  type Statement,
  select,
  when,
} from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { buildTally, type TallyCode } from './tally.ts';
import { buildNote, entered, noteFault, noteInterrupt, noteReturn, notRetired, trapEntered } from './trap-record.ts';

const INTERRUPT_BIT = 1n << 63n;
const NO_RESERVATION = (1n << 64n) - 1n;

/** The CSRs and the fields of mstatus of the mode that a trap goes to. */
interface Mode {
  readonly privilege: number;
  readonly vector: Slot;
  readonly epc: Slot;
  readonly cause: Slot;
  readonly tval: Slot;
  readonly enable: bigint;
  readonly previousEnable: bigint;
  readonly previousPrivilege: bigint;
  readonly previousShift: number;
}

const MACHINE: Mode = {
  privilege: PRIVILEGE.machine,
  vector: 'mtvec',
  epc: 'mepc',
  cause: 'mcause',
  tval: 'mtval',
  enable: STATUS.MIE,
  previousEnable: STATUS.MPIE,
  previousPrivilege: STATUS.MPP,
  previousShift: 11,
};

const SUPERVISOR: Mode = {
  privilege: PRIVILEGE.supervisor,
  vector: 'stvec',
  epc: 'sepc',
  cause: 'scause',
  tval: 'stval',
  enable: STATUS.SIE,
  previousEnable: STATUS.SPIE,
  previousPrivilege: STATUS.SPP,
  previousShift: 8,
};

/** What the hart calls. The slots `pc` and `budget` are up to date. */
export interface TrapFunctions {
  /** Takes the exception that the slots `cause` and `tval` describe, at pc -> TRAP. Its nanosecond has already been counted. */
  takeException(): number;
  /** The same for an exception that the current instruction did not raise: it is not noted for explanations. */
  deliverException(): number;
  /** Takes the interrupts that are due. */
  takeInterrupts(): void;
}

/** Whether a handler was entered; if it was not, the built-in firmware has to answer an ECALL. */
export const TRAP = { entered: 0, firmware: 1 } as const;

/** A reservation ends when the privilege mode may change, so that no other context can use it (as in QEMU). */
export function breakReservation(state: HartState): void {
  state.set('reservation', NO_RESERVATION);
}

const not = (mask: bigint): I64 => i64.const(~mask);
const bitOf = (word: I64, number: I32): I32 => i32.and(i32.wrap(i64.shrU(word, i64.extendU(number))), i32.const(1));
const byMode = (supervisor: I32, act: (mode: Mode) => readonly Statement[]): Statement => when(supervisor, act(SUPERVISOR), act(MACHINE));

/** Whether an exception is delegated to S mode. */
const delegated = (cause: I32): I32 => i32.and(i32.ne(slot32('privilege'), i32.const(PRIVILEGE.machine)), bitOf(slot64('medeleg'), cause));

/** (cause, interrupt, supervisor): enters the handler of S mode, or of M mode. The value for mtval or stval is in the slot `tval`. */
function buildEnter(module: ModuleBuilder, refresh: Callable<undefined>, log: LogCode | undefined): Callable<undefined> {
  const f = module.function(['i32', 'i32', 'i32'], undefined);
  const cause = f.parameter(0, 'i32');
  const interrupt = f.parameter(1, 'i32');
  const supervisor = f.parameter(2, 'i32');
  const status = f.local('i64');
  const vector = f.local('i64');
  const isVectored = i32.and(interrupt, i64.eq(i64.and(vector, i64.const(3)), i64.const(1)));
  f.body(
    ...(log ? [log.trap(cause, interrupt)] : []),
    status.set(slot64('mstatus')),
    byMode(supervisor, (mode) => [
      setSlot64(mode.epc, slot64('pc')),
      setSlot64(mode.cause, i64.or(i64.extendU(cause), select(interrupt, i64.const(INTERRUPT_BIT), i64.const(0)))),
      setSlot64(mode.tval, select(interrupt, i64.const(0), slot64('tval'))),
      setSlot64(
        'mstatus',
        i64.or(
          i64.or(
            i64.and(status, not(mode.enable | mode.previousEnable | mode.previousPrivilege)),
            select(has(status, mode.enable), i64.const(mode.previousEnable), i64.const(0)),
          ),
          i64.shl(slot64('privilege'), i64.const(mode.previousShift)),
        ),
      ),
      vector.set(slot64(mode.vector)),
      setSlot64('privilege', i64.const(mode.privilege)),
    ]),
    setSlot64('pc', i64.add(i64.and(vector, i64.const(-4)), select(isVectored, i64.extendU(i32.shl(cause, i32.const(2))), i64.const(0)))),
    setSlot64('reservation', i64.const(NO_RESERVATION)),
    setSlot64('codeAddress', i64.const(NO_PAGE)),
    callVoid(refresh),
    returns(),
  );
  return f;
}

/** (cause, supervisor) -> 1 if this exception is raised at the trap vector and equals the one before. */
function buildRepeats(module: ModuleBuilder): Callable<'i32'> {
  const f = module.function(['i32', 'i32'], 'i32');
  const cause = f.parameter(0, 'i32');
  const supervisor = f.parameter(1, 'i32');
  f.body(
    byMode(supervisor, (mode) => [
      returns(
        [
          i64.eq(slot64('privilege'), i64.const(mode.privilege)),
          i64.eq(i64.and(slot64(mode.vector), i64.const(-4)), slot64('pc')),
          i64.eq(slot64(mode.epc), slot64('pc')),
          i64.eq(slot64(mode.cause), i64.extendU(cause)),
          i64.eq(slot64(mode.tval), slot64('tval')),
        ].reduce(i32.and),
      ),
    ]),
    returns(i32.const(0)),
  );
  return f;
}

interface LeaveParts {
  readonly refresh: Callable<undefined>;
  readonly tally: TallyCode;
  readonly log: LogCode | undefined;
}

function buildLeave(module: ModuleBuilder, { refresh, tally, log }: LeaveParts): Callable<undefined> {
  const f = module.function(['i32'], undefined);
  const supervisor = f.parameter(0, 'i32');
  const status = f.local('i64');
  f.body(
    ...(log ? [log.returned()] : []),
    status.set(slot64('mstatus')),
    byMode(supervisor, (mode) => [
      setSlot64('privilege', i64.shrU(i64.and(status, i64.const(mode.previousPrivilege)), i64.const(mode.previousShift))),
      // A return from M mode to a lower mode clears MPRV.
      when(i64.ne(slot64('privilege'), i64.const(PRIVILEGE.machine)), [status.set(i64.and(status, not(STATUS.MPRV)))]),
      setSlot64(
        'mstatus',
        i64.or(
          i64.or(
            i64.and(status, not(mode.enable | mode.previousPrivilege)),
            select(has(status, mode.previousEnable), i64.const(mode.enable), i64.const(0)),
          ),
          i64.const(mode.previousEnable),
        ),
      ),
      setSlot64('pc', slot64(mode.epc)),
    ]),
    setSlot64('reservation', i64.const(NO_RESERVATION)),
    noteReturn(),
    tally.returned(),
    callVoid(refresh),
    returns(),
  );
  return f;
}

/** -> the interrupt to take now, among those that `refresh` found enabled: its cause times 2, plus 1 if S mode takes it. */
function buildPending(module: ModuleBuilder): Callable<'i32'> {
  const f = module.function([], 'i32');
  const pending = f.local('i64');
  const taken = f.local('i64');
  const enabled = (mode: Mode): I32 =>
    i32.or(
      i32.ltU(slot32('privilege'), i32.const(mode.privilege)),
      i32.and(i32.eq(slot32('privilege'), i32.const(mode.privilege)), has(slot64('mstatus'), mode.enable)),
    );
  const first = (supervisor: 0 | 1): Statement[] =>
    INTERRUPT_PRIORITY.map((cause) => when(has(taken, 1n << BigInt(cause)), [returns(i32.const(cause * 2 + supervisor))]));
  f.body(
    pending.set(i64.and(slot64('mip'), slot64('mie'))),
    when(enabled(MACHINE), [taken.set(i64.and(pending, i64.xor(slot64('mideleg'), i64.const(-1)))), ...first(0)]),
    when(enabled(SUPERVISOR), [taken.set(i64.and(pending, slot64('mideleg'))), ...first(1)]),
    returns(i32.const(-1)),
  );
  return f;
}

/** Whether an interrupt of M mode could come between two traps of S mode: only if the guest has its own software in M mode. */
const machineCanInterrupt = (supervisor: I32): I32 =>
  [supervisor, i32.eqz(slot32('firmware')), i64.ne(i64.and(slot64('mie'), i64.xor(slot64('mideleg'), i64.const(-1))), i64.const(0))].reduce(
    i32.and,
  );

/** (cause) -> TRAP. */
function buildDeliver(module: ModuleBuilder, enter: Callable<undefined>, tally: TallyCode): Callable<'i32'> {
  const repeats = buildRepeats(module);
  const f = module.function(['i32'], 'i32');
  const cause = f.parameter(0, 'i32');
  const supervisor = f.local('i32');
  f.body(
    countWork('traps'),
    tally.exception(cause),
    supervisor.set(delegated(cause)),
    when(i32.and(i32.eqz(supervisor), slot32('firmware')), [
      when(i32.eq(cause, i32.const(EXCEPTION.ecallFromS)), [returns(i32.const(TRAP.firmware))]),
      // The firmware passes exceptions that are not delegated on to S mode (board.md).
      supervisor.set(i32.const(1)),
    ]),
    when(i32.and(call(repeats, cause, supervisor), i32.eqz(machineCanInterrupt(supervisor))), [field.set(TRAPS.loop, i64.const(1))]),
    trapEntered(),
    noteFault(cause),
    callVoid(enter, cause, i32.const(0), supervisor),
    returns(i32.const(TRAP.entered)),
  );
  return f;
}

function buildException(module: ModuleBuilder, deliver: Callable<'i32'>): Callable<'i32'> {
  const note = buildNote(module);
  const f = module.function([], 'i32');
  const cause = f.local('i32');
  const kept = f.local('i32');
  f.body(
    notRetired(),
    cause.set(slot32('cause')),
    kept.set(call(note, cause)),
    when(call(deliver, cause), [returns(i32.const(TRAP.firmware))]),
    entered(kept),
    returns(i32.const(TRAP.entered)),
  );
  return f;
}

function buildDeliverSlots(module: ModuleBuilder, deliver: Callable<'i32'>): Callable<'i32'> {
  const f = module.function([], 'i32');
  f.body(returns(call(deliver, slot32('cause'))));
  return f;
}

function buildInterrupts(module: ModuleBuilder, enter: Callable<undefined>, tally: TallyCode): Callable<undefined> {
  const pending = buildPending(module);
  const f = module.function([], undefined);
  const number = f.local('i32');
  const next = label('next interrupt');
  f.body(
    loop(
      next,
      when(i32.eqz(slot32('interrupt')), [returns()]),
      countWork('traps'),
      number.set(call(pending)),
      trapEntered(),
      noteInterrupt(number),
      tally.interrupt(number),
      callVoid(enter, i32.shrU(number, i32.const(1)), i32.const(1), i32.and(number, i32.const(1))),
      branch(next),
    ),
  );
  return f;
}

export interface TrapCode {
  /** The functions of TrapFunctions, by name. */
  readonly exported: Readonly<Record<keyof TrapFunctions, Callable<'i32' | undefined>>>;
  readonly takeException: Callable<'i32'>;
  readonly takeInterrupts: Callable<undefined>;
  /** (supervisor): does SRET (1) or MRET (0). */
  readonly leave: Callable<undefined>;
}

export function buildTraps(module: ModuleBuilder, refresh: Callable<undefined>, log?: LogCode): TrapCode {
  const enter = buildEnter(module, refresh, log);
  const tally = buildTally(module);
  const deliver = buildDeliver(module, enter, tally);
  const takeException = buildException(module, deliver);
  const takeInterrupts = buildInterrupts(module, enter, tally);
  return {
    exported: { takeException, deliverException: buildDeliverSlots(module, deliver), takeInterrupts },
    takeException,
    takeInterrupts,
    leave: buildLeave(module, { refresh, tally, log }),
  };
}
