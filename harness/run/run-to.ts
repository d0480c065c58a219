/** Runs a machine until something ends its run: the scenario, the guest, or one of the bounds of what a guest may use up. */
import type { Machine, RunResult } from '../../machine/index.ts';
import type { Stop } from '../evidence/evidence.ts';
import { EXCEPTIONS_IN_A_ROW, INTERRUPTS_IN_A_ROW } from '../evidence/stop.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { CONSOLE_BYTES } from './console-log.ts';
import { answer } from './dialogue.ts';
import type { HostGuard } from './host-guard.ts';
import type { Drive, GuestConsole } from './power-on.ts';
import { workInWords } from './work-in-words.ts';

/** Instructions between two looks at the bounds and at the host's guard. */
const SLICE = 10_000_000;

/** Runs slice by slice until something ends the run, or to a guest time. */
export function runTo(
  machine: Machine,
  scenario: Scenario,
  drives: readonly Drive[],
  guest: GuestConsole,
  guard: HostGuard,
  until: number,
): Stop | undefined {
  const end = scenario.limit.nanoseconds;
  const slice = SLICE * scenario.machine.clock;
  while (machine.now() < until) {
    if (guard.look()) return { reason: 'host-limit', limit: guard.limit };
    const result = machine.run(Math.min(end, until, (Math.floor(machine.now() / slice) + 1) * slice));
    if (guest.dialogue.reached !== undefined) return { reason: 'until', ...guest.dialogue.reached };
    const exceeded = boundExceeded(drives, guest);
    if (exceeded !== undefined) return { reason: 'limit', limit: exceeded };
    const ended = react(result, scenario, machine, guest, guard);
    if (ended !== undefined) return ended;
    if (machine.now() >= end) return { reason: 'limit', limit: scenario.limit.text };
  }
  return undefined;
}

/** Why the run is over, by what the machine came back with; undefined if it goes on. */
function react(result: RunResult, scenario: Scenario, machine: Machine, { dialogue }: GuestConsole, guard: HostGuard): Stop | undefined {
  switch (result.reason) {
    case 'time':
      return undefined;
    case 'paused':
      answer(dialogue, machine);
      return undefined;
    case 'work':
      return { reason: 'limit', limit: workInWords(scenario.work, machine.workDone()) };
    case 'interrupt-storm':
      return INTERRUPTS_IN_A_ROW;
    case 'exception-storm':
      return EXCEPTIONS_IN_A_ROW;
    case 'interrupted':
      return { reason: 'host-limit', limit: guard.limit };
    default:
      return result;
  }
}

/** What the guest has used up, in words; undefined while it has not. */
function boundExceeded(drives: readonly Drive[], guest: GuestConsole): string | undefined {
  if (guest.written.full) return `${CONSOLE_BYTES / 2 ** 20} MiB of console output`;
  const full = drives.find(({ disk }) => disk.overflow !== undefined);
  return full && `${full.disk.overflow} written to drive ${full.name}`;
}
