/** Who stored given bytes last: one repeated run watches all of them (architecture.md, decision 10). */
import { disassemble } from '../../machine/debug/disassemble.ts';
import type { StoreExplanation } from '../evidence/code-place.ts';
import { type StoreQuestion, storeKey } from '../evidence/explanation.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay } from './replay.ts';

interface LastStore {
  readonly by: 'hart' | 'device';
  /** Guest time just before it. */
  readonly time: number;
  readonly instructions: number;
  readonly bits: number | undefined;
  readonly snapshot: HartSnapshot | undefined;
}

/** A question with the instruction that answers it, and the guest time just before that. */
export interface AnsweredStore {
  readonly question: StoreQuestion;
  readonly time: number;
  readonly pc: bigint;
}

/** Stores that are looked at before the watch is given up: a kernel may store to the same bytes for ever. */
const MOST_STORES = 20_000;
/** The same for the whole run, however often the watch is renewed: for each store the stack is copied. */
const MOST_IN_ALL = 100_000;
/** Guest nanoseconds before a question's time in which it is watched once more, after it was given up. */
export const WINDOW = 1_000_000;

export class StoreWatch {
  readonly #replay: Replay;
  readonly #questions: readonly StoreQuestion[];
  /** The bytes of each question, by its position. */
  readonly #ranges: readonly { readonly address: bigint; readonly length: number }[];
  readonly #last = new Map<unknown, LastStore>();
  readonly #answered: AnsweredStore[] = [];
  #told = 0;
  #toldInAll = 0;
  /** No store was missed since power-on. */
  #complete = true;

  constructor(replay: Replay, questions: readonly StoreQuestion[]) {
    this.#replay = replay;
    this.#questions = questions;
    this.#ranges = questions.map(({ address, length }) => ({ address: BigInt(address), length }));
    this.#watch();
  }

  /** Times at which there are questions, ascending. */
  get times(): number[] {
    return [...new Set(this.#questions.map(({ before }) => before))].sort((a, b) => a - b);
  }

  /** To be called WINDOW before each of the times: watches again, where the watch was given up. */
  renew(): void {
    if (this.#told > MOST_STORES && this.#toldInAll <= MOST_IN_ALL) this.#watch();
  }

  /** The answers to the questions of the time that the run has come to, by key; those that cannot be answered are left out. */
  answers(time: number, code: KernelCode): Record<string, StoreExplanation> {
    return Object.fromEntries(
      this.#questions.flatMap((question, index) => {
        const last = this.#last.get(this.#ranges[index]);
        if (question.before !== time || (last === undefined && !this.#complete)) return [];
        if (last?.snapshot !== undefined) this.#answered.push({ question, time: last.time, pc: last.snapshot.pc });
        return [[storeKey(question), explanation(last, code)] as const];
      }),
    );
  }

  /** The questions that were answered with an instruction of the kernel. */
  get answered(): readonly AnsweredStore[] {
    return this.#answered;
  }

  #watch(): void {
    const { machine } = this.#replay;
    this.#told = 0;
    this.#replay.watch(this, this.#ranges, ({ ranges, by }) => {
      this.#toldInAll++;
      if (++this.#told > MOST_STORES) return this.#giveUp();
      const snapshot = by === 'hart' ? snapshotOf(machine) : undefined;
      const bits = snapshot && instructionBits(machine, snapshot.pc);
      // The instruction itself is counted already.
      const store: LastStore = {
        by,
        time: this.#replay.justBefore(machine.now()),
        instructions: Number(machine.instructions()),
        bits,
        snapshot,
      };
      for (const range of ranges) this.#last.set(range, store);
    });
  }

  #giveUp(): void {
    this.#complete = false;
    this.#last.clear();
    this.#replay.watch(this, [], () => undefined);
  }
}

/** The instruction at a virtual address, as far as it can be read. */
export function instructionBits({ debug }: Replay['machine'], pc: bigint): number | undefined {
  const bytes = debug.readVirtual(pc, 4);
  if (bytes.length < 2) return undefined;
  return bytes.reduceRight((bits, byte) => ((bits << 8) | byte) >>> 0, 0);
}

function explanation(store: LastStore | undefined, code: KernelCode): StoreExplanation {
  if (store === undefined) return { by: 'nobody' };
  if (store.snapshot === undefined) return { by: 'device', instructions: store.instructions };
  const instruction = store.bits === undefined ? '' : disassemble(store.bits, store.snapshot.pc).text;
  const stack = code.stack(store.snapshot);
  const hasLine = stack.places.some(({ frames }) => frames.some(({ line }) => line !== null));
  // The report names the first place of the submission's own: the instructions of a library's memcpy below it would seem to be from there.
  const [innermost] = stack.places;
  const isLibrary = innermost !== undefined && innermost.frames.length > 0 && innermost.frames.every(({ library }) => library);
  const around = hasLine || isLibrary ? [] : code.around(store.snapshot.pc);
  return { by: 'kernel', instructions: store.instructions, instruction, stack, ...(around.length === 0 ? {} : { around }) };
}
