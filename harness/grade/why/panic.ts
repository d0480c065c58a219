/** The panic that a kernel ended in: its message, and the calls that led to it. */

import type { CodeStack } from '../../evidence/code-place.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { panicOf } from '../../evidence/panic.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { INTERRUPTS } from './interrupt-names.ts';
import { SENTENCE, text } from './text.ts';

export function panic(evidence: Evidence): Detail[] {
  const found = panicOf(evidence);
  if (found === null) return [];
  const where = found.file === null ? '' : ` at ${printable(found.file, SENTENCE)}:${found.line}`;
  const stack = evidence.explanations?.panic ?? null;
  const calls = stack === null ? null : beforePanicking(stack);
  return [
    text(`the kernel panicked${where}${found.message === '' ? '' : `: ${printable(found.message, SENTENCE)}`}`),
    ...(calls === null || calls.places.length === 0 ? [] : [{ kind: 'code', text: 'panicked in', stack: calls } as const]),
    ...inHandler(evidence, found.message),
  ];
}

/** Messages of a handler that did not know what had happened. */
const UNKNOWN = /trap|cause|unhandled|unexpected|unknown|exception|interrupt/i;
const INTERRUPT = 1n << 63n;

/** An interrupt is no fault: a kernel that panics because of it has most likely not known it. */
function inHandler({ unfinishedInterrupt: found, exception }: Evidence, message: string): Detail[] {
  if (found === undefined || exception !== null) return [];
  const { cause, mode } = found;
  const name = INTERRUPTS[cause] ?? `interrupt ${cause}`;
  const register = mode === 'S' ? 'scause' : 'mcause';
  const value = `0x${(INTERRUPT | BigInt(cause)).toString(16)}`;
  const question = UNKNOWN.test(message) ? ': does the handler compare with both, before it takes the trap for a fault?' : '';
  return [
    text(
      `that was in the handler of the ${name}, before it had returned. ${register} is ${value} there: the highest bit (63) says that it is an interrupt, and ` +
        `the rest, ${cause}, which one${question}`,
    ),
  ];
}

const PANICKING = /panic|unwind|\bdie\b|abort|fatal|assert/i;

/** Without the functions that only print the message. */
function beforePanicking({ places, leftOut, notes }: CodeStack): CodeStack {
  const flat = places.flatMap(({ address, frames }) => frames.map((frame) => ({ address, frame })));
  const last = flat.findLastIndex(({ frame }) => frame.function !== null && PANICKING.test(frame.function));
  const rest = flat.slice(last + 1);
  const addresses = [...new Set(rest.map(({ address }) => address))];
  const kept = addresses.map((address) => ({ address, frames: rest.filter((one) => one.address === address).map(({ frame }) => frame) }));
  return { places: rest.length === 0 ? places : kept, leftOut, notes };
}
