/**
 * The last interrupt before an exception or a panic: whether its handler left the registers as they were, and who turned interrupts on where handlers were
 * interrupted themselves.
 */
import type { CodeStack } from '../evidence/code-place.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { ExceptionEvidence } from '../evidence/exception.ts';
import type { Interrupted } from '../evidence/interrupted.ts';
import { type HartSnapshot, snapshotOf } from '../run/hart-snapshot.ts';
import type { KernelCode } from './code.ts';
import { traceHandler } from './handler.ts';
import type { Replay } from './replay.ts';

/** Traps that were not returned from, from which on handlers are taken to be interrupted themselves: the exception may be in one. */
const NESTED = 3;
/** SIE and MIE of mstatus. */
const GLOBAL = 0xan;

/** Runs to the last interrupt once more; the whole way where handlers were interrupted themselves. */
export function lastInterrupt(
  replay: Replay,
  { time, unreturned }: Pick<ExceptionEvidence, 'time' | 'unreturned'>,
  { evidence, code }: { readonly evidence: Evidence; readonly code: KernelCode },
): Interrupted | null {
  replay.goBefore(replay.justBefore(time));
  if (!replay.runTo(replay.justBefore(time))) return null;
  const [last] = replay.machine
    .interrupts()
    .taken.filter((taken) => taken.time < time)
    .sort((a, b) => b.time - a.time);
  if (last === undefined) return null;
  replay.goBefore(unreturned >= NESTED ? 0 : last.time);
  let enabled: HartSnapshot | undefined;
  if (unreturned >= NESTED) {
    const { machine } = replay;
    machine.debug.watchControls(['sstatus', 'mstatus'], {
      csr: ({ operation, operand }) => {
        const isOff = (machine.debug.csr('mstatus') & GLOBAL) === 0n;
        if (isOff && operation !== 'clear' && (operand & GLOBAL) !== 0n) enabled = snapshotOf(machine);
      },
      device: () => undefined,
    });
  }
  if (!replay.runTo(last.time)) return null;
  const taken = { ...last, pc: `0x${last.pc.toString(16)}` };
  const { changed, frameStore, at } = traceHandler(replay, taken, { code, evidence, look: () => undefined });
  const stack: CodeStack | null = enabled === undefined ? null : code.stack(enabled);
  return { cause: last.cause, changed, frameStore, at, enabled: stack };
}
