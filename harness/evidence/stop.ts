/** Why a machine stopped, in words. */

import { MOST_EXCEPTIONS_IN_A_ROW, MOST_INTERRUPTS_IN_A_ROW } from '../../machine/spec/bounds.ts';
import { groupedDigits } from '../bytes/grouped-digits.ts';
import type { Stop, StopReason } from './evidence.ts';
import { printable, quoted } from './printable.ts';

/** Stops that are the grader's fault: such a run gets no grade. */
const OUR_FAULT: readonly StopReason[] = ['host-limit', 'worker-died', 'host-fault', 'undecided', 'wrong-machine'];

/** The end of a run in which interrupts follow each other and nothing else runs any more. */
export const INTERRUPTS_IN_A_ROW: Stop = {
  reason: 'limit',
  limit: `${groupedDigits(MOST_INTERRUPTS_IN_A_ROW)} interrupts in a row`,
};

/** The end of a run in which a trap handler faults again and again, and never returns. */
export const EXCEPTIONS_IN_A_ROW: Stop = {
  reason: 'limit',
  limit: `${groupedDigits(MOST_EXCEPTIONS_IN_A_ROW)} exceptions in a row`,
};

export function isOurFault({ reason }: Stop): boolean {
  return OUR_FAULT.includes(reason);
}

/**
 * Whether the machine stopped for a reason of the rubric's. QEMU powers off where a kernel writes success (0x5555) to the test finisher, which
 * is how kernels without an SBI do it.
 */
export function stoppedBy(reason: StopReason, stop: Stop): boolean {
  return stop.reason === reason || (reason === 'poweroff' && stop.reason === 'exit' && stop.code === 0);
}

/** The rubric's word for the reason and what it means: `poweroff: the kernel powered off`; only the sentence where that has the word in it. */
export function describeReason(stop: Stop): string {
  switch (stop.reason) {
    case 'idle':
    case 'hang':
    case 'limit':
    case 'trap-loop':
      return describeStop(stop);
    default:
      return `${stop.reason}: ${describeStop(stop)}`;
  }
}

/** E.g. `console reached "login:"`; stands after "machine stopped: ". */
export function describeStop(stop: Stop): string {
  switch (stop.reason) {
    case 'until':
      if (stop.console === undefined) return `the kernel called ${printable(stop.reaches ?? '', 1000)}`;
      return `console reached ${quoted(stop.console)}${stop.matches === undefined ? '' : `, which matches ${quoted(stop.matches)}`}`;
    case 'poweroff':
      return 'the kernel powered off';
    case 'reset':
      return 'the kernel asked for a reset';
    case 'exit':
      return `the kernel exited with code ${stop.code}`;
    case 'idle':
      return 'idle: the kernel waits for an interrupt and nothing is scheduled';
    case 'waiting-for-input':
      return 'the kernel waits for console input';
    case 'hang':
      return 'hang: the kernel provably runs for ever';
    case 'limit':
      return `the limit of ${stop.limit} was reached`;
    case 'trap-loop':
      return 'trap-loop: the kernel traps for ever';
    case 'power-cut':
      return 'the power was cut, as the rubric has it';
    case 'host-limit':
      return `the host's limit of ${stop.limit} was reached`;
    case 'worker-died':
      return `the process that graded it failed: ${printable(stop.message, 1000)}`;
    case 'host-fault':
      return `this computer is at fault: ${printable(stop.message, 1000)}`;
    case 'undecided':
    case 'wrong-machine':
    case 'no-disk':
    case 'not-bootable':
      return printable(stop.message, 1000);
  }
}
