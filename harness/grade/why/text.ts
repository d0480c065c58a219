/** A sentence among the details of how a run ended. */
import type { CodePlace } from '../../evidence/code-place.ts';
import type { Detail } from '../../result/result.ts';

/** Characters of a kernel's own text in one sentence. */
export const SENTENCE = 300;

export const text = (line: string): Detail => ({ kind: 'text', text: line });

/** A place in the code, without its calls. */
export function at(label: string, place: CodePlace): Detail {
  return { kind: 'code', text: label, stack: { places: [place], leftOut: 0, notes: [] } };
}
