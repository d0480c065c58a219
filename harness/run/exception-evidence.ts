/**
 * The exception as plain JSON, where it is what ended the run: a trap loop, nothing printed and no device touched since, or a trap
 * handler that never returned, as one that panics. A call of a user program is one if its handler returned to it up to the end, and one of S or
 * M mode, without firmware, if its handler was followed by further traps and by no return.
 */

import type { Machine, TakenException } from '../../machine/index.ts';
import { PRIVILEGE } from '../../machine/spec/riscv.ts';
import { hex } from '../bytes/hex.ts';
import type { Stop } from '../evidence/evidence.ts';
import type { ExceptionEvidence } from '../evidence/exception.ts';

/** So many times in a row one call must have been made: a kernel may repeat it while it waits for something. */
const MANY_CALLS = 16;

export function exceptionEvidence(machine: Machine, stop: Stop): ExceptionEvidence | null {
  const call = machine.debug.repeatedCall();
  const goesOn = stop.reason === 'hang' || stop.reason === 'limit';
  if (call !== undefined && call.times >= MANY_CALLS && goesOn) return evidenceOf(call);
  const open = machine.debug.openCall();
  if (open !== undefined && stop.reason !== 'until') return evidenceOf(open);
  const last = machine.debug.lastException();
  if (last === undefined) return null;
  // A kernel may map the pages of its programs when they are first used: such a fault ends nothing.
  const isHandled = last.privilege === PRIVILEGE.user && last.returned && last.times === 1;
  const silentSince =
    !isHandled && (stop.reason === 'hang' || stop.reason === 'limit' || stop.reason === 'idle') && machine.lastEffect() <= last.time;
  const neverReturned = !last.returned && stop.reason !== 'until';
  if (stop.reason !== 'trap-loop' && !silentSince && !neverReturned) return null;
  return evidenceOf(last);
}

function evidenceOf(taken: TakenException): ExceptionEvidence {
  const { pc, privilege, cause, tval, instructions, time, times, vector, next, further, depth } = taken;
  return {
    pc: hex(pc),
    mode: privilege === PRIVILEGE.user ? 'U' : privilege === PRIVILEGE.supervisor ? 'S' : 'M',
    cause,
    value: hex(tval),
    instructions: Number(instructions),
    time,
    times,
    vector: { ...vector, value: hex(vector.value), written: vector.written === undefined ? null : hex(vector.written) },
    next:
      next === undefined ? null : { pc: hex(next.pc), cause: next.cause, value: hex(next.tval), instructions: Number(next.instructions) },
    further,
    unreturned: depth,
  };
}
