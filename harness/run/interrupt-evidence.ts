/** What decides about interrupts at the end of a run, as plain JSON. */
import type { InterruptView, Machine } from '../../machine/index.ts';
import { hex } from '../bytes/hex.ts';
import type { Evidence, StopReason } from '../evidence/evidence.ts';
import type { InterruptsEvidence } from '../evidence/interrupts.ts';

/** Ends at which a kernel may have been waiting for an interrupt that did not come, or was interrupted all the time. */
const WAITED: ReadonlySet<StopReason> = new Set(['idle', 'waiting-for-input', 'hang', 'limit']);

type State = Omit<InterruptsEvidence, 'timeWait' | 'ahead'>;

/** To be called before the requests in flight are completed. Null if the kernel came to an end of its own. */
export function interruptEvidence(machine: Machine, devices: readonly string[], reason: StopReason): State | null {
  if (!WAITED.has(reason)) return null;
  const view = machine.interrupts();
  return {
    ...hartState(view),
    taken: view.taken.map(({ pc, ...taken }) => ({ ...taken, pc: hex(pc) })),
    inARow: view.inARow,
    sources: view.sources.map(({ lastClaim, ...source }) => ({ ...source, lastClaim: lastClaim ?? null })),
    contexts: [...view.contexts],
    lines: machine.devices.flatMap((device, index) => {
      const interrupt = device.interrupt();
      if (interrupt === undefined) return [];
      const { status, refused, usedIndex } = interrupt;
      const queue = device.queue();
      const used = queue === undefined ? null : { ring: hex(queue.used), size: queue.size, index: usedIndex };
      return [{ drive: devices[index]!, source: device.source, status, refused, used }];
    }),
    uart: view.uart,
  };
}

/** The interrupt that the kernel was handling when it came to an end of its own; undefined if it had returned from its handler. */
export function unfinishedInterrupt(machine: Machine, reason: StopReason): Evidence['unfinishedInterrupt'] {
  if (WAITED.has(reason)) return undefined;
  const last = [...machine.interrupts().taken].sort((a, b) => a.time - b.time).at(-1);
  return last === undefined || last.returned ? undefined : { cause: last.cause, mode: last.mode };
}

function hartState({ mode, waiting, firmware, mstatus, mip, mie, mideleg, stvec, mtvec, time, stimecmp, mtimecmp }: InterruptView) {
  return {
    mode,
    waiting,
    firmware,
    mstatus: hex(mstatus),
    mip: hex(mip),
    mie: hex(mie),
    mideleg: hex(mideleg),
    stvec: hex(stvec),
    mtvec: hex(mtvec),
    time: time.toString(),
    stimecmp: stimecmp.toString(),
    mtimecmp: mtimecmp.toString(),
  };
}

/** The loop that a kernel looks at the time in, if it is in one. Lets the machine run on, so it must be called after everything else. */
export function timeWait(machine: Machine): InterruptsEvidence['timeWait'] {
  const wait = machine.debug.timeWait();
  return wait === undefined ? null : { pc: hex(wait.pc), until: wait.until.toString() };
}
