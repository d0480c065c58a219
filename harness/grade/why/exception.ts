/** The exception that a kernel did not survive. */
import type { Evidence } from '../../evidence/evidence.ts';
import type { ExceptionEvidence } from '../../evidence/explanation.ts';
import type { Detail } from '../../result/result.ts';
import { text } from './text.ts';

/** Privileged Architecture, scause. */
const CAUSES: Readonly<Record<number, string>> = {
  0: 'instruction address misaligned',
  1: 'instruction access fault',
  2: 'illegal instruction',
  3: 'breakpoint',
  4: 'load address misaligned',
  5: 'load access fault',
  6: 'store address misaligned',
  7: 'store access fault',
  12: 'instruction page fault',
  13: 'load page fault',
  15: 'store page fault',
};
const ILLEGAL_INSTRUCTION = 2;

function causeOf({ cause, value }: Pick<ExceptionEvidence, 'cause' | 'value'>): string {
  const name = CAUSES[cause] ?? `exception ${cause}`;
  return cause === ILLEGAL_INSTRUCTION ? `${name} (${value})` : `${name} at address ${value}`;
}

export function exception({ exception: taken, explanations }: Evidence): Detail[] {
  if (taken === null) return [];
  const explained = explanations?.exception ?? null;
  const instruction = explained?.instruction ?? null;
  const what = `${causeOf(taken)}, by the instruction at ${taken.pc}${instruction === null ? '' : `: ${instruction}`}`;
  const details = [text(`the last exception, after ${taken.instructions.toLocaleString('en-US')} instructions: ${what}`)];
  if (explained !== null) {
    details.push({ kind: 'code', text: 'trapped at', stack: explained.stack });
    const walk = explained.walk.map(({ level, address, entry }) => `level ${level}: entry at ${address} is ${entry}`);
    if (explained.walkEnd !== null) details.push(text(`page table: ${[...walk, explained.walkEnd].join('; ')}`));
  }
  if (taken.nested !== null) details.push(text(`the trap vector at ${taken.nested.pc} then faulted itself: ${causeOf(taken.nested)}`));
  return details;
}
