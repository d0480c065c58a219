/**
 * What a repeated run shows about interrupts: how far drivers have looked at what their devices have done, where an interrupt was claimed that
 * was never completed, and the handler of interrupts that never end.
 */
import { disassemble } from '../../machine/debug/disassemble.ts';
import type { AwaitedExplanation } from '../evidence/awaited-interrupt.ts';
import type { CodeStack } from '../evidence/code-place.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { Explanations } from '../evidence/explanation.ts';
import { type InterruptsEvidence, isStorm, type TakenEvidence } from '../evidence/interrupts.ts';
import { snapshotOf } from '../run/hart-snapshot.ts';
import { AwaitedVariables } from './awaited-variable.ts';
import type { KernelCode } from './code.ts';
import { Controls } from './controls.ts';
import { traceHandler } from './handler.ts';
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

/** Bits of interrupts in mip. */
const ANY = 0xaaan;

/** Whether there is anything that a repeated run could show. */
export function isWorthAsking({ sources, lines, ahead, waiting, ...state }: InterruptsEvidence): boolean {
  const slept = waiting && (ahead !== null || state.taken.length > 0);
  const isPending = (BigInt(state.mip) & ANY) !== 0n;
  return (
    slept ||
    isPending ||
    isStorm(state) ||
    sources.some(({ claimed }) => claimed) ||
    lines.some(({ used }) => used !== null && used.index > 0)
  );
}

/** Causes of interrupts whose handlers are looked at. */
const MOST_HANDLERS = 3;

const NOTHING: AwaitedExplanation = { controls: [], claims: [], handler: null, looked: [], handlers: [], variable: null };

/** Begins again from power-on; nothing else may be asked of the replay afterwards. `loop`: what is known of the loop that the kernel waits in. */
export function explainInterrupts(
  replay: Replay,
  evidence: Evidence,
  { found, loop }: { readonly found: InterruptsEvidence; readonly loop: Explanations['loop'] },
  code: KernelCode,
): AwaitedExplanation {
  replay.goBefore(0);
  const { machine } = replay;
  const controls = new Controls(replay, found);
  const rings = new UsedRings(machine, found.lines, evidence.requests);
  const variables = new AwaitedVariables(replay, evidence, loop);
  const watch = () => {
    replay.watch(rings, [...(rings.gaveUp ? [] : rings.ranges), ...variables.ranges], (access) => {
      const before = rings.gaveUp;
      rings.touched(access);
      if (variables.touched(access) || rings.gaveUp !== before) watch();
    });
  };
  watch();
  const claims: { source: number; stack: CodeStack }[] = [];
  const handlers: AwaitedExplanation['handlers'][number][] = [];
  const open = found.sources.filter(({ claimed, lastClaim }) => claimed && lastClaim !== null).slice(0, MOST_CLAIMS);
  // Just before the instruction that claims, which may lie in a handler that is stepped through.
  const look = () => {
    for (const { source, lastClaim } of open) {
      const isNew = !claims.some((claim) => claim.source === source);
      if (isNew && lastClaim! - 1 === machine.now()) claims.push({ source, stack: code.stack(snapshotOf(machine)) });
    }
  };
  const last = [...found.taken].sort((a, b) => b.time - a.time).slice(0, MOST_HANDLERS);
  const stops = [
    ...open.map(({ lastClaim }) => ({ time: lastClaim! - 1, act: look })),
    ...last.map((taken) => ({ time: taken.time, act: () => handlers.push(traceHandler(replay, taken, { code, evidence, look })) })),
  ];
  for (const { time, act } of stops.sort((a, b) => a.time - b.time)) {
    if (!replay.runTo(time)) return { ...NOTHING, claims, handlers };
    act();
  }
  const isAtEnd = replay.runTo(evidence.time);
  if (!isAtEnd) return { ...NOTHING, claims, handlers };
  return { controls: controls.answer(code), claims, handler: null, looked: rings.answers(), handlers, variable: variables.answer(code) };
}

/** The last interrupt of a storm; undefined if there was none. */
export function lastOfStorm(found: InterruptsEvidence): TakenEvidence | undefined {
  return isStorm(found) ? [...found.taken].sort((a, b) => a.time - b.time).at(-1) : undefined;
}

/**
 * From the last interrupt on: where the handler sets the timer, or else the first function that it calls, or else its first instruction. The
 * replay must go back to another time afterwards.
 */
export function explainStorm(replay: Replay, last: TakenEvidence, found: InterruptsEvidence, code: KernelCode): AwaitedExplanation {
  replay.goBefore(last.time);
  if (!replay.runTo(last.time)) return NOTHING;
  return { ...NOTHING, handler: handlerOf(replay, last, vectorOf(last, found), code) };
}

function handlerOf(replay: Replay, last: TakenEvidence, vector: bigint, code: KernelCode): AwaitedExplanation['handler'] {
  const { machine } = replay;
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
