/**
 * Runs from one visit to an instruction to the next, by a breakpoint in its decoded entry (decoded-pages.ts). Used by loop-proof.ts.
 * Left out: instructions that have no decoded entry of their own, such as those that cross a page.
 */
import { decodedPageOf, entryOffset } from '../layout/decoded-page.ts';
import type { HartState } from '../layout/state.ts';
import { LENGTH_SHIFT, OPERATION, OPERATION_MASK } from './operations.ts';

/** What this needs of the hart. */
export interface RunPort {
  readonly state: HartState;
  now(): number;
  /** Runs at most `budget` instructions; true where the breakpoint was met. */
  step(budget: number): boolean;
  /** Host address of the instruction at pc, or undefined where it cannot be fetched from RAM now. */
  codeAt(): number | undefined;
}

/**
 * An instruction that every round of the loop executes: its address, where it lies in this memory, and sp at that moment, which tells a
 * loop's visit from a handler's.
 */
export interface Anchor {
  readonly pc: bigint;
  readonly host: number;
  readonly sp: bigint;
}

/** Most instructions in one round of an inner loop. */
const LONGEST_INNER_LOOP = 1000;
export const SP = 2;

export class AnchoredRun {
  readonly #port: RunPort;

  constructor(port: RunPort) {
    this.#port = port;
  }

  at(host: number | undefined): Anchor | undefined {
    const { state } = this.#port;
    return host === undefined ? undefined : { pc: state.get('pc'), host, sp: state.x(SP) };
  }

  /** The anchor is in an inner loop: runs past the loop's last instruction, which is where most loops are left, and gives the new anchor. */
  behindInnerLoop({ pc, host, sp }: Anchor, last: number): Anchor | undefined {
    const { state } = this.#port;
    let end = pc;
    for (let step = 0; step === 0 || state.get('pc') !== pc; step++) {
      if (step === LONGEST_INNER_LOOP || !this.leave(last)) return undefined;
      const at = state.get('pc');
      // Functions that the loop calls do not count: they lie elsewhere, or have another sp.
      if (at > end && at >> 12n === pc >> 12n && state.x(SP) === sp) end = at;
    }
    const lastOne = host + Number(end - pc);
    const next = lastOne + lengthOf(state.view.getUint8(lastOne));
    // The next virtual page may be a physical page far away.
    if (lastOne >>> 12 !== next >>> 12) return undefined;
    const anchor = { pc: end + BigInt(next - lastOne), host: next, sp: 0n };
    return this.runTo(anchor, last) ? this.at(next) : undefined;
  }

  /** Leaves the anchor and runs until it is met again; false where it is not, by time `last`. */
  leaveAndReturn(anchor: Anchor, last: number): boolean {
    // A loop of one instruction is back at the anchor after a single step.
    return this.leave(last) && (this.#port.state.get('pc') === anchor.pc || this.runTo(anchor, last));
  }

  /** Runs one instruction; false where time `last` is reached or an event comes first. */
  leave(last: number): boolean {
    const before = this.#port.now();
    if (before >= last) return false;
    this.#port.step(1);
    return this.#port.now() !== before;
  }

  /** Runs with a breakpoint at the anchor; true where it was reached, false where time `last` came first or nothing runs any more. */
  runTo(anchor: Anchor, last: number): boolean {
    const port = this.#port;
    const entry = this.#entryOf(anchor.host);
    if (entry === undefined) return false;
    const { view } = port.state;
    const word = view.getUint16(entry, true);
    view.setUint16(entry, (word & ~OPERATION_MASK) | OPERATION.breakpoint, true);
    let met = false;
    while (!met && port.now() < last) {
      const before = port.now();
      met = port.step(last - before);
      if (!met && port.now() === before) break;
    }
    // Unless a store into the code has cleared the entry, and with it the breakpoint.
    if ((view.getUint16(entry, true) & OPERATION_MASK) === OPERATION.breakpoint) view.setUint16(entry, word, true);
    // The same code may be mapped at two addresses; only one of them is the anchor's.
    return met && port.state.get('pc') === anchor.pc;
  }

  /** The decoded entry of an instruction that has one of its own. */
  #entryOf(host: number): number | undefined {
    const { view } = this.#port.state;
    const page = decodedPageOf(this.#port.state, host);
    if (page === 0) return undefined;
    const entry = page + entryOffset(host);
    const operation = view.getUint16(entry, true) & OPERATION_MASK;
    return operation === OPERATION.decode || operation === OPERATION.crossing || view.getUint16(entry, true) >>> LENGTH_SHIFT === 0
      ? undefined
      : entry;
  }
}

/** Bytes of the instruction whose first byte this is (Unprivileged Architecture, "Base Instruction-Length Encoding"). */
function lengthOf(first: number): number {
  return (first & 3) === 3 ? 4 : 2;
}
