/** A kernel that is started elsewhere than its file says, where it did not get far. */
import type { Evidence } from '../../evidence/evidence.ts';
import { printable } from '../../evidence/printable.ts';
import type { Detail } from '../../result/result.ts';
import { SENTENCE, text } from './text.ts';

export function entry({ console, exception, explanations }: Evidence): Detail[] {
  const found = explanations?.entry ?? null;
  // Otherwise the kernel has found its way, and something different is wrong.
  if (found === null || (exception === null && console !== '')) return [];
  const { elf, machine, place } = found;
  const name = place.frames[0]?.function ?? null;
  const what = name === null ? '' : `, where ${printable(name, SENTENCE)} is`;
  return [
    text(
      `the file's entry is ${elf}, but the machine starts a kernel at its lowest address: ${machine}${what}. ` +
        'Place the boot code first in the linker script',
    ),
  ];
}
