/**
 * Where a stored value was made. A store often stands in a helper that everybody calls, and the mistake in the line that chose the value: so
 * the instructions before the store are executed one by one, and the value is followed back through registers and memory to the
 * instruction that made it.
 */
import { disassemble } from '../../machine/debug/disassemble.ts';
import { type Effects, effectsOf, type Machine } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { CodeFrame, CodeStack, ValueOrigin } from '../evidence/code-place.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay } from './replay.ts';
import { instructionBits } from './stores.ts';
import { sourcesOf, type Wanted } from './value-sources.ts';

/** So many instructions before a store are looked at. */
export const TRACED = 4_096;
/** The same where that did not reach the place at which the value was made: a Rust kernel built without optimization takes so long. */
export const TRACED_FAR = 65_536;
/** Places at which one value was made. */
const MOST_ORIGINS = 2;
/** A constant that is used within so many instructions stands on the line that needs it. */
const SOON = 4;
const MASK = (1n << 64n) - 1n;
const [A0, A1] = [10, 11];

/** An executed instruction, with what it overwrote. */
export interface Step {
  /** Guest time just before it. */
  readonly time: number;
  readonly pc: bigint;
  readonly bits: number;
  readonly effects: Effects;
  readonly address: bigint | undefined;
  readonly oldRegister: bigint;
  readonly oldBytes: Uint8Array | undefined;
  /** Of a call that the firmware has answered at once: what a0 and a1 held before it, which it changes both. */
  readonly oldArguments: readonly [bigint, bigint] | undefined;
}

interface FoundOrigin {
  readonly origin: ValueOrigin;
  readonly isConstant: boolean;
  /** Much later only. */
  readonly isUsedLate: boolean;
  /** It was in memory already when the trace began, so that the place is only that of the load. */
  readonly isLoaded: boolean;
}

/** What a store is about to write. */
interface FollowedValue {
  readonly value: bigint;
  readonly origins: readonly FoundOrigin[];
}

interface Made {
  /** The number of the step. */
  readonly at: number;
  readonly value: bigint;
  readonly usedAt: number;
  /** What was added to it later. */
  readonly added: bigint;
  /** Where it was loaded from, if nothing before that load is known to have stored it. */
  readonly loadedFrom: bigint | undefined;
}

export class ValueTrace {
  readonly #replay: Replay;
  readonly #machine: Machine;
  readonly #steps: Step[] = [];
  readonly #known = new Map<bigint, Pick<Step, 'bits' | 'effects'>>();

  /** To be called at most TRACED before a store. */
  constructor(replay: Replay) {
    this.#replay = replay;
    this.#machine = replay.machine;
  }

  /** Goes on to a time, one instruction after the other. */
  goTo(time: number): void {
    while (this.#machine.now() < time) {
      const step = this.#machine.debug.takeInterrupts() ? this.#step() : undefined;
      if (!this.#replay.step()) break;
      if (step !== undefined) this.#steps.push(this.#isAnswered(step) ? step : { ...step, oldArguments: undefined });
    }
  }

  get steps(): readonly Step[] {
    return this.#steps;
  }

  /**
   * Where the address in a register was made, as it was before step `end`: the last value that only constants were added to. Undefined if no
   * step has written it, null if what was found cannot have made this address, so that something has changed it that the steps do not show.
   */
  addressOrigin(register: number, end = this.#steps.length): Made | undefined | null {
    const { registers } = this.stateAt(end);
    const [made] = this.#follow({ register, low: 0, count: 64, usedAt: end, added: 0n }, registers, { end, isAddress: true });
    return made === undefined || ((made.value + made.added) & MASK) === registers[register] ? made : null;
  }

  /** The hart as it was before a step. */
  stateAt(at: number): HartSnapshot {
    const present = snapshotOf(this.#machine);
    return at === this.#steps.length ? present : this.#before(at, present);
  }

  /** What the store at the present pc is about to write to `address` (physical), and where that was made; undefined if it writes nothing there. */
  origins({ address, length }: { address: bigint; length: number }, code: KernelCode): FollowedValue | undefined {
    const store = this.#step();
    const target = store?.effects.store;
    if (store === undefined || target?.value === undefined || store.address === undefined) return undefined;
    const { end } = this.#machine.debug.walk(store.address);
    if (!('physical' in end)) return undefined;
    const from = address > end.physical ? Number(address - end.physical) : 0;
    const to = Math.min(target.width, Number(address + BigInt(length) - end.physical));
    if (to <= from) return undefined;
    const present = snapshotOf(this.#machine);
    const [low, count] = [8 * from, 8 * (to - from)];
    const leaves = this.#follow({ register: target.value, low, count, usedAt: this.#steps.length, added: 0n }, present.registers);
    const stored = bitsOf(present.registers[target.value]!, low, count);
    const origins = leaves.slice(0, MOST_ORIGINS).map(({ at, value, usedAt, loadedFrom }) => {
      const { pc, bits } = this.#steps[at]!;
      const origin = {
        value: value === stored ? hex(value) : null,
        instruction: disassemble(bits, pc).text,
        stack: code.stack(this.#before(at, present)),
      };
      return {
        origin,
        isConstant: this.#isConstant(at),
        isUsedLate: usedAt - at > SOON,
        isLoaded: loadedFrom !== undefined,
      };
    });
    return { value: stored, origins };
  }

  #step(): Step | undefined {
    const { debug } = this.#machine;
    const pc = debug.pc();
    let known = this.#known.get(pc);
    if (known === undefined) {
      const bits = instructionBits(this.#machine, pc);
      const effects = bits === undefined ? undefined : effectsOf(bits);
      if (bits === undefined || effects === undefined) return undefined;
      known = { bits, effects };
      this.#known.set(pc, known);
    }
    const { bits, effects } = known;
    const { name, rd, load, store } = effects;
    const place = load ?? store;
    const address = place === undefined ? undefined : (debug.register(place.base) + BigInt(place.offset)) & MASK;
    const oldBytes = store === undefined ? undefined : debug.readVirtual(address!, store.width);
    const oldRegister = rd === undefined ? 0n : debug.register(rd);
    const oldArguments = name === 'ecall' ? ([debug.register(A0), debug.register(A1)] as const) : undefined;
    return { time: this.#machine.now(), pc, bits, effects, address, oldRegister, oldBytes, oldArguments };
  }

  /** Whether the firmware has answered this call: the hart goes on after it, and not at a trap vector. */
  #isAnswered({ pc, effects }: Step): boolean {
    return this.#machine.debug.pc() === pc + BigInt(effects.length);
  }

  /** Whether the instruction makes a constant, or the lower part of one. */
  #isConstant(at: number): boolean {
    const { name, sources } = this.#steps[at]!.effects;
    const isUpper = (register: number) => {
      const before = this.#steps.slice(0, at).findLast(({ effects }) => effects.rd === register);
      return before?.effects.name === 'lui' || before?.effects.name === 'auipc';
    };
    return /^(?:addiw?|lui|auipc)$/.test(name) && sources.every(isUpper);
  }

  /** The steps at which the wanted bits were made, each with the value that they have. */
  #follow(
    wanted: Wanted,
    present: readonly bigint[],
    { end = this.#steps.length, isAddress = false }: { readonly end?: number; readonly isAddress?: boolean } = {},
  ): Made[] {
    const registers = [...present];
    const open: Wanted[] = [wanted];
    /** Bits of memory that are wanted. */
    const memory: (MemoryPart & { readonly loadedAt: number; readonly value: bigint; readonly added: bigint })[] = [];
    /** Of these, what was not stored as it was loaded later: a part of it was overwritten, or a device wrote it. */
    const changed: (typeof memory)[number][] = [];
    const made: Made[] = [];
    for (let at = end - 1; at >= 0 && open.length + memory.length > 0; at--) {
      const { effects, address, oldRegister, oldArguments } = this.#steps[at]!;
      const { rd, store, load } = effects;
      for (const [index, old] of oldArguments?.entries() ?? []) {
        for (const one of open.filter(({ register }) => register === A0 + index)) {
          open.splice(open.indexOf(one), 1);
          made.push({
            at,
            value: bitsOf(registers[A0 + index]!, one.low, one.count),
            usedAt: one.usedAt,
            added: one.added,
            loadedFrom: undefined,
          });
        }
        registers[A0 + index] = old;
      }
      if (store?.value !== undefined && address !== undefined) {
        for (const one of memory.filter((part) => covers(address, store.width, part))) {
          memory.splice(memory.indexOf(one), 1);
          const low = one.low + 8 * Number(one.address - address);
          if (bitsOf(registers[store.value]!, low, one.count) !== one.value) changed.push(one);
          else open.push({ register: store.value, low, count: one.count, usedAt: at, added: one.added });
        }
      }
      if (rd === undefined) continue;
      const result = registers[rd]!;
      registers[rd] = oldRegister;
      for (const one of open.filter(({ register }) => register === rd)) {
        open.splice(open.indexOf(one), 1);
        const value = bitsOf(result, one.low, one.count);
        const { low, count, usedAt, added } = one;
        if (load !== undefined && address !== undefined) memory.push({ address, low, count, loadedAt: at, value, added });
        else {
          const sources = sourcesOf(effects, one, registers, { isAddress });
          if (sources === 'made here') made.push({ at, value, usedAt, added, loadedFrom: undefined });
          else open.push(...sources.map((source) => ({ ...source, usedAt: at, added: added + (source.added ?? 0n) })));
        }
      }
    }
    // What was in memory before all this: its load is the place that can be named.
    return [
      ...made,
      ...[...changed, ...memory].map(({ address, loadedAt, value, added }) => ({
        at: loadedAt,
        value,
        usedAt: loadedAt,
        added,
        loadedFrom: address,
      })),
    ];
  }

  /** The hart as it was before a step: what later steps overwrote is put back. */
  #before(at: number, present: HartSnapshot): HartSnapshot {
    const registers = [...present.registers];
    const later = this.#steps.slice(at).reverse();
    for (const { effects, oldRegister, oldArguments } of later) {
      if (effects.rd !== undefined) registers[effects.rd] = oldRegister;
      if (oldArguments !== undefined) [registers[A0], registers[A1]] = oldArguments;
    }
    const sp = registers[2]!;
    const stack = Uint8Array.from(this.#machine.debug.readVirtual(sp, Math.max(present.stack.length, 4096)));
    for (const { address, oldBytes } of later) {
      const offset = address === undefined ? -1 : Number(address - sp);
      if (oldBytes !== undefined && offset >= 0 && offset + oldBytes.length <= stack.length) stack.set(oldBytes, offset);
    }
    return { pc: this.#steps[at]!.pc, registers, stack };
  }
}

interface MemoryPart {
  readonly address: bigint;
  readonly low: number;
  readonly count: number;
}

function bitsOf(value: bigint, low: number, count: number): bigint {
  return (value >> BigInt(low)) & ((1n << BigInt(count)) - 1n);
}

/** Whether a store writes all of the wanted bits. */
function covers(address: bigint, width: number, part: MemoryPart): boolean {
  const first = part.address + BigInt(part.low >> 3);
  const last = part.address + BigInt((part.low + part.count - 1) >> 3);
  return first >= address && last < address + BigInt(width);
}

/**
 * Whether the report has not named the line anyway, and the line can be trusted: inside one compiled function an optimizing compiler puts a
 * constant where it likes, gives it the line of what is there, and keeps it for other uses.
 */
export function isWorthNaming({ origin, isConstant, isUsedLate }: FoundOrigin, store: CodeStack): boolean {
  const [made] = ownFrames(origin.stack);
  const told = ownFrames(store);
  // Without lines an instruction says something only if it is in another function.
  if (told.length === 0) return made === undefined && !isBelow(store, origin.stack);
  if (made === undefined || told.some(({ file, line }) => file === made.file && line === made.line)) return false;
  const isMoved = isUsedLate || (made.inlined && made.file === told[0]?.file);
  return !(isConstant && isMoved && isBelow(store, origin.stack));
}

/** The submission's own source lines, the innermost first. */
function ownFrames({ places }: CodeStack): CodeFrame[] {
  return places.flatMap(({ frames }) => frames).filter(({ library, line }) => line !== null && !library);
}

/** Whether a store was made by the compiled function that has made the value, or by one that it had called. */
function isBelow(store: CodeStack, origin: CodeStack): boolean {
  const callers = (stack: CodeStack, from: number) =>
    stack.places
      .slice(from)
      .map(({ address }) => address)
      .join();
  const made = callers(origin, 1);
  return store.places.some((_, index) => callers(store, index + 1) === made);
}
