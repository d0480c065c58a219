/** Code that is not what the kernel file has there: who has overwritten it. */
import type { StoreExplanation } from '../../evidence/code-place.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { deviceWrite } from './dma.ts';
import { SENTENCE, text } from './text.ts';

export interface ChangedCode {
  readonly pc: string;
  readonly file: string;
  /** Null where what is there now is no instruction. */
  readonly instruction: string | null;
  readonly store: StoreExplanation | null;
  /** The stack pointer; null where it points into a variable. */
  readonly sp: string | null;
}

export function changedCode({ pc, file, instruction, store, sp }: ChangedCode, evidence: Evidence): Detail[] {
  const now = instruction === null ? 'something different' : printable(instruction, SENTENCE);
  const start = `the code at ${pc} was overwritten: the kernel file has ${file} there, and memory has ${now}`;
  switch (store?.by) {
    case undefined:
    case 'nobody':
      return [text(`${start}${stack(pc, sp, '')}`)];
    case 'device':
      return [text(`${start}; the device has written there last${deviceWrite(pc, store, evidence)}: a buffer lies over the code`)];
    case 'kernel':
      return [
        text(`${start}; stored last by ${printable(store.instruction, SENTENCE)}${stack(pc, sp, store.instruction)}`),
        { kind: 'code', text: 'overwritten at', stack: store.stack },
      ];
  }
}

const LARGE = 'Is an array in a function larger than the stack, or does a function call itself too often?';

function stack(pc: string, sp: string | null, instruction: string): string {
  if (instruction.endsWith('(sp)')) return `: that is a store to the stack, which has run down over the code. ${LARGE}`;
  return sp !== null && BigInt(sp) <= BigInt(pc) ? `; sp is ${sp}, below this code: has the stack run down over it? ${LARGE}` : '';
}
