/** Handlers of interrupts that do not leave the interrupted code's registers as they were, or are interrupted themselves. */
import { groupedDigits } from '../../bytes/grouped-digits.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { ExceptionEvidence, ExplainedException } from '../../evidence/exception.ts';
import type { ChangedRegister, Interrupted } from '../../evidence/interrupted.ts';
import { panicOf } from '../../evidence/panic.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { INTERRUPTS } from './interrupt-names.ts';
import { SENTENCE, text } from './text.ts';

/** Registers that are named. */
const MOST_NAMED = 4;
/** A stack pointer that is further away is that of a different task. */
const LARGEST_LEAK = 2048n;
/** As in harness/explain/last-interrupt.ts. */
const NESTED = 3;

/** Of a kernel that runs on and comes to no end, or has panicked. Code that sleeps may well have nothing in registers. */
export function handlerRegisters(evidence: Evidence): Detail[] {
  const { explanations, exception, interrupts } = evidence;
  if (exception !== null) return [];
  if (panicOf(evidence) !== null) return explanations?.interrupted == null ? [] : leftChanged(explanations.interrupted);
  if (interrupts?.waiting !== false) return [];
  return (explanations?.interrupts?.handlers ?? []).flatMap(leftChanged);
}

/** Of an exception after interrupts. */
export function interruptedBefore({ unreturned }: ExceptionEvidence, { interrupted }: ExplainedException): Detail[] {
  if (interrupted === null) return [];
  const { cause, enabled } = interrupted;
  const sentences = leftChanged(interrupted);
  if (unreturned < NESTED || enabled === null) return sentences;
  return [
    ...sentences,
    text(
      `${groupedDigits(unreturned)} traps had not been returned from before it, the last one the ${nameOf(cause)}: interrupts are turned on while their ` +
        'handler still runs, so that it is interrupted itself, again and again, and each time takes more of the stack, and sepc is overwritten. ' +
        'Leave them off in the handler: sret turns them on again',
    ),
    { kind: 'code', text: 'turned on at', stack: enabled },
  ];
}

type Left = Pick<Interrupted, 'cause' | 'changed' | 'frameStore' | 'at'>;

function leftChanged(left: Left): Detail[] {
  const found = [...frameStore(left), ...registers(left)];
  return found.length === 0 ? [] : [...found, { kind: 'code', text: 'interrupted at', stack: left.at }];
}

/** A frame that is too small for what is stored there. */
function frameStore({ cause, frameStore: store }: Left): Detail[] {
  if (store === null) return [];
  const { instruction, address, above, frame, stack } = store;
  return [
    text(
      `the handler of the ${nameOf(cause)} took ${frame} bytes from sp and stored beyond them (${printable(instruction, SENTENCE)}), to ${address}, ` +
        `${above} bytes above sp as it was when the interrupt came: there the interrupted code keeps its own variables and return address. Take as ` +
        'many bytes from sp as the handler stores',
    ),
    { kind: 'code', text: 'stored at', stack },
  ];
}

function registers({ cause, changed }: Left): Detail[] {
  const [first] = changed;
  if (first === undefined) return [];
  const start = `the handler of the ${nameOf(cause)}`;
  const sp = changed.find(({ register }) => register === 'sp');
  if (sp === undefined) {
    const named = changed
      .slice(0, MOST_NAMED)
      .map(({ register, before, after }) =>
        before === after
          ? `${register} (${after} after it, whatever it was before)`
          : `${register} (${before} before it, ${after} after it)`,
      );
    const rest = changed.length > MOST_NAMED ? ` and ${changed.length - MOST_NAMED} more` : '';
    return [
      text(
        `${start} did not leave all registers as they were: it changed ${named.join(', ')}${rest}. ${how(first)}The code that it interrupts needs ` +
          'them: save every register that the handler uses, and put them back before it returns',
      ),
      ...(first.stack === null ? [] : [{ kind: 'code', text: LEADS[first.how], stack: first.stack } as const]),
    ];
  }
  const lost = BigInt(sp.before) - BigInt(sp.after);
  // With other registers changed as well it may be a different task that goes on.
  if (changed.length > 1 || lost <= -LARGEST_LEAK || lost >= LARGEST_LEAK) return [];
  return [
    text(
      lost > 0n
        ? `${start} returned with sp ${lost} bytes lower than it was when the interrupt came: it must give back all of the stack that it takes, else the stack runs over after many interrupts`
        : `${start} returned with sp ${-lost} bytes higher than it was when the interrupt came: it must give back no more of the stack than it has taken`,
    ),
  ];
}

const LEADS: Readonly<Record<ChangedRegister['how'], string>> = {
  unsaved: 'changed at',
  late: 'changed at',
  elsewhere: 'loaded at',
  overwritten: 'stored over it at',
  kept: 'changed at',
  'partly-saved': 'saved at',
  'partly-loaded': 'loaded at',
  unknown: 'changed at',
};

/** What became of the first one, with a space after it; empty if that is not known. */
function how({ register, how: kind, instruction }: ChangedRegister): string {
  const by = instruction === null ? '' : ` (${printable(instruction, SENTENCE)})`;
  switch (kind) {
    case 'unsaved':
      return `The handler changed ${register}${by}, and never stored it to memory. `;
    case 'late':
      return `The handler changed ${register}${by} before it saved it, so that it saved the wrong value. `;
    case 'elsewhere':
      return `The handler saved ${register}, and then loaded it from a different place${by}. `;
    case 'overwritten':
      return `The handler saved ${register}, but then stored something over it${by}. `;
    case 'kept':
      return `The handler saved ${register} and changed it${by}, and did not load it again. `;
    case 'partly-saved':
      return `The handler saved only a part of ${register}${by}: a register has 8 bytes. `;
    case 'partly-loaded':
      return `The handler saved ${register}, and then loaded only a part of it${by}: a register has 8 bytes. `;
    case 'unknown':
      return '';
  }
}

const nameOf = (cause: number): string => `${INTERRUPTS[cause] ?? 'interrupt'} (cause ${cause})`;
