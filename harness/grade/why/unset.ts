/** Of a kernel that takes .bss for zeroes, where RAM was not zero at power-on, or where it resets the machine. */
import type { Evidence } from '../../evidence/evidence.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { small } from './loop.ts';
import { SENTENCE, text } from './text.ts';

export function unset({ explanations }: Evidence): Detail[] {
  const found = explanations?.unset;
  if (found === undefined) return [];
  const { symbol, address, value, end, filled, others, stack } = found;
  const name = printable(symbol, SENTENCE);
  const rest = others.length === 0 ? '' : ` So it was with ${others.map((one) => printable(one, SENTENCE)).join(', ')}.`;
  const what = `the kernel read the variable ${name} at ${address} before anything had stored to it`;
  const advice = 'Set .bss to zero at the beginning of the kernel, before its first use';
  const sentence = !filled
    ? `${what}, as 0, and it holds ${small(end)} at the reset.${rest} For an ELF file the loader sets .bss to zero, at each reset too, as QEMU's does; of a raw ` +
      `image, or on a board, RAM keeps its values over a reset, and ${name} would be ${small(end)} then. ${advice}`
    : `${what}, as ${small(value)}: that is what RAM holds at power-on in this scenario (fill-ram).${rest} ${advice}`;
  return [text(sentence), { kind: 'code', text: 'read at', stack }];
}
