/**
 * What a loop waits for: for each load of a round, the branches that its value decides, and what the value would have to be for them to go
 * the other way. Values are followed through registers, through memory that the round itself stores to (a debug build keeps everything on
 * its stack), and through what compilers do with a small number before they compare it: masks, extensions, tests for zero.
 *
 * A round of a proved loop begins and ends in one state, so whatever does not come from a load of the round is a constant.
 */
import type { Effects } from './effects.ts';

/** What a loaded value would have to be: compared with `value`, without regard to the bits that are not in `mask`. */
export interface Awaited {
  readonly relation: 'other' | 'equal' | 'at-least' | 'below';
  readonly value: bigint;
  /** The bits of the loaded value that are looked at. */
  readonly mask: bigint;
}

/** What is known of a number in its relation to one load's value, all other loads being constants as long as the loop goes round. */
type Fact =
  /** Some bits of it, less `minus`. `shift`: how far they were moved to the left, in so many bits. */
  | { readonly kind: 'bits'; readonly mask: bigint; readonly minus: bigint; readonly shift: { by: number; of: 32 | 64 } | null }
  /** 1 where the relation holds, else 0. */
  | { readonly kind: 'test'; readonly test: Test }
  /** It depends on the value in a way that nobody follows. */
  | { readonly kind: 'mixed' };

/** What a register or a stretch of memory holds, by the load that it depends on; undefined for a constant. */
type Held = ReadonlyMap<string, Fact> | undefined;

/** A relation of the loaded value to a constant. */
type Test = Awaited;

const OPPOSITE = { other: 'equal', equal: 'other', 'at-least': 'below', below: 'at-least' } as const;
const ALL = (1n << 64n) - 1n;
const ones = (bits: number) => (1n << BigInt(bits)) - 1n;

/** An instruction that is about to be executed. */
export interface Executed {
  readonly pc: bigint;
  readonly effects: Effects;
  /** Registers before it, x0…x31, unsigned. */
  register(index: number): bigint;
  /** Where its load or store is. */
  readonly address: bigint | undefined;
  /** Which load it is, if it is one. */
  readonly load: string | undefined;
}

interface Branch {
  readonly held: readonly Held[];
  readonly values: readonly [bigint, bigint];
  readonly name: string;
  readonly taken: boolean;
  /** Where it did not go. */
  readonly other: bigint;
}

export class Awaiting {
  readonly #registers = new Map<number, NonNullable<Held>>();
  readonly #memory = new Map<bigint, { readonly width: number; readonly held: Held }>();
  readonly #branches = new Map<bigint, Branch>();
  readonly #seen = new Set<bigint>();
  /** Loads whose value says where a jump goes, by way of another load: those of a table's index. */
  readonly #steering = new Set<string>();
  /** What the address of a load depends on. */
  readonly #addressOf = new Map<string, NonNullable<Held>>();

  /** To be called for each instruction of two rounds: what the first one loads last may be compared by the second one first. */
  execute({ pc, effects, register, address, load }: Executed): void {
    this.#seen.add(pc);
    const { name, operands, rd, store } = effects;
    const held = effects.sources.map((source) => this.#registers.get(source));
    let result: Held;
    if (effects.load !== undefined && address !== undefined && load !== undefined) {
      const stored = this.#memory.get(address);
      // An atomic instruction is there for what others store in between, a lock's holder for example.
      const forwarded = stored !== undefined && stored.width === effects.load.width && !/^(?:lr|amo)/.test(name);
      const base = this.#registers.get(effects.load.base);
      if (base !== undefined) this.#addressOf.set(load, base);
      result = forwarded
        ? narrowed(stored.held, effects.load.width)
        : new Map([...this.#partsAt(address, effects.load.width), [load, whole(effects.load.width)]]);
    } else if (rd !== undefined && name !== 'jal' && name !== 'jalr') {
      result = computed(effects, held, register);
    }
    if (store !== undefined && address !== undefined) {
      const value = store.value === undefined ? undefined : this.#registers.get(store.value);
      // Except for a swap, what an atomic instruction stores is made of what it loads.
      const isMade = load !== undefined && name.startsWith('amo') && !name.startsWith('amoswap');
      const made: Held = isMade ? new Map([...(value ?? []), [load, { kind: 'mixed' }]]) : value;
      this.#memory.set(address, { width: store.width, held: made });
    }
    if (/^b(?:eq|ne|lt|ge)u?$/.test(name)) {
      const values = [register(operands.rs1), register(operands.rs2)] as const;
      const taken = holds(name, values);
      const other = BigInt.asUintN(64, pc + BigInt(taken ? effects.length : operands.imm));
      const both = [operands.rs1, operands.rs2].map((source) => this.#registers.get(source));
      this.#branches.set(pc, { held: both, values, name, taken, other });
    }
    if (name === 'jalr') for (const one of held[0]?.keys() ?? []) this.#steer(one);
    if (rd === undefined) return;
    if (result === undefined) this.#registers.delete(rd);
    else this.#registers.set(rd, result);
  }

  /** What a load depends on that takes parts of what was stored, or more than that: a debug build moves structures by whole words. */
  #partsAt(address: bigint, width: number): [string, Fact][] {
    const parts: [string, Fact][] = [];
    for (let at = address - 7n; at < address + BigInt(width); at++) {
      const stored = this.#memory.get(at);
      if (stored === undefined || at + BigInt(stored.width) <= address) continue;
      for (const load of stored.held?.keys() ?? []) parts.push([load, { kind: 'mixed' }]);
    }
    return parts;
  }

  /** A jump through a table is decided by the table's index, and not by what is in the table. */
  #steer(load: string): void {
    for (const one of this.#addressOf.get(load)?.keys() ?? []) this.#steering.add(one);
  }

  /** Whether the path of the round depends on the load's value. */
  decides(load: string): boolean {
    return this.#steering.has(load) || [...this.#branches.values()].some(({ held }) => held.some((one) => one?.has(load)));
  }

  /**
   * What the loaded value would have to be for the loop to end; undefined where more than one branch out of the loop looks at it, or what
   * it does with it is not understood.
   */
  awaited(load: string): Awaited | undefined {
    const leaving = [...this.#branches.values()].filter(({ other }) => !this.#seen.has(other));
    const [branch, another] = leaving.filter(({ held }) => held.some((one) => one?.has(load)));
    return branch === undefined || another !== undefined ? undefined : awaitedBy(branch, load);
  }
}

function whole(width: number): Fact {
  return { kind: 'bits', mask: ones(8 * width), minus: 0n, shift: null };
}

/** What was stored, as a load of so many bytes sees it. */
function narrowed(held: Held, width: number): Held {
  return held && new Map([...held].map(([load, fact]) => [load, narrowedFact(fact, width)]));
}

function narrowedFact(fact: Fact, width: number): Fact {
  return fact.kind === 'bits' && fact.shift === null ? { ...fact, mask: fact.mask & ones(8 * width) } : fact;
}

/** What an instruction that is no load makes of what its sources hold. */
function computed({ name, operands, sources }: Effects, held: readonly Held[], register: Executed['register']): Held {
  const result = new Map<string, Fact>();
  const isBinary = sources.length === 2 || ['add', 'sub', 'xor', 'or', 'and', 'sltu', 'slt'].includes(name);
  held.forEach((facts, at) => {
    const isFirst = operands.rs1 === sources[at];
    const constant = isBinary ? register(isFirst ? operands.rs2 : operands.rs1) : BigInt.asUintN(64, BigInt(operands.imm));
    for (const [load, fact] of facts ?? []) {
      const isInBoth = held.every((one) => one?.has(load)) && held.length > 1;
      const made = isInBoth
        ? undefined
        : fact.kind === 'bits'
          ? ofBits(name, fact, constant, isFirst)
          : fact.kind === 'test'
            ? ofTest(name, fact, constant)
            : undefined;
      result.set(load, made ?? { kind: 'mixed' });
    }
  });
  return result.size === 0 ? undefined : result;
}

type Bits = Extract<Fact, { kind: 'bits' }>;

function ofBits(name: string, held: Bits, constant: bigint, isFirst: boolean): Fact | undefined {
  const { mask, minus, shift } = held;
  const plain = shift === null && minus === 0n;
  const test = (relation: Test['relation'], value: bigint): Fact | undefined =>
    shift === null ? { kind: 'test', test: { relation, value: (value + minus) & ALL, mask } } : undefined;
  switch (name) {
    case 'addi':
    case 'add':
    case 'addiw':
      if (constant === 0n) return held;
      return shift === null && name !== 'add' ? { ...held, minus: (minus - constant) & ALL } : undefined;
    case 'sub':
    case 'subw':
      return plain && isFirst ? { ...held, minus: constant } : undefined;
    case 'xor':
    case 'xori':
      return plain ? { ...held, minus: constant } : undefined;
    case 'andi':
    case 'and':
      return plain ? { ...held, mask: mask & constant } : undefined;
    case 'zext.h':
    case 'sext.h':
      return plain ? { ...held, mask: mask & 0xffffn } : undefined;
    case 'sext.b':
      return plain ? { ...held, mask: mask & 0xffn } : undefined;
    case 'slli':
    case 'slliw':
      return plain ? { ...held, shift: { by: Number(constant), of: name === 'slli' ? 64 : 32 } } : undefined;
    case 'srli':
    case 'srai':
    case 'srliw':
    case 'sraiw': {
      if (shift === null || shift.by !== Number(constant) || shift.of !== (name.endsWith('w') ? 32 : 64)) return undefined;
      return { ...held, mask: mask & ones(shift.of - shift.by), shift: null };
    }
    case 'sltiu':
      return constant === 1n ? test('equal', 0n) : plain ? test('below', constant) : undefined;
    case 'sltu':
      if (constant === 0n && !isFirst) return test('other', 0n);
      return plain ? (isFirst ? test('below', constant) : test('at-least', constant + 1n)) : undefined;
    default:
      return undefined;
  }
}

function ofTest(name: string, held: Extract<Fact, { kind: 'test' }>, constant: bigint): Fact | undefined {
  const negated: Fact = { ...held, test: { ...held.test, relation: OPPOSITE[held.test.relation] } };
  switch (name) {
    case 'addi':
    case 'addiw':
    case 'add':
    case 'or':
    case 'ori':
      return constant === 0n ? held : undefined;
    case 'andi':
    case 'and':
      return (constant & 1n) === 1n ? held : undefined;
    case 'xori':
    case 'xor':
      return constant === 1n ? negated : constant === 0n ? held : undefined;
    case 'sltiu':
      return constant === 1n ? negated : undefined;
    case 'sltu':
      return constant === 0n ? held : undefined;
    default:
      return undefined;
  }
}

function holds(name: string, [a, b]: readonly [bigint, bigint]): boolean {
  const [left, right] = name.endsWith('u') ? [a, b] : [BigInt.asIntN(64, a), BigInt.asIntN(64, b)];
  switch (name.replace(/u$/, '')) {
    case 'beq':
      return a === b;
    case 'bne':
      return a !== b;
    case 'blt':
      return left < right;
    default:
      return left >= right;
  }
}

/** The relation that would hold if the branch went the other way. */
function awaitedBy({ held, values, name, taken }: Branch, load: string): Awaited | undefined {
  const at = held.findIndex((facts) => facts?.has(load));
  const one = held[at]!.get(load)!;
  if (held[1 - at]?.has(load)) return undefined;
  // The other operand is a constant, or a load's value, which is one as well as long as the loop goes round.
  const constant = values[1 - at]!;
  const wanted = taken !== name.startsWith('beq');
  if (one.kind === 'test') {
    if ((name !== 'beq' && name !== 'bne') || constant !== 0n) return undefined;
    // Equal to 0 is what is wanted of the test if the branch is to see an equality.
    return wanted ? { ...one.test, relation: OPPOSITE[one.test.relation] } : one.test;
  }
  if (one.kind === 'mixed' || one.shift !== null || (one.minus !== 0n && constant !== 0n)) return undefined;
  const value = (constant + one.minus) & one.mask;
  if (name === 'beq' || name === 'bne') return { relation: wanted ? 'equal' : 'other', value, mask: one.mask };
  // Signed and unsigned comparisons agree on small numbers.
  if (one.minus !== 0n || constant >> 31n !== 0n) return undefined;
  const isBelow = name.startsWith('blt') !== taken;
  if (at === 0) return { relation: isBelow ? 'below' : 'at-least', value: constant, mask: one.mask };
  return isBelow
    ? { relation: 'at-least', value: constant + 1n, mask: one.mask }
    : { relation: 'below', value: constant + 1n, mask: one.mask };
}
