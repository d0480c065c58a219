/** The last call of the SBI as plain JSON, if it was refused and the kernel has done nothing that is seen after it. */
import type { Machine } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { StopReason } from '../evidence/evidence.ts';
import type { RefusedCall } from '../evidence/sbi.ts';

/** Ends of a kernel that did not come to an end by itself. */
const STUCK: ReadonlySet<StopReason> = new Set(['hang', 'idle', 'limit', 'waiting-for-input']);

export function refusedCall(machine: Machine, reason: StopReason): RefusedCall | undefined {
  const call = machine.debug.refusedCall();
  if (call === undefined || !STUCK.has(reason) || machine.lastEffect() > call.time) return undefined;
  const { pc, extension, argument, error, known, time } = call;
  return {
    pc: hex(pc),
    extension: hex(extension),
    function: hex(call.function),
    argument: hex(argument),
    error: Number(error),
    name: known?.name ?? null,
    functions: known?.functions ?? 0,
    time,
  };
}
