/**
 * A loop that loads nothing, although it was written to wait for memory: at -O2 a compiler that is not told of other writers loads once
 * before the loop, compares, and then goes round for ever. Judged by what was executed: a branch keeps the kernel in the loop, or led into it,
 * and what that branch compares had been loaded just before.
 */
import { type Effects, effectsOf, type Machine } from '../../machine/index.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { CodePlace, Explanations, LoopEvidence, LoopLoadEvidence } from '../evidence/explanation.ts';
import { loadEvidence, rank, whatIsAt } from '../run/loop-evidence.ts';
import type { KernelCode } from './code.ts';
import { instructionBits } from './stores.ts';

type Hoisted = NonNullable<NonNullable<Explanations['loop']>['hoisted']>;

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
  /** Of a load: where it is, and the stack pointer at that time. */
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
    const load = effects?.load;
    const address = load === undefined ? undefined : (debug.register(load.base) + BigInt(load.offset)) & MASK;
    this.#steps.push(effects === undefined ? undefined : { effects, pc, address, sp: debug.register(SP), value: 0n });
    if (this.#steps.length > 2 * KEPT) this.#steps = this.#steps.slice(-KEPT);
  }

  /** The load that decided that the loop was entered, `ago` instructions ago. */
  hoisted(ago: number, loop: LoopEvidence, code: KernelCode, { devices, requests }: Evidence): Hoisted | undefined {
    const names = devices.map(({ drive }) => drive);
    const found = loadsBefore(this.#steps, Math.max(0, this.#steps.length - ago)).map((step): LoopLoadEvidence => {
      const { end } = this.#machine.debug.walk(step.address!);
      const load = {
        pc: step.pc,
        address: step.address!,
        physical: 'physical' in end ? end.physical : undefined,
        width: step.effects.load!.width,
        value: step.value,
        onStack: step.address! >= step.sp && step.address! < step.sp + STACK_REACH,
        decides: true,
        awaited: undefined,
      };
      return loadEvidence(load, whatIsAt(load, this.#machine, names, requests));
    });
    const [load] = found.sort((a, b) => rank(a) - rank(b));
    if (load === undefined) return undefined;
    const symbol = load.what.kind === 'memory' ? code.variableAt(BigInt(load.address)) : null;
    const place = code.place(BigInt(load.pc));
    const places = loop.instructions.map(({ pc }) => code.place(BigInt(pc)));
    const sameLine = places.some((one) => isOnLineOf(place, one));
    const isKnown = place.frames.some(({ line }) => line !== null);
    // Without lines only what others may well store to is worth a question.
    const isShared = symbol !== null || !['memory', 'stack', 'register'].includes(load.what.kind);
    if (isKnown ? !sameLine : !isShared) return undefined;
    return { load, symbol, sameLine, stack: { places: [place], leftOut: 0, notes: [] } };
  }
}

/** Whether the loop's own line, not that of a caller, is among those of the load. */
function isOnLineOf(load: CodePlace, loop: CodePlace): boolean {
  const own = loop.frames.find(({ line, library }) => line !== null && !library);
  return own !== undefined && load.frames.some(({ file, line }) => file === own.file && line === own.line);
}

/** The loads whose values the branch compares that keeps the kernel in the loop, or that led into it. `first`: where the loop begins. */
function loadsBefore(steps: readonly (Step | undefined)[], first: number): Step[] {
  const inLoop = steps.findLastIndex((step) => step !== undefined && isBranch(step));
  const at = inLoop >= first ? inLoop : steps.slice(0, first).findLastIndex((step) => step === undefined || isJump(step));
  const branch = steps[at];
  if (branch === undefined || !isBranch(branch) || first - 1 - at > AFTER_BRANCH) return [];
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
  return loads;
}

function isBranch({ effects }: Step): boolean {
  return /^b(?:eq|ne|lt|ge)u?$/.test(effects.name);
}

function isJump(step: Step): boolean {
  return isBranch(step) || step.effects.name.startsWith('jal');
}
