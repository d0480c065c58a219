/** How the end of a run is reported: the last line on standard error, and the exit code (docs/run.md lists them). */

import type { RunEnd, RunOutcome } from '../emulator/run-loop.ts';
import { describeStop } from '../evidence/stop.ts';
import { BAD_USAGE } from './exit-codes.ts';

/** E.g. `stopped: the kernel powered off after 1,234 instructions, 0.000001234 s of guest time`. */
export function endLine({ end, instructions, time }: Pick<RunOutcome, 'end' | 'instructions' | 'time'>): string {
  return `stopped: ${inWords(end)} after ${inGroups(instructions)} instruction${instructions === 1n ? '' : 's'}, ${seconds(time)} s of guest time`;
}

/** With a comma between groups of three digits. */
function inGroups(count: bigint): string {
  const digits = count.toString();
  const groups = [digits.slice(0, digits.length % 3)];
  for (let at = digits.length % 3; at < digits.length; at += 3) groups.push(digits.slice(at, at + 3));
  return groups.filter((group) => group !== '').join(',');
}

function inWords(end: RunEnd): string {
  switch (end.reason) {
    case 'left':
      return 'left with Ctrl-A x';
    case 'output-closed':
      return 'nobody reads standard output any more';
    case 'waiting-for-input':
      return `${describeStop(end)}, and its input has ended`;
    default:
      return describeStop(end);
  }
}

/** Nanoseconds as exact seconds without trailing zeroes. */
function seconds(nanoseconds: number): string {
  const [fraction = ''] = /^\d*[1-9]/.exec((nanoseconds % 1e9).toString().padStart(9, '0')) ?? [];
  return `${Math.floor(nanoseconds / 1e9)}${fraction && `.${fraction}`}`;
}

/** The guest cannot go on by itself, or its output goes nowhere. */
const STUCK = 1;
/** As `timeout` of GNU coreutils has it. */
const AT_LIMIT = 124;
/** The host failed, not the guest: as `grade` has it. */
export const HOST_FAILED = 3;

export function exitCode(end: RunEnd): number {
  switch (end.reason) {
    case 'exit':
      // A process's exit code has eight bits: a failure must not become a 0 by losing the others.
      return end.code & 0xff || (end.code === 0 ? 0 : STUCK);
    case 'until':
    case 'poweroff':
    case 'reset':
    case 'left':
    case 'power-cut':
      return 0;
    case 'limit':
      return AT_LIMIT;
    case 'idle':
    case 'waiting-for-input':
    case 'hang':
    case 'trap-loop':
    case 'output-closed':
      return STUCK;
    case 'host-limit':
    case 'worker-died':
    case 'host-fault':
    case 'undecided':
    case 'wrong-machine':
      return HOST_FAILED;
    case 'not-bootable':
    case 'no-disk':
      return BAD_USAGE;
  }
}
