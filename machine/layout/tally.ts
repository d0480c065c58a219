/**
 * How often the harts did what checks count, in the one memory: generated code counts at each trap and at each return to user mode
 * (exec/tally.ts), and TypeScript reads it. A counter is 8 bytes. What else is asked about traps, for explanations, is in trap-record.ts.
 */
import { TALLY } from './memory-map.ts';
import type { HartState } from './state.ts';

/** Causes of exceptions are below 32, those of interrupts below 16. */
export const CAUSES = 32;
/** Numbers of system calls that are counted one by one: each check of a rubric may ask for one. */
export const MOST_CALL_NUMBERS = 1000;
/** Watches of instructions (code-watches.ts), for the same reason. */
export const MOST_REACHED = 1000;

/** Exceptions that were taken, by cause. */
export const EXCEPTIONS = TALLY;
/** Interrupts that were taken, by their cause times 2, plus 1 where S mode took them. */
export const INTERRUPTS = EXCEPTIONS + 8 * CAUSES;
/** Returns to user mode under a different satp than that under which user mode ran before. */
export const SWITCHES = INTERRUPTS + 8 * CAUSES;
/** Calls of user programs, by the place of their number in CALL_NUMBERS. */
export const CALLS = SWITCHES + 8;
/** Executions of watched instructions, by the number of the watch. */
export const REACHED = CALLS + 8 * MOST_CALL_NUMBERS;
const COUNTERS_END = REACHED + 8 * MOST_REACHED;

/** Which numbers those are, and where the list ends. */
export const CALL_NUMBERS = COUNTERS_END;
export const CALL_NUMBERS_END = CALL_NUMBERS + 8 * MOST_CALL_NUMBERS;
/** How many watches there are. */
const WATCHES = CALL_NUMBERS_END + 4;

/** The counters that somebody asks about; all others stay zero. */
export function countersInUse({ memory, view }: HartState): readonly BigUint64Array[] {
  const calls = view.getUint32(CALL_NUMBERS_END, true) / 8;
  return [
    new BigUint64Array(memory.buffer, TALLY, (CALLS - TALLY) / 8 + calls),
    new BigUint64Array(memory.buffer, REACHED, view.getUint32(WATCHES, true)),
  ];
}

/** What the harts have done since power-on. */
export interface Tally {
  /** By cause (Privileged Architecture, "Machine Cause Register"). */
  readonly exceptions: readonly number[];
  /** By cause, those that M mode and those that S mode took. */
  readonly interrupts: { readonly M: readonly number[]; readonly S: readonly number[] };
  /** How often user mode went on in a different address space than before. */
  readonly contextSwitches: number;
  /** System calls with each of the numbers that are counted, in their order. */
  readonly calls: readonly number[];
  /** Executions of the instructions that are watched, by watch, in their order. */
  readonly reached: readonly number[];
}

/** At power-on: the numbers of system calls that are counted one by one, at most MOST_CALL_NUMBERS. */
export function countCalls({ view }: HartState, numbers: readonly bigint[]): void {
  if (numbers.length > MOST_CALL_NUMBERS) throw new RangeError(`at most ${MOST_CALL_NUMBERS} numbers of system calls`);
  numbers.forEach((number, index) => {
    view.setBigUint64(CALL_NUMBERS + 8 * index, BigInt.asUintN(64, number), true);
  });
  view.setUint32(CALL_NUMBERS_END, 8 * numbers.length, true);
}

/** At power-on: how many watches of instructions there are. */
export function countReached({ view }: HartState, watches: number): void {
  view.setUint32(WATCHES, watches, true);
}

export function readTally(state: HartState): Tally {
  const { view } = state;
  const at = (address: number) => Number(view.getBigUint64(address, true));
  const rows = (base: number, count: number, stride = 8) => Array.from({ length: count }, (_, row) => at(base + stride * row));
  return {
    exceptions: rows(EXCEPTIONS, CAUSES),
    interrupts: { M: rows(INTERRUPTS, CAUSES / 2, 16), S: rows(INTERRUPTS + 8, CAUSES / 2, 16) },
    contextSwitches: at(SWITCHES),
    calls: rows(CALLS, view.getUint32(CALL_NUMBERS_END, true) / 8),
    reached: rows(REACHED, view.getUint32(WATCHES, true)),
  };
}
