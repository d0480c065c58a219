/** Since when a kernel has been in its last loop, and where in its source that is. */

import { disassemble } from '../../machine/debug/disassemble.ts';
import { hex } from '../bytes/hex.ts';
import type { CodeStack } from '../evidence/code-place.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import type { LoopEvidence, LoopLoadEvidence } from '../evidence/loop.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import { rank } from '../run/loop-evidence.ts';
import { changedCode } from './changed-code.ts';
import { isOnlyNearStack, type KernelCode } from './code.ts';
import { whoStored } from './exception.ts';
import { LastSteps } from './hoisted.ts';
import type { Replay } from './replay.ts';
import { instructionBits } from './stores.ts';

/** Instructions after the last effect within which the loop is looked for, one by one. */
const LOOKED_AT = 400_000;
const SP = 2;

/**
 * To be called when the run has come to `loopBegins`; the machine cannot be used for anything else after it. The loop has begun where each
 * instruction is the one of a round earlier, through a whole round.
 */
export function explainLoop({ machine }: Replay, loop: LoopEvidence, code: KernelCode, evidence: Evidence): Explanations['loop'] {
  const { period, instructions } = loop;
  const polled = loop.scan?.load ?? polledBySymbols(loop, code, machine.debug.register(SP));
  const alone = aboutLoad(polled, code);
  const other = polled === loop.loads[0] || polled === undefined ? {} : { polled };
  const listed = BigInt(instructions[0]?.pc ?? 0);
  const pcs: bigint[] = [];
  const retired: number[] = [];
  const isPrivate = polled?.decides !== true || polled.what.kind === 'stack' || polled.what.kind === 'memory';
  const last = isPrivate ? new LastSteps(machine) : undefined;
  /** Instructions in a row that repeat those of a round earlier, and which of all was last the first one that is listed. */
  let repeated = 0;
  let lastListed = -1;
  for (let step = 0; step < LOOKED_AT; step++) {
    const pc = machine.debug.pc();
    repeated = pcs[step - period] === pc ? repeated + 1 : 0;
    if (pc === listed) lastListed = step;
    pcs.push(pc);
    retired.push(Number(machine.instructions()));
    last?.before();
    // Another loop of the same length may come first. Then on to the load that is waited for, to show its line.
    if (repeated >= period && step - lastListed < period && (polled === undefined || pc === BigInt(polled.pc))) {
      const first = step - repeated - period + 1;
      const waitsForOne = loop.scan === undefined;
      const hoisted = polled?.decides === true || !waitsForOne ? undefined : last?.hoisted(step - first + 1, loop, code, evidence);
      const copied = polled?.decides === true ? last?.copied(polled, code, evidence) : undefined;
      const since = { since: retired[first]!, stack: code.stack(snapshotOf(machine)) };
      return { ...alone, ...other, ...since, ...(hoisted === undefined ? {} : { hoisted }), ...(copied === undefined ? {} : { copied }) };
    }
    if (loop.sleeps) machine.debug.wake();
    if (!machine.debug.step()) break;
  }
  return { ...alone, ...other, since: null };
}

/**
 * A loop whose code was overwritten, which says more than what it does now; null where it was not. Runs to the end, and from the beginning once
 * more.
 */
export function overwrittenLoop(
  replay: Replay,
  { instructions }: LoopEvidence,
  code: KernelCode,
  { time }: Evidence,
): Explanations['loop'] {
  const found = instructions.find(({ pc, text }) => {
    const file = code.instructionInFile(BigInt(pc));
    return file !== undefined && disassemble(file, BigInt(pc)).text !== text;
  });
  if (found === undefined) return null;
  replay.goBefore(time);
  if (!replay.runTo(time)) return null;
  const { machine } = replay;
  const address = BigInt(found.pc);
  const file = changedCode(instructionBits(machine, address), code.instructionInFile(address));
  const { end } = machine.debug.walk(address);
  if (file === null || !('physical' in end)) return null;
  const [stack, sp] = [code.stack(snapshotOf(machine)), hex(machine.debug.register(SP))];
  const store = whoStored(replay, { address: hex(end.physical), length: 4, before: time }, code);
  return { since: null, stack, symbol: null, overwritten: { pc: found.pc, file, instruction: found.text, sp, store } };
}

/** The load that is waited for, where symbols tell variables from what is on the stack. */
function polledBySymbols({ loads }: LoopEvidence, code: KernelCode, sp: bigint): LoopLoadEvidence | undefined {
  const known = loads.map((load): LoopLoadEvidence => {
    return isOnlyNearStack(load, code, sp) ? { ...load, what: { kind: 'memory' } } : load;
  });
  return known.sort((a, b) => rank(a) - rank(b))[0];
}

/** What is known of a loop without running to it: the line of the load that is waited for, without its calls. */
export function loopAlone({ loads, scan }: LoopEvidence, code: KernelCode): Alone {
  return aboutLoad(scan?.load ?? loads[0], code);
}

interface Alone {
  readonly stack: CodeStack;
  readonly symbol: string | null;
}

function aboutLoad(polled: LoopLoadEvidence | undefined, code: KernelCode): Alone {
  const symbol = polled?.what.kind === 'memory' ? code.variableAt(BigInt(polled.address)) : null;
  const places = polled === undefined ? [] : [code.place(BigInt(polled.pc))];
  return { stack: { places, leftOut: 0, notes: [] }, symbol };
}

/** Interrupts of a loop that are looked behind. */
const MOST_INTERRUPTS = 4;

/**
 * Guest time from which on a loop's beginning is looked for: that of the last effect before it. A loop may have been
 * interrupted, and then the last effect is one of the handler's; what decided that the loop is entered lies before the interrupt.
 */
export function loopBegins(replay: Replay, { lastEffect, loads, instructions }: LoopEvidence): number {
  let time = lastEffect;
  // What is polled may be a copy that was made before.
  if (loads.some(({ decides, what: { kind } }) => decides && kind !== 'memory' && kind !== 'stack')) return time;
  const pcs = new Set(instructions.map(({ pc }) => BigInt(pc)));
  for (let count = 0; count < MOST_INTERRUPTS; count++) {
    replay.goBefore(time);
    if (!replay.runTo(time)) return time;
    const inLoop = replay.machine.interrupts().taken.filter((one) => pcs.has(one.pc) && one.time <= time);
    if (inLoop.length === 0) return time;
    const interrupted = Math.max(...inLoop.map((one) => one.time)) - 1;
    replay.goBefore(interrupted);
    if (!replay.runTo(interrupted)) return time;
    time = replay.machine.lastEffect();
  }
  return time;
}
