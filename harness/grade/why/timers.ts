/** The timer that a kernel waits for, or the time for which it waits in a loop. */

import { TIMEBASE_FREQUENCY } from '../../../machine/spec/virt-board.ts';
import { groupedDigits } from '../../bytes/grouped-digits.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { type InterruptsEvidence, kernelMode } from '../../evidence/interrupts.ts';
import type { LoopEvidence } from '../../evidence/loop.ts';
import type { Detail } from '../../result/result.ts';
import { obstacleLines } from './controls.ts';
import { atHart, isSet, times } from './interrupt-path.ts';
import { text } from './text.ts';

const NEVER = (1n << 64n) - 1n;
const FREQUENCY = BigInt(TIMEBASE_FREQUENCY);
/** A timer that is nearer than this may just be the next tick: a second. */
const FAR = FREQUENCY;

const CLOCK = `time counts at 10 MHz, ${groupedDigits(FREQUENCY)} ticks a second`;

/** For a kernel that waits in WFI, or in a loop for a variable that the timer's handler may change. */
export function timers(found: InterruptsEvidence, evidence: Evidence): Detail[] {
  const { loop } = evidence;
  const mode = kernelMode(found);
  const { timer } = mode;
  const set = BigInt(mode.name === 'S' ? found.stimecmp : found.mtimecmp);
  const never = mode.name === 'S' ? NEVER : 0n;
  const isEnabled = isSet(found.mie, timer.bit);
  const now = BigInt(found.time);
  const isDue = set !== never && set <= now;
  // A kernel that spins may wait for a variable that the timer's handler changes.
  if (!found.waiting && !((isEnabled || isDue) && loop !== null && waitsForVariable(loop))) return [];
  if (set === never && !isEnabled) return [];
  const taken = found.taken.find(({ cause }) => cause === timer.bit)?.count ?? 0;
  if (set === NEVER && taken > 0) {
    return [
      text(`the timer's interrupt was taken ${times(taken)}, and the timer was then set to 2^64-1, which means never: no other one comes`),
    ];
  }
  if (set === NEVER)
    return [
      text(
        `${mode.enableRegister}.${timer.enable} is set, but the timer is not (${howToSet(mode.name)}), so that its interrupt never comes`,
      ),
    ];
  if (set > now) {
    if (set - now < FAR) return [];
    return [
      text(`the timer is set to ${groupedDigits(set)}, and time is ${groupedDigits(now)} (${CLOCK}): that is ${distance(set - now)} away`),
    ];
  }
  if (!isSet(found.mip, timer.bit)) return [];
  const before = taken === 0 ? 'the timer is set' : `the timer's interrupt was taken ${times(taken)}; the timer is still set`;
  return obstacleLines(
    atHart(found, timer),
    `${before} to ${groupedDigits(set)}, and time is ${groupedDigits(now)}: `,
    taken === 0 ? '' : '; the handler has to set the next time as well',
    evidence,
  );
}

function waitsForVariable({ loads: [first], instructions, scan }: LoopEvidence): boolean {
  if (scan !== undefined) return false;
  return instructions.some(({ text }) => text === 'wfi') || first?.what.kind === 'memory' || first?.what.kind === 'stack';
}

function howToSet(mode: 'M' | 'S'): string {
  return mode === 'S' ? 'by the SBI call set_timer, or by stimecmp' : 'by mtimecmp';
}

/** For a kernel that looks at the time in a loop. */
export function timeWait({ timeWait: wait, time }: InterruptsEvidence): string[] {
  if (wait === null) return [];
  const [until, now] = [BigInt(wait.until), BigInt(time)];
  if (until <= now) return [];
  return [
    `the kernel looks at the time in a loop: time is ${groupedDigits(now)}, and the branch at ${wait.pc} waits for ${groupedDigits(until)}, ` +
      `which is ${distance(until - now)} away (${CLOCK}: one tick is 100 ns)`,
  ];
}

const UNITS: readonly (readonly [string, bigint])[] = [
  ['year', 31_557_600n],
  ['day', 86_400n],
  ['hour', 3600n],
  ['minute', 60n],
];

/** E.g. `9.9 seconds`, `200 years`. */
export function distance(ticks: bigint): string {
  const seconds = ticks / FREQUENCY;
  for (const [unit, length] of UNITS) {
    if (seconds >= 2n * length) return `${groupedDigits(seconds / length)} ${unit}s`;
  }
  const exact = Number(ticks) / TIMEBASE_FREQUENCY;
  return exact >= 0.1 ? `${exact.toFixed(1)} seconds` : `${(exact * 1000).toFixed(3)} ms`;
}
