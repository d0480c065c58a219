/**
 * What happens where the interpreter cannot simply go on: exceptions, calls of the environment, returns from traps, fences. Kernels do these millions
 * of times, so that they are generated code; what is left (exit.ts) is for TypeScript.
 *
 * Reference: RISC-V Privileged Architecture, "Machine-Mode Privileged Instructions", "Supervisor Instructions".
 */

import { DECODED_PAGE, DECODED_POOL, DECODED_RAM, ENTRY } from '../layout/memory-map.ts';
import { countWork, has, setSlot64, slot32, slot64 } from '../layout/slot-access.ts';
import { X } from '../layout/slots.ts';
import { NO_PAGE } from '../layout/tlb.ts';
import { field, TRAPS } from '../layout/trap-record.ts';
import { MOST_EXCEPTIONS_IN_A_ROW, MOST_INTERRUPTS_IN_A_ROW } from '../spec/bounds.ts';
import { EXCEPTION, PRIVILEGE, STATUS } from '../spec/riscv.ts';
import {
  block,
  branch,
  type Callable,
  call,
  callVoid,
  type I32,
  i32,
  i64,
  label,
  returns,
  type Statement,
  select,
  sequence,
  when,
} from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { EXIT } from './exit.ts';
import type { TrapCode } from './trap.ts';

/** The interpreter goes on, at the slot `pc`. */
export const GO_ON = -1;

const privilege = (): I32 => slot32('privilege');
const isMode = (mode: number): I32 => i32.eq(privilege(), i32.const(mode));

/** (entry) -> the instruction bits that it was decoded from. */
export function buildBits(module: ModuleBuilder): Callable<'i32'> {
  const f = module.function(['i32'], 'i32');
  const at = f.parameter(0, 'i32');
  const page = f.local('i32');
  const host = f.local('i32');
  const low = f.local('i32');
  const size = i32.const(DECODED_PAGE);
  f.body(
    when(i32.ltU(at, i32.const(DECODED_POOL)), [
      // It is in the scratch page.
      at.set(slot32('scratchEntry')),
      when(i32.eqz(at), [returns(slot32('crossingBits'))]),
    ]),
    page.set(i32.add(i32.const(DECODED_POOL), i32.mul(i32.divU(i32.sub(at, i32.const(DECODED_POOL)), size), size))),
    host.set(i32.add(i32.load(page, DECODED_RAM), i32.mul(i32.divU(i32.sub(at, page), i32.const(ENTRY)), i32.const(2)))),
    low.set(i32.load16u(host)),
    when(i32.ne(i32.and(low, i32.const(3)), i32.const(3)), [returns(low)]),
    returns(i32.load(host)),
  );
  return f;
}

/** Levels of the page table for each mode of satp. Other modes, and modes with more levels than the hart has, cannot be written. */
const LEVELS: readonly (readonly [mode: number, levels: number])[] = [
  [0, 0],
  [8, 3],
  [9, 4],
  [10, 5],
];

/** (entry): the slot `csrValue` has the new value. All translations are forgotten, as in QEMU. */
export function buildWriteSatp(module: ModuleBuilder, flush: Callable<undefined>): Callable<undefined> {
  const f = module.function(['i32'], undefined);
  const at = f.parameter(0, 'i32');
  const value = f.local('i64');
  const old = f.local('i64');
  const levels = f.local('i32');
  const rd = i32.load8u(at, 2);
  f.body(
    value.set(slot64('csrValue')),
    old.set(slot64('satp')),
    levels.set(i32.const(-1)),
    ...LEVELS.map(([mode, deep]) => when(i64.eq(i64.shrU(value, i64.const(60)), i64.const(mode)), [levels.set(i32.const(deep))])),
    // -1 is more than any number of levels.
    when(i32.and(i32.leU(levels, slot32('mostLevels')), i64.ne(value, old)), [
      setSlot64('satp', value),
      setSlot64('levels', i64.extendU(levels)),
      setSlot64('root', i64.shl(i64.and(value, i64.const((1n << 44n) - 1n)), i64.const(12))),
      countWork('generatedFlushes'),
      callVoid(flush),
    ]),
    when(rd, [i64.store(rd, old, X)]),
    setSlot64('pc', i64.add(slot64('pc'), i64.const(4))),
    returns(),
  );
  return f;
}

export interface StopParts extends Pick<TrapCode, 'takeException' | 'takeInterrupts' | 'leave'> {
  readonly bits: Callable<'i32'>;
  /** (entry): does the instruction. */
  readonly writeSatp: Callable<undefined>;
  readonly flush: Callable<undefined>;
}

/** (exit code, entry) -> GO_ON, or the exit code for TypeScript. The slots `pc` and `budget` are up to date. */
export function buildStop(module: ModuleBuilder, parts: StopParts): Callable<'i32'> {
  const f = module.function(['i32', 'i32'], 'i32');
  const code = f.parameter(0, 'i32');
  const at = f.parameter(1, 'i32');
  const trapped = label('trapped');
  const illegal = label('illegal');
  const done = label('done');

  const raise = (cause: I32, tval = i64.const(0)): Statement =>
    sequence(setSlot64('cause', i64.extendU(cause)), setSlot64('tval', tval), branch(trapped));
  /** An instruction that is illegal in U mode, and in S mode too if this bit of mstatus is set. */
  const refuse = (bit: bigint): Statement =>
    when(i32.or(isMode(PRIVILEGE.user), i32.and(isMode(PRIVILEGE.supervisor), has(slot64('mstatus'), bit))), [branch(illegal)]);
  const isCode = (exit: number, ...then: readonly Statement[]): Statement => when(i32.eq(code, i32.const(exit)), then);

  f.body(
    when(i32.ltU(code, i32.const(EXIT.interrupt)), [returns(code)]),
    block(
      done,
      block(
        trapped,
        block(
          illegal,
          isCode(EXIT.interrupt, branch(done)),
          isCode(EXIT.exception, branch(trapped)),
          isCode(EXIT.illegal, branch(illegal)),
          isCode(EXIT.ecall, raise(i32.add(i32.const(EXCEPTION.ecallFromU), privilege()))),
          isCode(EXIT.ebreak, raise(i32.const(EXCEPTION.breakpoint), slot64('pc'))),
          isCode(
            EXIT.mret,
            when(i32.eqz(isMode(PRIVILEGE.machine)), [branch(illegal)]),
            countWork('returns'),
            callVoid(parts.leave, i32.const(0)),
            branch(done),
          ),
          isCode(EXIT.sret, refuse(STATUS.TSR), countWork('returns'), callVoid(parts.leave, i32.const(1)), branch(done)),
          isCode(EXIT.satp, callVoid(parts.writeSatp, at), branch(done)),
          // What is left is a fence. All translations are forgotten.
          refuse(STATUS.TVM),
          countWork('generatedFlushes'),
          callVoid(parts.flush),
          setSlot64('pc', i64.add(slot64('pc'), i64.const(4))),
          branch(done),
        ),
        raise(i32.const(EXCEPTION.illegalInstruction), i64.extendU(call(parts.bits, at))),
      ),
      when(call(parts.takeException), [returns(i32.const(EXIT.firmware))]),
    ),
    setSlot64('codeAddress', i64.const(NO_PAGE)),
    when(slot32('interrupt'), [
      // Without budget there may be an event first.
      when(i32.eqz(slot32('budget')), [returns(i32.const(EXIT.budget))]),
      callVoid(parts.takeInterrupts),
    ]),
    returns(select(isOver(), i32.const(EXIT.budget), i32.const(GO_ON))),
  );
  return f;
}

/** Whether TypeScript has to look: the traps may be such that the run ends here. */
const isOver = (): I32 =>
  [
    i64.ne(field.get(TRAPS.loop), i64.const(0)),
    i64.geU(field.get(TRAPS.unreturned), i64.const(MOST_EXCEPTIONS_IN_A_ROW)),
    i64.geU(field.get(TRAPS.inARow), i64.const(MOST_INTERRUPTS_IN_A_ROW)),
  ].reduce(i32.or);
