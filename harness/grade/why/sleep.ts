/** What became of the interrupts of a kernel that sleeps in WFI: of the variable that it waits for, and what the handlers did last. */

import type { AwaitedExplanation } from '../../evidence/awaited-interrupt.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { type InterruptsEvidence, isStorm, kernelMode } from '../../evidence/interrupts.ts';
import type { LoopLoadEvidence } from '../../evidence/loop.ts';
import { panicOf } from '../../evidence/panic.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { INTERRUPTS } from './interrupt-names.ts';
import { openHandler, sourceName, times } from './interrupt-path.ts';
import { nameOf, small } from './loop.ts';
import { at, text } from './text.ts';

export function sleep(evidence: Evidence): Detail[] {
  const { interrupts: found, explanations, exception } = evidence;
  const explained = explanations?.interrupts ?? null;
  if (found === null || explained === null || !found.waiting || isStorm(found) || exception !== null || panicOf(evidence) !== null)
    return [];
  const { variable, handlers } = explained;
  const taken = found.taken.map(({ count }) => count).reduce((a, b) => a + b, 0);
  return [
    ...(BigInt(found.mie) === 0n
      ? [text(`no interrupt is enabled (${kernelMode(found).enableRegister} is 0), so nothing ends this WFI`)]
      : []),
    ...(found.ahead !== null && taken > 0 ? lost(variable) : []),
    ...(evidence.loop?.sleeps === true && variable !== null ? history(variable, hasUnread(evidence) ? [] : handlers) : []),
    ...handlers.flatMap((handler) => did(handler, found)),
  ];
}

/** Elements of a used ring that the driver has not looked at: the handler had no reason to mark the request that the kernel waits for. */
function hasUnread({ interrupts: found, explanations }: Evidence): boolean {
  return (found?.lines ?? []).some(({ drive, used }) => {
    const looked = explanations?.interrupts?.looked.find((one) => one.drive === drive)?.elements;
    return used !== null && looked !== undefined && looked < used.index;
  });
}

type Variable = NonNullable<AwaitedExplanation['variable']>;
type Handler = AwaitedExplanation['handlers'][number];
type HandlerStep = Handler['steps'][number];

const REMEDY =
  'turn interrupts off (sstatus.SIE) before the look, and on again after the WFI, which ends for an interrupt that is pending even then';

/** The kernel would go on if it were woken once more. */
function lost(variable: AwaitedExplanation['variable']): Detail[] {
  if (variable === null || variable.seen === null) {
    return [
      text(
        'the next interrupt would let the kernel go on, whichever it is: it does not come back to this WFI. If the interrupt that it waits for ' +
          `came before the WFI, it has missed it: wait in a loop that looks at what the handler does, and ${REMEDY}`,
      ),
    ];
  }
  const { load, symbol, seen, place, stores } = variable;
  const what = `${nameOf(load.what, symbol)} at ${load.address}`;
  return [
    text(
      `${what} was ${small(seen)} when the kernel looked at it, and is ${small(load.value)} now: it was set between that look and the WFI, ` +
        `which then waits for an interrupt that has come already (a lost wakeup): ${REMEDY}`,
    ),
    at('looked at it at', place),
    ...storedAt(stores.at(-1), 'set at'),
  ];
}

/** Who stored to it last, and whether it had the awaited value for a while. */
function history(variable: Variable, handlers: readonly Handler[]): Detail[] {
  const { load, symbol, stores } = variable;
  const name = nameOf(load.what, symbol);
  const last = stores.at(-1);
  if (last === undefined) return [text(`nothing has ever stored to ${name} at ${load.address}`), ...beside(variable, handlers)];
  const before = stores.at(-2);
  if (before === undefined || before.looked || before.value === null || !isAwaited(load, before.value)) {
    return [text(`${name} ${storedLast(last)}`), ...storedAt(last, 'stored at'), ...beside(variable, handlers)];
  }
  return [
    text(
      `${name} had the value that the kernel waits for, ${small(before.value)}, and was then set back to ${storedValue(last)} before the kernel ` +
        'had looked at it',
    ),
    ...storedAt(before, `set to ${small(before.value)} at`),
    ...storedAt(last, `set back to ${storedValue(last)} at`),
  ];
}

/** A handler that stores what the kernel waits for to another part of the same variable. */
function beside({ load, symbol }: Variable, handlers: readonly Handler[]): Detail[] {
  if (symbol === null) return [];
  const other = handlers
    .flatMap(({ steps }) => steps)
    .findLast((step) => {
      if (step.kind !== 'stored' || step.address === load.address) return false;
      return whole(step.symbol) === whole(symbol) && isAwaited(load, step.value);
    });
  if (other?.kind !== 'stored') return [];
  return [
    text(`the handler stored to ${printable(other.symbol)}, and the kernel waits for ${printable(symbol)}: is it the same request?`),
    at('the handler stored at', other.place),
  ];
}

/** The variable without the distance into it. */
const whole = (symbol: string): string => symbol.replace(/\+0x[0-9a-f]+$/, '');

type Store = Variable['stores'][number];

function storedValue({ value }: Store): string {
  return value === null ? 'a different value' : small(value);
}

function storedLast({ value, stack }: Store): string {
  const what = value === null ? '' : stack === null ? `, as ${small(value)}` : ` with ${small(value)}`;
  return stack === null ? `was written last by the device${what}` : `was stored last${what}`;
}

function isAwaited({ awaited }: LoopLoadEvidence, value: string): boolean {
  if (awaited === undefined) return false;
  const masked = BigInt(value) & BigInt(awaited.mask);
  const wanted = BigInt(awaited.value);
  switch (awaited.relation) {
    case 'other':
      return masked !== wanted;
    case 'equal':
      return masked === wanted;
    case 'at-least':
      return masked >= wanted;
    case 'below':
      return masked < wanted;
  }
}

function storedAt(store: Store | undefined, label: string): Detail[] {
  return store === undefined || store.stack === null ? [] : [{ kind: 'code', text: label, stack: store.stack }];
}

function did({ cause, returned, steps }: Handler, found: InterruptsEvidence): Detail[] {
  const name = INTERRUPTS[cause] ?? `interrupt ${cause}`;
  const count = found.taken.find((taken) => taken.cause === cause)?.count ?? 1;
  const list = [...new Set(steps.map((step) => said(step, found)))];
  const what = list.length === 0 ? 'claimed nothing, and stored to no variable' : list.join(', then ');
  const end = returned ? '' : `; it did not come back to the code that it interrupted${sleepsInside(cause, found)}`;
  const disabled = steps.find((step) => step.kind === 'disabled');
  return [
    text(`the ${name} (cause ${cause}) was taken ${times(count)}; the last time its handler ${what}${end}`),
    ...wrongCompletion(steps, found),
    ...(disabled === undefined ? [] : [at('turned off at', disabled.place)]),
  ];
}

/** No return from any trap since then, and interrupts off: the WFI is in the handler, or in what it has called. */
function sleepsInside(cause: number, found: InterruptsEvidence): string {
  if (openHandler(found)?.cause !== cause) return '';
  return `. The kernel sleeps inside that handler, where ${kernelMode(found).globally.name} is 0: no further interrupt is taken before it returns, so a handler must not wait for one`;
}

function said(step: HandlerStep, { lines }: InterruptsEvidence): string {
  switch (step.kind) {
    case 'claimed':
      return step.source === 0
        ? 'claimed source 0, which means that none was pending'
        : `claimed source ${step.source} (${sourceName(step.source, lines)})`;
    case 'completed':
      return `completed source ${step.source}`;
    case 'acknowledged':
      return `acknowledged ${step.drive} (InterruptACK ${small(step.value)})`;
    case 'looked':
      return `looked at the used ring of ${step.drive}`;
    case 'stored':
      return `stored ${small(step.value)} to ${printable(step.symbol)}`;
    case 'disabled':
      return `turned interrupts off (bits ${step.bits} of sie)`;
  }
}

/** What was claimed must be completed. */
function wrongCompletion(steps: readonly HandlerStep[], { sources }: InterruptsEvidence): Detail[] {
  const wrong = steps.find(
    (step) => step.kind === 'completed' && !steps.some((one) => one.kind === 'claimed' && one.source === step.source),
  );
  const claimed = steps.find((step) => step.kind === 'claimed' && sources.some((one) => one.source === step.source && one.claimed));
  if (wrong?.kind !== 'completed' || claimed?.kind !== 'claimed') return [];
  return [
    text(`it claimed source ${claimed.source} and wrote ${wrong.source} back: write the number that was read from the claim register`),
    at('completed at', wrong.place),
  ];
}
