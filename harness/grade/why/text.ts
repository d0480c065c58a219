/** A sentence among the details of how a run ended. */
import type { Detail } from '../../result/result.ts';

/** Characters of a kernel's own text in one sentence. */
export const SENTENCE = 300;

export const text = (line: string): Detail => ({ kind: 'text', text: line });
