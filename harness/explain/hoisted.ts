/**
 * A loop that loads nothing, although it was written to wait for memory: at -O2 a compiler that is not told of other writers loads once
 * before the loop, compares, and then goes round for ever. Judged by what was executed: a branch keeps the kernel in the loop, or led into it,
 * and what that branch compares had been loaded just before.
 */
import { type Effects, effectsOf, type Machine } from '../../machine/index.ts';
import type { CodePlace } from '../evidence/code-place.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import type { LoopEvidence, LoopLoadEvidence } from '../evidence/loop.ts';
import { loadEvidence, rank, whatIsAt } from '../run/loop-evidence.ts';
import { isOnlyNearStack, type KernelCode } from './code.ts';
import { instructionBits } from './stores.ts';

type Hoisted = NonNullable<NonNullable<Explanations['loop']>['hoisted']>;
type Copied = NonNullable<NonNullable<Explanations['loop']>['copied']>;

/** Instructions that may stand between the branch and the loop, and those before the branch among which the load is looked for. */
const AFTER_BRANCH = 4;
const BEFORE_BRANCH = 64;
/** Instructions that are kept: a round of a loop that loads nothing is short. */
const KEPT = 256;
const MASK = (1n << 64n) - 1n;
const SP = 2;
const STACK_REACH = 4096n;

interface Step {
  readonly effects: Effects;
  readonly pc: bigint;
  /** Of a load or store: where it is, and the stack pointer at that time. */
  readonly address: bigint | undefined;
  readonly sp: bigint;
  /** What it left in its register. */
  value: bigint;
}

/** The last instructions that were executed. */
export class LastSteps {
  readonly #machine: Machine;
  readonly #effects = new Map<bigint, Effects | undefined>();
  #steps: (Step | undefined)[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** To be called before each instruction. */
  before(): void {
    const { debug } = this.#machine;
    const last = this.#steps.at(-1);
    if (last?.effects.load !== undefined && last.effects.rd !== undefined) last.value = debug.register(last.effects.rd);
    const pc = debug.pc();
    if (!this.#effects.has(pc)) {
      const bits = instructionBits(this.#machine, pc);
      this.#effects.set(pc, bits === undefined ? undefined : effectsOf(bits));
    }
    const effects = this.#effects.get(pc);
    const place = effects?.load ?? effects?.store;
    const address = place === undefined ? undefined : (debug.register(place.base) + BigInt(place.offset)) & MASK;
    this.#steps.push(effects === undefined ? undefined : { effects, pc, address, sp: debug.register(SP), value: 0n });
    if (this.#steps.length > 2 * KEPT) this.#steps = this.#steps.slice(-KEPT);
  }

  /** The load that decided that the loop was entered, `ago` instructions ago. */
  hoisted(ago: number, loop: LoopEvidence, code: KernelCode, { devices, requests }: Evidence): Hoisted | undefined {
    const found = loadsBefore(this.#steps, Math.max(0, this.#steps.length - ago));
    // What the loop executes itself was not taken out of it.
    const looped = new Set(loop.instructions.map(({ pc }) => BigInt(pc)));
    const outside = found.loads.filter(({ pc }) => !looped.has(pc));
    const loads = outside.map((step) => this.#loadOf(step, { at: step.address!, width: step.effects.load!.width }, { devices, requests }));
    const [load] = loads.map((one) => asVariable(one, code, this.#machine)).sort((a, b) => rank(a) - rank(b));
    if (load === undefined) return undefined;
    const symbol = load.what.kind === 'memory' ? code.variableAt(BigInt(load.address)) : null;
    const place = code.place(BigInt(load.pc));
    const places = loop.instructions.map(({ pc }) => code.place(BigInt(pc)));
    const sameLine = places.some((one) => isOnLineOf(place, one));
    const isKnown = place.frames.some(({ line }) => line !== null);
    // Without lines what others may well store to is worth a question; with other lines only what all drivers wait for.
    const isShared = symbol !== null || !['memory', 'stack', 'register'].includes(load.what.kind);
    // Nobody writes a loop that compares what it cannot change.
    const compares = found.inLoop && isShared;
    // A kernel that has done its work often sleeps in such a loop.
    const isLikely = isKnown ? load.what.kind === 'used-index' : isShared;
    if (!compares && !sameLine && (loop.sleeps || !isLikely)) return undefined;
    return { load, symbol, sameLine, compares, stack: { places: [place], leftOut: 0, notes: [] } };
  }

  /** Where what is polled is a copy that was made before the loop: the load that it was made by. */
  copied(polled: LoopLoadEvidence, code: KernelCode, evidence: Evidence): Copied | undefined {
    const [address, { width }] = [BigInt(polled.address), polled];
    const at = this.#steps.findLastIndex((step) => step?.effects.store !== undefined && covers(step, address, width));
    const store = this.#steps[at];
    const value = store?.effects.store?.value;
    if (store === undefined || value === undefined) return undefined;
    const source = sourceOf(this.#steps.slice(0, at), value);
    const wide = source?.effects.load?.width;
    if (source === undefined || wide !== store.effects.store!.width) return undefined;
    const load = this.#loadOf(source, { at: source.address! + address - store.address!, width }, evidence);
    if (load.what.kind === 'memory' || load.what.kind === 'stack' || load.what.kind === 'register') return undefined;
    return { load, stack: { places: [code.place(source.pc)], leftOut: 0, notes: [] } };
  }

  #loadOf(
    step: Step,
    { at, width }: { readonly at: bigint; readonly width: number },
    { devices, requests }: Pick<Evidence, 'devices' | 'requests'>,
  ): LoopLoadEvidence {
    const { end } = this.#machine.debug.walk(at);
    const load = {
      pc: step.pc,
      address: at,
      physical: 'physical' in end ? end.physical : undefined,
      width,
      value: step.value,
      onStack: at >= step.sp && at < step.sp + STACK_REACH,
      decides: true,
      awaited: undefined,
    };
    const names = devices.map(({ drive }) => drive);
    return loadEvidence(load, whatIsAt(load, this.#machine, names, requests));
  }
}

/** What lies close above the stack pointer may be a variable all the same. */
function asVariable(load: LoopLoadEvidence, code: KernelCode, machine: Machine): LoopLoadEvidence {
  return isOnlyNearStack(load, code, machine.debug.register(SP)) ? { ...load, what: { kind: 'memory' } } : load;
}

function covers({ effects, address }: Step, polled: bigint, width: number): boolean {
  return address! <= polled && polled + BigInt(width) <= address! + BigInt(effects.store!.width);
}

/** The load that a register has its value from, if that was only moved. */
function sourceOf(steps: readonly (Step | undefined)[], register: number): Step | undefined {
  let wanted = register;
  for (const step of steps.slice(-BEFORE_BRANCH).reverse()) {
    if (step?.effects.rd !== wanted) continue;
    const { load, sources, name } = step.effects;
    if (load !== undefined) return step;
    const isMove = sources.length === 1 && /^(?:addi|add|sext|zext|andi|slli|srli|srai)/.test(name);
    if (!isMove) return undefined;
    wanted = sources[0]!;
  }
  return undefined;
}

/** Whether the loop's own line, not that of a caller, is among those of the load. */
function isOnLineOf(load: CodePlace, loop: CodePlace): boolean {
  const own = loop.frames.find(({ line, library }) => line !== null && !library);
  return own !== undefined && load.frames.some(({ file, line }) => file === own.file && line === own.line);
}

/** The loads whose values the branch compares that keeps the kernel in the loop, or that led into it. `first`: where the loop begins. */
function loadsBefore(steps: readonly (Step | undefined)[], first: number): { loads: readonly Step[]; inLoop: boolean } {
  const inLoop = steps.findLastIndex((step) => step !== undefined && isBranch(step));
  const at = inLoop >= first ? inLoop : steps.slice(0, first).findLastIndex((step) => step === undefined || isJump(step));
  const branch = steps[at];
  if (branch === undefined || !isBranch(branch) || first - 1 - at > AFTER_BRANCH) return { loads: [], inLoop: false };
  const wanted = new Set(branch.effects.sources);
  const loads: Step[] = [];
  for (let index = at - 1; index >= Math.max(0, Math.min(at, first) - BEFORE_BRANCH) && wanted.size > 0; index--) {
    const step = steps[index];
    if (step === undefined) break;
    const { rd, load, sources } = step.effects;
    if (rd === undefined || !wanted.delete(rd)) continue;
    if (load !== undefined) loads.push(step);
    else for (const source of sources) wanted.add(source);
  }
  return { loads, inLoop: inLoop >= first };
}

function isBranch({ effects }: Step): boolean {
  return /^b(?:eq|ne|lt|ge)u?$/.test(effects.name);
}

function isJump(step: Step): boolean {
  return isBranch(step) || step.effects.name.startsWith('jal');
}
