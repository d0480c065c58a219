/**
 * What a repeated run shows about interrupts: how far drivers have looked at what their devices have done, where an interrupt was claimed that
 * was never completed, and the handler of interrupts that never end.
 */
import { disassemble } from '../../machine/debug/disassemble.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { AwaitedExplanation, CodeStack } from '../evidence/explanation.ts';
import { type InterruptsEvidence, isStorm, type TakenEvidence } from '../evidence/interrupts.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import type { Replay } from './replay.ts';
import { instructionBits } from './stores.ts';
import { UsedRings } from './used-ring.ts';

/** Claims whose place is looked up. */
const MOST_CLAIMS = 8;
/** Instructions of a handler that are looked at. */
const HANDLER = 20_000;
/** EIDs of the SBI's timer: the extension TIME, and the legacy call (SBI v2.0, chapters 5 and 6). */
const SET_TIMER: ReadonlySet<bigint> = new Set([0x5449_4d45n, 0n]);
const A7 = 17;

/** Whether there is anything that a repeated run could show. */
export function isWorthAsking({ sources, lines, ...state }: InterruptsEvidence): boolean {
  return isStorm(state) || sources.some(({ claimed }) => claimed) || lines.some(({ used }) => used !== null && used.index > 0);
}

/** Begins again from power-on; nothing else may be asked of the replay afterwards. */
export function explainInterrupts(replay: Replay, evidence: Evidence, found: InterruptsEvidence, code: KernelCode): AwaitedExplanation {
  replay.goBefore(0);
  if (isStorm(found)) return { claims: [], handler: handlerOf(replay, found, code), looked: [] };
  const rings = new UsedRings(replay.machine, found.lines, evidence.requests);
  const claims: { source: number; stack: CodeStack }[] = [];
  const open = found.sources.filter(({ claimed, lastClaim }) => claimed && lastClaim !== null).slice(0, MOST_CLAIMS);
  for (const { source, lastClaim } of open.sort((a, b) => a.lastClaim! - b.lastClaim!)) {
    // Just before the instruction that claims.
    if (!replay.runTo(lastClaim! - 1)) return { claims, handler: null, looked: [] };
    claims.push({ source, stack: code.stack(snapshotOf(replay.machine)) });
  }
  return { claims, handler: null, looked: replay.runTo(evidence.time) ? rings.answers() : [] };
}

/** From the last interrupt on: where the handler sets the timer, or else the first function that it calls, or else its first instruction. */
function handlerOf(replay: Replay, found: InterruptsEvidence, code: KernelCode): AwaitedExplanation['handler'] {
  const last = [...found.taken].sort((a, b) => a.time - b.time).at(-1);
  if (last === undefined || !replay.runTo(last.time)) return null;
  const { machine } = replay;
  const vector = vectorOf(last, found);
  const entered = code.functionOf(vector);
  let handler: CodeStack | undefined;
  for (let step = 0; step < HANDLER && machine.debug.step(); step++) {
    const pc = machine.debug.pc();
    if (pc === BigInt(last.pc)) break;
    if (setsTimer(replay, pc)) return { stack: code.stack(snapshotOf(machine)), setsTimer: true };
    const start = code.functionOf(pc);
    if (start !== undefined && start !== entered) handler ??= code.stack(snapshotOf(machine));
  }
  return { stack: handler ?? { places: [code.place(vector)], leftOut: 0, notes: [] }, setsTimer: false };
}

/** Where the handler of an interrupt begins (Privileged Architecture, "stvec"): in vectored mode each cause has an entry of its own. */
function vectorOf({ mode, cause }: TakenEvidence, { stvec, mtvec }: InterruptsEvidence): bigint {
  const vector = BigInt(mode === 'S' ? stvec : mtvec);
  return (vector & ~3n) + ((vector & 3n) === 1n ? BigInt(4 * cause) : 0n);
}

function setsTimer({ machine }: Replay, pc: bigint): boolean {
  const bits = instructionBits(machine, pc);
  const text = bits === undefined ? '' : disassemble(bits, pc).text;
  return text === 'ecall' ? SET_TIMER.has(machine.debug.registers()[A7]!) : /^csrrwi? \w+, stimecmp/.test(text);
}
