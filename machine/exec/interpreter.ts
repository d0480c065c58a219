/**
 * The interpreter: one generated WebAssembly function that runs decoded entries.
 *
 * Each turn takes an entry, counts the instruction and jumps by `br_table` to its code; the semantics come from the table of
 * instructions. The function returns an exit code when the budget is used up or when TypeScript has to act. docs/development/speed.md says why it is
 * built like this.
 */

import { PLACE } from '../layout/code-watches.ts';
import { decodedPage } from '../layout/decoded-page.ts';
import { DECODED_SPAN, SCRATCH_PAGE } from '../layout/memory-map.ts';
import { countWork, setSlot32, setSlot64, slot32, slot64 } from '../layout/slot-access.ts';
import { NO_PAGE, TLB_ADDEND, tlb } from '../layout/tlb.ts';
import {
  block,
  branch,
  branchTable,
  call,
  callIndirect,
  callVoid,
  i32,
  i64,
  type Label,
  label,
  loop,
  returns,
  type Statement,
  sequence,
  when,
} from '../wasm/code.ts';
import type { ModuleBuilder } from '../wasm/module.ts';
import { EXIT } from './exit.ts';
import { type InterpreterParts, newLabels } from './interpreter-parts.ts';
import { FIRST_INSTRUCTION, LENGTH_SHIFT, OPERATION, OPERATION_MASK, OPERATIONS, type Operation } from './operations.ts';
import { buildOutOfLine } from './out-of-line.ts';
import { RegistersInMemory } from './registers-in-memory.ts';
import { GO_ON } from './stop.ts';
import { TRANSLATED, TRANSLATED_PARAMETERS } from './translated-entry.ts';

/** The code of an operation, or of a group of operations that are done out of line. */
interface Case {
  readonly label: Label;
  readonly code: readonly Statement[];
}

/** Emits `run() -> exit code`. */
export function buildInterpreter(module: ModuleBuilder, parts: InterpreterParts): void {
  const f = module.function([], 'i32');
  const labels = newLabels();
  const s = new RegistersInMemory(f, parts, labels);
  const { at, ip, base, span, pcPage, budget, dataBank, target, reason } = s.locals;
  const slot = f.local('i32');
  const stopped = label('stopped');

  const leave = (code: number): Statement[] => [reason.set(i32.const(code)), branch(labels.exit)];
  const again = budget.set(i32.add(budget, i32.const(1)));
  const fromScratch = [
    pcPage.set(s.pc),
    base.set(i32.const(SCRATCH_PAGE)),
    ip.set(i32.const(SCRATCH_PAGE)),
    // With a span of 0 no branch stays within the scratch page: every one looks up its target.
    span.set(i32.const(0)),
  ];
  /** Goes on with the entry as it was decoded, which is the first field of what `slot` points to. */
  const original = [i64.store(i32.const(SCRATCH_PAGE), i64.load(slot)), setSlot32('scratchEntry', at), ...fromScratch];
  const translated = module.tableSignature(TRANSLATED_PARAMETERS);

  const own: Record<(typeof OPERATION)[keyof typeof OPERATION], readonly Statement[]> = {
    [OPERATION.decode]: [again, ip.set(at), s.decode()],
    [OPERATION.pageEnd]: [again, target.set(s.pc), branch(labels.jump)],
    [OPERATION.crossing]: [
      setSlot64('pc', s.pc),
      setSlot32('budget', budget),
      when(i32.eqz(call(parts.crossing)), leave(EXIT.exception)),
      again,
      setSlot32('scratchEntry', i32.const(0)),
      ...fromScratch,
    ],
    [OPERATION.illegal]: leave(EXIT.illegal),
    [OPERATION.hint]: [],
    [OPERATION.breakpoint]: [again, ...leave(EXIT.breakpoint)],
    [OPERATION.translated]: [
      again,
      slot.set(i32.load(at, 4)),
      when(i32.and(slot32('translating'), i32.geU(budget, i32.load16u(slot, TRANSLATED.instructions))), [
        setSlot32('budget', budget),
        callIndirect(translated, i32.load(slot, TRANSLATED.function), pcPage, i32.load16u(slot, TRANSLATED.block)),
        // If the translated code executed nothing, the interpreter has to do the instruction.
        when(i32.ne(budget, slot32('budget')), [
          budget.set(slot32('budget')),
          // It may have changed what S mode may access, or enabled an interrupt that is pending.
          dataBank.set(slot32('dataTlb')),
          when(slot32('interrupt'), [setSlot32('entry', i32.const(0)), reason.set(i32.const(EXIT.interrupt)), branch(stopped)]),
          target.set(slot64('pc')),
          branch(labels.jump),
        ]),
      ]),
      ...original,
    ],
    // The run may be ended here, by taking the budget away. The instruction is executed all the same, so that it is counted once.
    [OPERATION.watched]: [
      slot.set(i32.load(at, 4)),
      callVoid(parts.countReached, slot),
      when(i32.load(slot, PLACE.teller), [
        setSlot64('pc', s.pc),
        setSlot32('budget', budget),
        callVoid(parts.reached, i32.sub(i32.load(slot, PLACE.teller), i32.const(1))),
        budget.set(slot32('budget')),
      ]),
      again,
      ...original,
    ],
  };
  if (Object.values(own).length !== FIRST_INSTRUCTION) throw new Error('own operations are numbered from 0 without gaps');

  const word = f.local('i32');
  const number = i32.and(word, i32.const(OPERATION_MASK));
  const calls = buildOutOfLine(module, parts).map(({ has, run }) => ({
    has,
    case: {
      label: label('out of line'),
      code: [
        setSlot64('pc', s.pc),
        setSlot32('budget', budget),
        reason.set(call(run, at, number)),
        budget.set(slot32('budget')),
        when(reason, [branch(labels.exit)]),
      ],
    },
  }));
  const caseOf = (operation: Operation): Case =>
    calls.find(({ has }) => has(operation.instruction))?.case ?? {
      label: label(operation.instruction.name),
      code: s.operation(operation),
    };
  const cases: Case[] = [...Object.values(own).map((code) => ({ label: label('own'), code })), ...OPERATIONS.map(caseOf)];

  const unknown = label('unknown operation');
  const step: Statement[] = [
    when(i32.eqz(budget), [at.set(ip), ...leave(EXIT.budget)]),
    budget.set(i32.sub(budget, i32.const(1))),
    at.set(ip),
    word.set(i32.load16u(at)),
    ip.set(i32.add(at, i32.shrU(word, i32.const(LENGTH_SHIFT)))),
  ];
  const dispatch = branchTable(
    number,
    cases.map((c) => c.label),
    unknown,
  );
  const body = [...new Set(cases), ...s.tails()].reduce<Statement>(
    (inner, { label, code }) => sequence(block(label, inner), ...code, branch(labels.next)),
    sequence(...step, dispatch),
  );

  const isNew = i64.eq(pcPage, i64.const(NO_PAGE));
  const fetch: Statement[] = [
    setSlot64('pc', target),
    when(i32.eqz(isNew), [countWork('slowFetches')]),
    // A fetch that faults is the exception of an instruction that was started, so without budget it has to wait.
    when(i32.eqz(budget), [setSlot32('entry', i32.const(0)), reason.set(i32.const(EXIT.budget)), branch(labels.done)]),
    base.set(call(parts.fetchPage, target)),
    when(i32.eqz(base), [
      budget.set(i32.sub(budget, i32.const(1))),
      at.set(i32.const(0)),
      reason.set(i32.const(EXIT.exception)),
      branch(stopped),
    ]),
  ];
  const lookUp: Statement[] = [
    slot.set(tlb.entryOf(slot32('fetchTlb'), target)),
    when(
      isNew,
      // After a trap the page table is asked: where it has lost the handler, the kernel traps for ever, whatever the TLB still holds.
      fetch,
      [
        when(
          i64.eq(i64.load(slot), tlb.tagOf(target)),
          [base.set(i32.load(slot, TLB_ADDEND))],
          [
            when(
              i64.eq(tlb.tagOf(target), tlb.tagOf(pcPage)),
              // Where the TLB has forgotten the page that is being executed, its code goes on: translated code, which looks nothing up, does so too.
              [base.set(slot32('codePage'))],
              fetch,
            ),
          ],
        ),
      ],
    ),
    setSlot32('codePage', base),
    pcPage.set(tlb.tagOf(target)),
    span.set(i32.const(DECODED_SPAN)),
    ip.set(i32.add(base, decodedPage.entryOffset(target))),
  ];
  const found = label('found');

  f.body(
    budget.set(slot32('budget')),
    dataBank.set(slot32('dataTlb')),
    target.set(slot64('pc')),
    // Where the last call stopped does not show: what it executed goes on as if it had not.
    pcPage.set(slot64('codeAddress')),
    setSlot64('codeAddress', i64.const(NO_PAGE)),
    block(
      labels.done,
      loop(
        found,
        block(
          stopped,
          ...lookUp,
          block(labels.exit, loop(labels.next, block(labels.jump, block(unknown, body), ...leave(EXIT.illegal)), branch(found))),
          setSlot64('pc', s.pc),
          setSlot32('entry', at),
        ),
        setSlot32('budget', budget),
        when(i32.or(i32.eq(reason, i32.const(EXIT.budget)), i32.eq(reason, i32.const(EXIT.breakpoint))), [
          setSlot64('codeAddress', tlb.tagOf(pcPage)),
          branch(labels.done),
        ]),
        reason.set(call(parts.stop, reason, at)),
        when(i32.eq(reason, i32.const(GO_ON)), [
          target.set(slot64('pc')),
          pcPage.set(i64.const(NO_PAGE)),
          dataBank.set(slot32('dataTlb')),
          branch(found),
        ]),
      ),
    ),
    setSlot32('budget', budget),
    returns(reason),
  );
  module.export('run', f);
}
