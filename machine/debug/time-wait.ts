/**
 * A loop that waits for a time: it reads `time` (or mtime) and compares it with a value. Which value, in ticks, is found by following what was
 * read through registers and memory to a branch, and then counting back. Explanations show it. The hart really runs meanwhile.
 */

import { csrNamed } from '../hart/csr.ts';
import { createDecoder, type Decoded } from '../isa/decoder.ts';
import { EXTENSIONS } from '../isa/instruction.ts';
import type { HartState } from '../layout/state.ts';
import { ACLINT } from '../spec/virt-board.ts';
import { walkPageTable } from './inspect.ts';

export interface TimeWait {
  /** The branch that decides whether the loop goes on. */
  readonly pc: bigint;
  /** The value of `time`, in ticks, with which it compares. */
  readonly until: bigint;
}

export interface TimeWaitPort {
  readonly state: HartState;
  step(budget: number): boolean;
  codeAt(): number | undefined;
  now(): number;
}

/** Instructions in which such a loop is looked for. */
const LOOKED_AT = 20_000;
/** The same branch with the same value so often is a loop. */
const ROUNDS = 3;
const MTIME = BigInt(ACLINT.base + 0xbff8);
const MOST_PLACES = 256;
const WORD = 1n << 64n;

/** Something that was computed from the time: which time would give that value. */
type FromTime = (value: bigint) => bigint;
/** A comparison with the time: at which time its result changes. */
type Known = { readonly time: FromTime } | { readonly compared: bigint };

const decode = createDecoder(new Set(EXTENSIONS));

/** Undefined where the kernel is in no such loop. Nothing else may be asked of the machine afterwards. */
export function findTimeWait(port: TimeWaitPort): TimeWait | undefined {
  const follow = new TimeFollower(port.state);
  const seen = new Map<string, number>();
  for (let step = 0; step < LOOKED_AT; step++) {
    const host = port.codeAt();
    if (host === undefined) return undefined;
    const { view } = port.state;
    const decoded = decode(view.getUint16(host, true) | (view.getUint16(host + 2, true) << 16));
    const pc = port.state.get('pc');
    const until = decoded && follow.instruction(decoded);
    if (until !== undefined) {
      const key = `${pc} ${until}`;
      const rounds = (seen.get(key) ?? 0) + 1;
      if (rounds === ROUNDS) return { pc, until };
      seen.set(key, rounds);
    }
    const before = port.now();
    port.step(1);
    if (port.now() === before) return undefined;
  }
  return undefined;
}

class TimeFollower {
  readonly #state: HartState;
  readonly #registers = new Map<number, Known>();
  /** Doublewords of memory, by virtual address. */
  readonly #memory = new Map<bigint, Known>();

  constructor(state: HartState) {
    this.#state = state;
  }

  /** To be called before each instruction. The time with which it compares, if it is a branch that does. */
  instruction({ instruction: { name }, operands: { rd, rs1, rs2, imm } }: Decoded): bigint | undefined {
    const address = BigInt.asUintN(64, this.#value(rs1) + BigInt(imm));
    if (/^b(eq|ne|ltu?|geu?)$/.test(name)) return this.#branch(rs1, rs2);
    if (name === 'sd') this.#store(address, this.#registers.get(rs2));
    const result = this.#result(name, { rs1, rs2, imm, address });
    this.#registers.delete(rd);
    if (rd !== 0 && result !== undefined) this.#registers.set(rd, result);
    return undefined;
  }

  #value(register: number): bigint {
    return this.#state.x(register);
  }

  #store(address: bigint, known: Known | undefined): void {
    if (known === undefined) this.#memory.delete(address);
    else if (this.#memory.size < MOST_PLACES) this.#memory.set(address, known);
  }

  #branch(rs1: number, rs2: number): bigint | undefined {
    const [left, right] = [this.#registers.get(rs1), this.#registers.get(rs2)];
    if (left !== undefined && right !== undefined) return undefined;
    const [known, other] = left === undefined ? [right, this.#value(rs1)] : [left, this.#value(rs2)];
    if (known === undefined) return undefined;
    return 'compared' in known ? known.compared : inRange(known.time(other));
  }

  #result(name: string, { rs1, rs2, imm, address }: { rs1: number; rs2: number; imm: number; address: bigint }): Known | undefined {
    if (name.startsWith('csrr')) return rs1 === 0 && csrNamed(imm) === 'time' ? { time: (value) => value } : undefined;
    if (name === 'ld') return this.#memory.get(address) ?? (this.#isClock(address) ? { time: (value) => value } : undefined);
    const one = this.#registers.get(rs1);
    const immediate = BACK_BY_IMMEDIATE[name];
    if (immediate !== undefined) return one && 'time' in one ? { time: (value) => one.time(immediate(value, BigInt(imm))) } : undefined;
    const two = this.#registers.get(rs2);
    const back = BACK[name];
    const known = one ?? two;
    if (back === undefined || known === undefined || !('time' in known) || (one !== undefined && two !== undefined)) return undefined;
    const other = this.#value(one === undefined ? rs1 : rs2);
    if (name === 'slt' || name === 'sltu') {
      const compared = inRange(known.time(other));
      return compared === undefined ? undefined : { compared };
    }
    const undo = one === undefined ? back.second : back.first;
    return undo === undefined || (other === 0n && back.divides) ? undefined : { time: (value) => known.time(undo(value, other)) };
  }

  #isClock(address: bigint): boolean {
    const { end } = walkPageTable(this.#state, address);
    return 'physical' in end && end.physical === MTIME;
  }
}

const inRange = (time: bigint): bigint | undefined => (time >= 0n && time < WORD ? time : undefined);

/** For `rd = rs1 op imm`: rs1. */
const BACK_BY_IMMEDIATE: Readonly<Record<string, (value: bigint, imm: bigint) => bigint>> = {
  addi: (value, imm) => value - imm,
  slli: (value, imm) => value >> imm,
  srli: (value, imm) => value << imm,
};

interface Back {
  /** For `rd = time op other`, and for `rd = other op time`: the time. */
  readonly first?: FromBoth;
  readonly second?: FromBoth;
  readonly divides?: boolean;
}
type FromBoth = (value: bigint, other: bigint) => bigint;

const minus: FromBoth = (value, other) => value - other;
const divided: FromBoth = (value, other) => value / other;
const times: FromBoth = (value, other) => value * other;

const BACK: Readonly<Record<string, Back>> = {
  add: { first: minus, second: minus },
  sub: { first: (value, other) => value + other, second: (value, other) => other - value },
  mul: { first: divided, second: divided, divides: true },
  // How compilers divide by a constant: the upper half of a product.
  mulhu: { first: (value, other) => (value << 64n) / other, second: (value, other) => (value << 64n) / other, divides: true },
  divu: { first: times, divides: true },
  div: { first: times, divides: true },
  slt: {},
  sltu: {},
};
