/** A hart that went on in the middle of an instruction. */
import type { ExplainedException } from '../../evidence/exception.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { SENTENCE, text } from './text.ts';

type Middle = NonNullable<ExplainedException['middle']>;

export function middleOfInstruction(middle: Middle): Detail[] {
  const { to, begins, instruction, by, stack } = middle;
  return [
    text(
      `the hart was in the middle of an instruction: ${printable(by, SENTENCE)} went to ${to}, and the instruction there begins at ${begins} ` +
        `(${printable(instruction, SENTENCE)}). ${remedy(middle)}`,
    ),
    { kind: 'code', text: by === 'sret' || by === 'mret' ? 'that return is at' : 'that jump is at', stack },
  ];
}

function remedy({ by, trap, to }: Middle): string {
  const register = by === 'mret' ? 'mepc' : 'sepc';
  if (trap === null) {
    return by === 'sret' || by === 'mret'
      ? `${register} must hold the address of an instruction`
      : 'The address in the register is not that of an instruction: was something added to it?';
  }
  if (trap.kind === 'interrupt') {
    return `That was a return from an interrupt: ${register} is the instruction that comes next, so the handler must leave it as it is`;
  }
  const { pc, instruction, length } = trap;
  const added = BigInt(to) - BigInt(pc);
  const what = `The instruction that trapped is at ${pc} (${printable(instruction, SENTENCE)}) and has ${length} bytes`;
  return added > 0n && added <= 8n
    ? `${what}, and the handler has added ${added} to ${register}. It must add the instruction's length: 2 bytes, or 4 where its lowest two bits are 11`
    : `${what}: the handler must set ${register} to the address of an instruction`;
}
