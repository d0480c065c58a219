/**
 * From a region to a WebAssembly function: a loop around its blocks, entered at any of them.
 *
 * The blocks are in the order of their addresses, each after a label of its own. A jump forward within the region is a branch to a label; a
 * jump backward sets the block's number and goes through the `br_table` at the top. An innermost loop is written a second time, in the place
 * of its first block, so that its jump backward is a branch as well. Each block first checks that the budget is enough for all of its
 * instructions, so that the code never runs past an event.
 */

import { decodedPage } from '../layout/decoded-page.ts';
import { setSlot32, setSlot64, slot32 } from '../layout/slot-access.ts';
import { tlb } from '../layout/tlb.ts';
import {
  block,
  branch,
  branchTable,
  type I64,
  i32,
  i64,
  type Label,
  type Local,
  label,
  loop,
  type Statement,
  sequence,
  unreachable,
  when,
} from '../wasm/code.ts';
import { type FunctionBuilder, ModuleBuilder } from '../wasm/module.ts';
import { innermostLoops } from './innermost-loops.ts';
import { OPERATION, OPERATION_MASK } from './operations.ts';
import { type Block, endingOf, endOfBlock, type Region, startOfBlock } from './region.ts';
import { type PlacedInstruction, RegistersInLocals, type Surroundings } from './registers-in-locals.ts';
import { TRANSLATED, TRANSLATED_PARAMETERS } from './translated-entry.ts';

export interface Place {
  /** The function's index in the table of functions. */
  readonly number: number;
  /** Address of the decoded page. */
  readonly page: number;
  /** An address at which a copy of the instruction's decoded entry stays. */
  entryOf(instruction: PlacedInstruction): number;
}

/** The module's bytes; it exports the function as `run`. */
export function translate(region: Region, place: Place): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const parts = {
    refill: module.import('refill', ['i64', 'i32', 'i32'], 'i32'),
    soft: module.import('soft', ['i32', 'i32'], 'i32'),
    csr: module.import('csr', ['i32', 'i32', 'i64', 'i32'], 'i32'),
    fused: {
      double: module.import('fusedDouble', ['f64', 'f64', 'f64'], 'f64'),
      single: module.import('fusedSingle', ['f64', 'f64', 'f64'], 'f32'),
    },
  };
  const f = module.function(TRANSLATED_PARAMETERS, undefined);
  const code = new RegionCode(region, place, f);
  f.body(...code.emit(new RegistersInLocals(f, parts, code)));
  module.export('run', f);
  return module.finish(1);
}

/** A loop that is being written: its first block's number, and the labels within. */
interface OpenLoop {
  readonly head: number;
  readonly again: Label;
  readonly begins: ReadonlyMap<number, Label>;
}

class RegionCode implements Surroundings {
  readonly out = label('out');
  readonly #top = label('top');
  readonly #begins: readonly Label[];
  readonly #blocks: readonly Block[];
  /** The number of each block, by the offset of its first instruction. */
  readonly #numbers: ReadonlyMap<number, number>;
  readonly #place: Place;
  /** Number of the block to go to. */
  readonly #number: Local<'i32'>;
  readonly #entry: Local<'i32'>;
  #s!: RegistersInLocals;
  /** The block that is being written, and the loop around it if there is one. */
  #current = 0;
  #open: OpenLoop | undefined;

  constructor({ blocks }: Region, place: Place, f: FunctionBuilder<undefined>) {
    this.#blocks = blocks;
    this.#place = place;
    this.#numbers = new Map(blocks.map((b, n) => [startOfBlock(b), n]));
    this.#begins = blocks.map((_, n) => label(`block ${n}`));
    this.#number = f.parameter(1, 'i32');
    this.#entry = f.local('i32');
  }

  emit(s: RegistersInLocals): Statement[] {
    this.#s = s;
    const outside = label('outside');
    const loops = innermostLoops(this.#blocks);
    const codes = this.#blocks.map((_, n) => {
      const body = loops.get(n);
      return body ? this.#loop(body) : this.#block(n, n + 1);
    });
    const nested = codes.reduce<Statement>(
      (before, code, n) => sequence(block(this.#begins[n]!, before), code),
      branchTable(this.#number, this.#begins, outside),
    );
    return [
      s.budget.set(slot32('budget')),
      s.bank.set(slot32('dataTlb')),
      ...s.loads(),
      block(this.out, block(outside, loop(this.#top, nested)), unreachable()),
      ...s.stores(),
      setSlot64('pc', s.target),
      setSlot32('budget', s.budget),
    ];
  }

  /** @param follows the number of the block whose code comes next, if there is one */
  #block(n: number, follows: number | undefined): Statement {
    this.#current = n;
    const s = this.#s;
    s.beginBlock();
    const here = this.#blocks[n]!;
    const length = here.instructions.length;
    const ending = endingOf(here.instructions.at(-1)!);
    const goesOn = ending === undefined || ending === 'branch';
    const next = follows === undefined ? undefined : this.#blocks[follows];
    return sequence(
      when(i32.ltU(s.budget, i32.const(length)), [s.leaveTo(startOfBlock(here))]),
      s.budget.set(i32.sub(s.budget, i32.const(length))),
      ...here.instructions.flatMap((i, k) => s.translate(i, length - k)),
      ...(goesOn && !(next && startOfBlock(next) === endOfBlock(here)) ? [this.goTo(endOfBlock(here))] : []),
    );
  }

  #loop([head, ...others]: readonly number[]): Statement {
    const open = { head: head!, again: label('again'), begins: new Map(others.map((n) => [n, label(`block ${n} of the loop`)])) };
    this.#open = open;
    const first = this.#block(head!, others[0]);
    const body = others.reduce((before, n, k) => sequence(block(open.begins.get(n)!, before), this.#block(n, others[k + 1])), first);
    this.#open = undefined;
    return loop(open.again, body);
  }

  goTo(offset: number): Statement {
    const n = this.#numbers.get(offset);
    if (n === undefined) return this.#s.leaveTo(offset);
    const open = this.#open;
    const current = this.#current;
    const begins = this.#begins;
    if (n === open?.head) return branch(open.again);
    const inLoop = n > current ? open?.begins.get(n) : undefined;
    if (inLoop) return branch(inLoop);
    return n > current ? branch(begins[n]!) : sequence(this.#number.set(i32.const(n)), branch(this.#top));
  }

  /** Where the target lies in the same page, its decoded entry shows whether a block of this function begins there. */
  goToAddress(address: I64): Statement {
    const s = this.#s;
    const entry = this.#entry;
    const place = this.#place;
    return sequence(
      s.target.set(address),
      when(i64.eq(tlb.tagOf(s.target), s.pcPage), [
        entry.set(i32.add(i32.const(place.page), decodedPage.entryOffset(s.target))),
        when(i32.eq(i32.and(i32.load16u(entry), i32.const(OPERATION_MASK)), i32.const(OPERATION.translated)), [
          entry.set(i32.load(entry, 4)),
          when(i32.eq(i32.load(entry, TRANSLATED.function), i32.const(place.number)), [
            this.#number.set(i32.load16u(entry, TRANSLATED.block)),
            branch(this.#top),
          ]),
        ]),
      ]),
      branch(this.out),
    );
  }

  entryOf(instruction: PlacedInstruction): number {
    return this.#place.entryOf(instruction);
  }
}
