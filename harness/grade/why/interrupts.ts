/**
 * Why the interrupt that a kernel waits for does not come, or why one comes over and over. Nothing is said where none is awaited: then the
 * same state is only how the kernel was set up.
 */
import { awaitedLoad } from '../../evidence/awaited-load.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { InterruptsEvidence, LineEvidence } from '../../evidence/interrupts.ts';
import { isStorm, kernelMode } from '../../evidence/interrupts.ts';
import { panicOf } from '../../evidence/panic.ts';
import { queueMistake } from '../../evidence/queue-mistake.ts';
import type { Detail } from '../../result/result.ts';
import { obstacleLines } from './controls.ts';
import { devices } from './devices.ts';
import { pathOf } from './interrupt-path.ts';
import { pendingRegister } from './loop.ts';
import { storm } from './storm.ts';
import { text } from './text.ts';
import { timers, timeWait } from './timers.ts';
import { usedRing } from './used-ring.ts';

export function interrupts(evidence: Evidence): Detail[] {
  const { interrupts: found, exception, loop, explanations } = evidence;
  // A kernel that has given up waits for nothing.
  if (found === null || exception !== null || panicOf(evidence) !== null) return [];
  if (isStorm(found)) return storm(found, evidence);
  const awaited = found.lines.filter((line) => isAwaited(line, found, evidence));
  const keys = keysOf(found, evidence);
  const lines = [...awaited.flatMap((line) => driveLines(line, found, evidence)), ...keys];
  const isExplained = lines.length > 0;
  const state = loop === null && (isExplained || (explanations?.end ?? null) !== null) ? devices(evidence) : [];
  const rest = isExplained ? [] : timers(found, evidence);
  return [...state, ...lines, ...rest, ...timeWait(found).map(text)];
}

const RECEIVED = 1;
const UART_SOURCE = 10;

/** Keys that were typed while the kernel sleeps. */
function keysOf(found: InterruptsEvidence, evidence: Evidence): Detail[] {
  const { waiting, uart } = found;
  if (!waiting || uart.unread === 0) return [];
  const what = `${uart.unread} typed ${uart.unread === 1 ? 'key was' : 'keys were'} not read`;
  if ((uart.enabled & RECEIVED) === 0)
    return [text(`${what}, and the UART raises no interrupt for keys: bit 0 of its register IER (offset 1) is 0`)];
  return obstacleLines(pathOf(found, UART_SOURCE), `${what}, and the UART has raised its interrupt: `, '', evidence);
}

/** Whether the kernel waits for this device's interrupt, as far as that can be told. */
function isAwaited(line: LineEvidence, found: InterruptsEvidence, evidence: Evidence): boolean {
  const { used, drive, status } = line;
  if (used === null || used.index === 0 || pollsDevice(evidence)) return false;
  const looked = evidence.explanations?.interrupts?.looked.find((one) => one.drive === drive);
  const hasWork = looked === undefined ? status !== 0 : looked.elements < used.index;
  return hasWork && (isSetUp(line, found) || (found.waiting && looked !== undefined));
}

/** Whether the kernel itself looks for the answer, in a loop that does not sleep: an interrupt would change nothing of what it looks at. */
function pollsDevice(evidence: Evidence): boolean {
  const polled = awaitedLoad(evidence);
  if (evidence.loop === null || evidence.loop.sleeps || polled?.decides !== true) return false;
  // A variable may be one that a handler sets.
  const isOfDevice = polled.what.kind !== 'memory' && polled.what.kind !== 'stack';
  return isOfDevice || evidence.devices.some((device) => queueMistake(device, polled)?.elsewhere.has('used') === true);
}

const EXTERNAL = (1n << 9n) | (1n << 11n);

/** Whether the kernel has done something in the PLIC for this device, or by mistake for one that is not there. */
function isSetUp({ source }: LineEvidence, { sources, contexts, lines, mie }: InterruptsEvidence): boolean {
  const chosen = [
    ...sources.filter(({ priority, claims }) => priority > 0 || claims > 0).map((one) => one.source),
    ...contexts.flatMap(({ enabled }) => enabled),
  ];
  if (chosen.includes(source)) return true;
  const known = new Set([UART_SOURCE, ...lines.map((line) => line.source)]);
  const others = chosen.filter((one) => known.has(one));
  return others.length === 0 && (chosen.length > 0 || (BigInt(mie) & EXTERNAL) !== 0n);
}

/** What a kernel that looks for a pending interrupt itself, with traps off on purpose, does not see; undefined if it does not look. */
function ownLook(found: InterruptsEvidence, source: number, evidence: Evidence): string[] | undefined {
  const register = pendingRegister(evidence);
  const { statusRegister, status, pendingRegister: own, external, globally } = kernelMode(found);
  const areOff = pathOf(found, source).control === `${statusRegister}.${status[0]}`;
  if (register !== own || !areOff) return undefined;
  return [
    `it is bit ${external.bit} of ${own} (${external.pending}), which is 1, and the loop looks at ${own} and goes on: does it test a different bit? ` +
      `No handler runs meanwhile, since ${globally.name} is 0`,
  ];
}

function driveLines(line: LineEvidence, found: InterruptsEvidence, evidence: Evidence): Detail[] {
  const { drive, status, source } = line;
  const ring = usedRing(line, evidence);
  if (status === 0) return ring;
  const claims = evidence.explanations?.interrupts?.claims.find((claim) => claim.source === source);
  const before = `${drive}: its interrupt is pending (InterruptStatus is ${status}): `;
  const path =
    ownLook(found, source, evidence)?.map((rest) => text(`${before}${rest}`)) ?? obstacleLines(pathOf(found, source), before, '', evidence);
  return [...ring, ...path, ...(claims === undefined ? [] : [{ kind: 'code', text: 'claimed in', stack: claims.stack } as const])];
}
