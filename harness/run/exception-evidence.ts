/**
 * The exception as plain JSON, where it is what ended the run: a trap loop, nothing printed and no device touched since, or a trap
 * handler that never returned, as one that panics.
 */

import type { Machine } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { Stop } from '../evidence/evidence.ts';
import type { ExceptionEvidence } from '../evidence/explanation.ts';

export function exceptionEvidence(machine: Machine, stop: Stop): ExceptionEvidence | null {
  const last = machine.debug.lastException();
  if (last === undefined) return null;
  const silentSince = (stop.reason === 'hang' || stop.reason === 'limit' || stop.reason === 'idle') && machine.lastEffect() <= last.time;
  const neverReturned = !last.returned && stop.reason !== 'until';
  if (stop.reason !== 'trap-loop' && !silentSince && !neverReturned) return null;
  const { pc, cause, tval, instructions, time, times, vector, next, further } = last;
  return {
    pc: hex(pc),
    cause,
    value: hex(tval),
    instructions: Number(instructions),
    time,
    times,
    vector: { value: hex(vector.value), state: vector.state, written: vector.written === undefined ? null : hex(vector.written) },
    next:
      next === undefined ? null : { pc: hex(next.pc), cause: next.cause, value: hex(next.tval), instructions: Number(next.instructions) },
    further,
  };
}
