/** A function that calls itself without end. */
import type { CodeStack } from '../../evidence/code-place.ts';
import { printable } from '../../evidence/printable.ts';
import { SENTENCE } from './text.ts';

/** Calls of one function in a row from which on a recursion is likely. */
const RECURSION = 4;

/** The function that is in the stack most often, if its calls follow each other. */
export function recursionOf({ places }: CodeStack): string | null {
  const names = places.flatMap(({ frames }) => frames.map((frame) => frame.function));
  let [longest, length] = [0, 0];
  let name: string | null = null;
  for (const [index, one] of names.entries()) {
    length = one !== null && one === names[index - 1] ? length + 1 : 1;
    if (one !== null && length > longest) [longest, name] = [length, one];
  }
  return longest < RECURSION || name === null ? null : printable(name, SENTENCE);
}
