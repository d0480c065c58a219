/**
 * Atomics, floating point, divisions and the like: the interpreter calls a function for them. They are rare and their code is long; without it V8 optimizes the
 * interpreter in less than half the time (docs/development/speed.md).
 */

import type { Instruction } from '../isa/instruction.ts';
import { setSlot32, slot32, slot64 } from '../layout/slot-access.ts';
import { X } from '../layout/slots.ts';
import {
  block,
  branchTable,
  type Callable,
  type I32,
  type I64,
  i32,
  i64,
  label,
  returns,
  type Statement,
  sequence,
  when,
} from '../wasm/code.ts';
import type { FunctionBuilder, ModuleBuilder } from '../wasm/module.ts';
import { EXIT } from './exit.ts';
import { type InterpreterParts, newLabels } from './interpreter-parts.ts';
import { FIRST_INSTRUCTION, OPERATIONS } from './operations.ts';
import { RegistersInMemory } from './registers-in-memory.ts';

/** Floating-point loads and stores stay in line: in a program that computes they are as frequent as any other instruction. */
const MEMORY_FORMATS: ReadonlySet<string> = new Set(['floatLoad', 'floatStore']);

/** Of M, what is short and frequent; and what is long of the extensions for bits. */
const SHORT: ReadonlySet<string> = new Set(['mul', 'mulw']);
const LONG: ReadonlySet<string> = new Set(['orc.b', 'rev8']);

/** One function for each group. */
const GROUPS: readonly ((instruction: Instruction) => boolean)[] = [
  ({ extension }) => extension === 'a',
  ({ extension, name }) => (extension === 'm' && !SHORT.has(name)) || extension === 'zbc' || LONG.has(name),
  ({ extension, format }) => (extension === 'f' || extension === 'd') && !MEMORY_FORMATS.has(format),
];

/** A function (entry, operation's number) -> exit code or 0. When it is called, the slots `pc` and `budget` are up to date. */
export interface OutOfLine {
  readonly has: (instruction: Instruction) => boolean;
  readonly run: Callable<'i32'>;
}

/** Semantics in such a function: pc and budget are in slots, not in the interpreter's locals, and a trap returns from the function. */
class CalledSemantics extends RegistersInMemory {
  override get pc(): I64 {
    return slot64('pc');
  }

  protected override get budgetLeft(): I32 {
    return slot32('budget');
  }

  /** The same code serves rd = x0, so it tests for that at run time. */
  override rd(value: I64): Statement {
    const result = this.temp('i64');
    return sequence(result.set(value), when(this.field(2), [i64.store(this.field(2), result, X)]));
  }

  protected override leave(code: number): Statement {
    return returns(i32.const(code));
  }

  protected override around(called: Statement): Statement {
    return sequence(called, when(slot32('fault'), [setSlot32('fault', i32.const(0)), this.leave(EXIT.exception)]));
  }
}

function buildGroup(module: ModuleBuilder, parts: InterpreterParts, has: OutOfLine['has']): OutOfLine {
  const f: FunctionBuilder<'i32'> = module.function(['i32', 'i32'], 'i32');
  const number: I32 = f.parameter(1, 'i32');
  // These instructions do not jump, so none of these labels is ever used; the interpreter's are not in scope here.
  const s = new CalledSemantics(f, parts, newLabels(), f.parameter(0, 'i32'));
  const instructions = [...new Set(OPERATIONS.map(({ instruction }) => instruction).filter(has))];
  const cases = new Map(instructions.map((instruction) => [instruction, label(instruction.name)]));
  const unknown = label('unknown operation');
  const targets = OPERATIONS.map(({ instruction }) => cases.get(instruction) ?? unknown);
  const dispatch: Statement = branchTable(i32.sub(number, i32.const(FIRST_INSTRUCTION)), targets, unknown);
  const body = instructions.reduce(
    (inner, instruction) =>
      sequence(
        block(cases.get(instruction)!, inner),
        ...s.operation({ instruction, discards: false, aligned: false }),
        returns(i32.const(0)),
      ),
    dispatch,
  );
  f.body(s.locals.dataBank.set(slot32('dataTlb')), block(unknown, body), returns(i32.const(EXIT.illegal)));
  return { has, run: f };
}

export function buildOutOfLine(module: ModuleBuilder, parts: InterpreterParts): readonly OutOfLine[] {
  return GROUPS.map((has) => buildGroup(module, parts, has));
}
