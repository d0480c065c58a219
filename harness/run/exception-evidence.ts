/** The last exception as plain JSON, where it is what ended the run: a trap loop, or nothing printed and no device touched since. */
import type { Machine } from '../../machine/index.ts';
import type { Stop } from '../evidence/evidence.ts';
import type { ExceptionEvidence } from '../evidence/explanation.ts';

export function exceptionEvidence(machine: Machine, stop: Stop): ExceptionEvidence | null {
  const last = machine.debug.lastException();
  if (last === undefined) return null;
  const silentSince = (stop.reason === 'hang' || stop.reason === 'limit' || stop.reason === 'idle') && machine.lastEffect() <= last.time;
  if (stop.reason !== 'trap-loop' && !silentSince) return null;
  const hex = (value: bigint) => `0x${value.toString(16)}`;
  const { pc, cause, tval, instructions, time, nested } = last;
  return {
    pc: hex(pc),
    cause,
    value: hex(tval),
    instructions: Number(instructions),
    time,
    nested: nested === undefined ? null : { pc: hex(nested.pc), cause: nested.cause, value: hex(nested.tval) },
  };
}
