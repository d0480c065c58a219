/**
 * What the handler of an interrupt did, from the interrupt to its return: the source that it claimed and completed, the device that it
 * acknowledged, the variables that it stored to, and the enable bits that it cleared.
 */
import { disassemble } from '../../machine/debug/disassemble.ts';
import { type Effects, effectsOf, type Machine } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { AwaitedExplanation } from '../evidence/awaited-interrupt.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { isPlicClaim, type TakenEvidence } from '../evidence/interrupts.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import { whatIsAt } from '../run/loop-evidence.ts';
import type { KernelCode } from './code.ts';
import { HandlerRegisters } from './handler-registers.ts';
import type { Replay } from './replay.ts';
import { instructionBits } from './stores.ts';

export type HandlerEvidence = AwaitedExplanation['handlers'][number];
type Step = HandlerEvidence['steps'][number];

/** Instructions of a handler that are looked at. */
const LONGEST = 20_000;
/** What is listed of it. */
const MOST_STEPS = 12;
/** Stores to one variable from which on it is taken for the place where registers are saved. */
const SAVED_REGISTERS = 8;
const SP = 2;
const STACK_REACH = 4096n;
const MASK = (1n << 64n) - 1n;

/** To be called when the run has come to the time of the interrupt; runs to the handler's return. `look` is called before each instruction. */
export function traceHandler(
  replay: Replay,
  taken: TakenEvidence,
  { code, evidence, look }: { readonly code: KernelCode; readonly evidence: Evidence; readonly look: () => void },
): HandlerEvidence {
  const { machine } = replay;
  const { debug } = machine;
  const steps: Step[] = [];
  const known = new Map<bigint, Known | undefined>();
  let returned = false;
  const at = code.stack({ ...snapshotOf(machine), pc: BigInt(taken.pc) });
  const registers = new HandlerRegisters(machine, code);
  const interruptedSp = debug.register(SP);
  debug.takeInterrupts();
  let last: Known | undefined;
  for (let count = 0; count < LONGEST; count++) {
    const pc = debug.pc();
    const isBack = last?.returns === true && pc === BigInt(taken.pc);
    // A handler may return to another place on purpose: what its registers should be then is not known.
    if (isBack || (last?.returns === true && debug.register(SP) === interruptedSp)) {
      returned = isBack;
      break;
    }
    look();
    if (!known.has(pc)) known.set(pc, decoded(machine, pc));
    const instruction = known.get(pc);
    last = instruction;
    const place = instruction && (instruction.effects.load ?? instruction.effects.store);
    const address = place === undefined ? undefined : (debug.register(place.base) + BigInt(place.offset)) & MASK;
    const before = instruction?.enables === true ? machine.interrupts().mie : 0n;
    const stored = instruction?.effects.store?.value;
    const value = stored === undefined ? undefined : debug.register(stored);
    const sp = debug.register(SP);
    if (instruction !== undefined) registers.before(instruction.effects, pc, address);
    if (!replay.step()) break;
    if (instruction !== undefined) registers.after(instruction.effects, pc, address);
    const cleared = instruction?.enables === true ? before & ~machine.interrupts().mie : 0n;
    if (cleared !== 0n) steps.push({ kind: 'disabled', bits: hex(cleared), place: code.place(pc) });
    if (instruction === undefined || address === undefined) continue;
    const { load, store, rd } = instruction.effects;
    const found = accessed({ machine, evidence, code }, address, { onStack: address >= sp && address < sp + STACK_REACH });
    if (found === undefined) continue;
    if (found.kind === 'claim') {
      if (load !== undefined && rd !== undefined) steps.push({ kind: 'claimed', source: Number(debug.register(rd) & 0xffff_ffffn) });
      else if (value !== undefined) steps.push({ kind: 'completed', source: Number(value & 0xffff_ffffn), place: code.place(pc) });
    } else if (found.kind === 'acknowledge' && value !== undefined) {
      steps.push({ kind: 'acknowledged', drive: found.drive, value: hex(value & 0xffff_ffffn) });
    } else if (found.kind === 'used' && load !== undefined) {
      const last = steps.findLast(({ kind }) => kind !== 'stored');
      if (last?.kind !== 'looked' || last.drive !== found.drive) steps.push({ kind: 'looked', drive: found.drive, place: code.place(pc) });
    } else if (found.kind === 'variable' && store !== undefined && value !== undefined) {
      const kept = value & ((1n << BigInt(8 * store.width)) - 1n);
      steps.push({ kind: 'stored', symbol: found.symbol, address: hex(address), value: hex(kept), place: code.place(pc) });
    }
  }
  const { cause, mode } = taken;
  const telling = steps.filter((step) => step.kind !== 'stored' || !savesRegisters(step.symbol, steps));
  return {
    cause,
    mode,
    returned,
    changed: returned ? registers.changed() : [],
    frameStore: returned ? registers.frameStore : null,
    at,
    steps: telling.slice(0, MOST_STEPS),
  };
}

interface Known {
  readonly effects: Effects;
  /** It writes sie or mie. */
  readonly enables: boolean;
  /** It returns from a trap. */
  readonly returns: boolean;
}

function decoded(machine: Machine, pc: bigint): Known | undefined {
  const bits = instructionBits(machine, pc);
  const effects = bits === undefined ? undefined : effectsOf(bits);
  if (bits === undefined || effects === undefined) return undefined;
  return {
    effects,
    enables: effects.name.startsWith('csrr') && /\b[sm]ie\b/.test(disassemble(bits, pc).text),
    returns: effects.name === 'sret' || effects.name === 'mret',
  };
}

/** Without the distance into it. */
const variable = (symbol: string): string => symbol.replace(/\+0x[0-9a-f]+$/, '');

function savesRegisters(symbol: string, steps: readonly Step[]): boolean {
  return steps.filter((step) => step.kind === 'stored' && variable(step.symbol) === variable(symbol)).length >= SAVED_REGISTERS;
}

interface Context {
  readonly machine: Machine;
  readonly evidence: Evidence;
  readonly code: KernelCode;
}

type Accessed =
  | { readonly kind: 'claim' }
  | { readonly kind: 'acknowledge' | 'used'; readonly drive: string }
  | { readonly kind: 'variable'; readonly symbol: string };

/** What a handler has accessed, as far as it says something. */
function accessed({ machine, evidence, code }: Context, address: bigint, { onStack }: { onStack: boolean }): Accessed | undefined {
  const { end } = machine.debug.walk(address);
  if (!('physical' in end)) return undefined;
  if (isPlicClaim(end.physical)) return { kind: 'claim' };
  const drives = evidence.devices.map(({ drive }) => drive);
  const what = whatIsAt({ physical: end.physical, onStack }, machine, drives, evidence.requests);
  if (what.kind === 'register')
    return what.register === 'InterruptACK' && what.drive !== null ? { kind: 'acknowledge', drive: what.drive } : undefined;
  if (what.kind === 'used-index' || what.kind === 'used-ring') return { kind: 'used', drive: what.drive };
  const symbol = what.kind === 'memory' || code.isVariable(address) ? code.variableAt(address) : null;
  return symbol === null ? undefined : { kind: 'variable', symbol };
}
