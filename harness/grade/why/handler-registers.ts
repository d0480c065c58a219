/** Handlers of interrupts that do not leave the interrupted code's registers as they were, or are interrupted themselves. */
import type { Evidence } from '../../evidence/evidence.ts';
import type { ExceptionEvidence, ExplainedException } from '../../evidence/exception.ts';
import type { AwaitedExplanation } from '../../evidence/explanation.ts';
import { panicOf } from '../../evidence/panic.ts';
import type { Detail } from '../../result/result.ts';
import { amount } from './causes.ts';
import { INTERRUPTS } from './interrupt-names.ts';
import { text } from './text.ts';

type Changed = AwaitedExplanation['handlers'][number]['changed'];

/** Registers that are named. */
const MOST_NAMED = 4;
/** A stack pointer that is further away is that of a different task. */
const LARGEST_LEAK = 2048n;
/** As in harness/explain/last-interrupt.ts. */
const NESTED = 3;

/** Of a kernel that runs on and comes to no end. Code that sleeps may well have nothing in registers. */
export function handlerRegisters(evidence: Evidence): Detail[] {
  const { explanations, exception, interrupts } = evidence;
  if (exception !== null || interrupts?.waiting !== false || panicOf(evidence) !== null) return [];
  return (explanations?.interrupts?.handlers ?? []).flatMap(({ cause, changed }) => leftChanged(cause, changed).map(text));
}

/** Of an exception after interrupts. */
export function interruptedBefore({ unreturned }: ExceptionEvidence, { interrupted }: ExplainedException): Detail[] {
  if (interrupted === null) return [];
  const { cause, changed, enabled } = interrupted;
  const sentences = leftChanged(cause, changed).map(text);
  if (unreturned < NESTED || enabled === null) return sentences;
  return [
    ...sentences,
    text(
      `${amount(unreturned)} traps had not been returned from before it, the last one the ${nameOf(cause)}: interrupts are turned on while their ` +
        'handler still runs, so that it is interrupted itself, again and again, and each time takes more of the stack, and sepc is overwritten. ' +
        'Leave them off in the handler: sret turns them on again',
    ),
    { kind: 'code', text: 'turned on at', stack: enabled },
  ];
}

function leftChanged(cause: number, changed: Changed): string[] {
  const [first] = changed;
  if (first === undefined) return [];
  const start = `the handler of the ${nameOf(cause)}`;
  const sp = changed.find(({ register }) => register === 'sp');
  if (sp === undefined) {
    const named = changed.slice(0, MOST_NAMED).map(({ register, before, after }) => `${register} (${before} before it, ${after} after it)`);
    const rest = changed.length > MOST_NAMED ? ` and ${changed.length - MOST_NAMED} more` : '';
    return [
      `${start} did not leave all registers as they were: it changed ${named.join(', ')}${rest}. The code that it interrupts needs them: save every ` +
        'register that the handler uses, and put them back before it returns',
    ];
  }
  const lost = BigInt(sp.before) - BigInt(sp.after);
  // With other registers changed as well it may be a different task that goes on.
  if (changed.length > 1 || lost <= -LARGEST_LEAK || lost >= LARGEST_LEAK) return [];
  return [
    lost > 0n
      ? `${start} returned with sp ${lost} bytes lower than it was when the interrupt came: it must give back all of the stack that it takes, else the stack runs over after many interrupts`
      : `${start} returned with sp ${-lost} bytes higher than it was when the interrupt came: it must give back no more of the stack than it has taken`,
  ];
}

const nameOf = (cause: number): string => `${INTERRUPTS[cause] ?? 'interrupt'} (cause ${cause})`;
