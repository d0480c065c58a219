/** What a report says of how a kernel's run ended, for tests of its sentences. */
import { whyStopped } from '../grade/why/index.ts';
import type { Scenario } from '../vocabulary/scenario.ts';
import { explainRun } from './explained-kernel.ts';

/** The sentences, and for each place its label and the name of the function (in an assembled kernel: the label before it). */
export function toldOf(bytes: Uint8Array, more: Partial<Scenario> = {}) {
  const { evidence, explanations } = explainRun(bytes, more);
  const all = whyStopped({ ...evidence, explanations });
  return {
    evidence,
    explanations,
    stop: evidence.stop.reason,
    says: all.flatMap((detail) => (detail.kind === 'text' ? [detail.text] : [])).join('\n'),
    places: Object.fromEntries(
      all.flatMap((detail) => (detail.kind === 'code' ? [[detail.text, detail.stack.places[0]?.frames[0]?.function]] : [])),
    ) as Record<string, string | null | undefined>,
  };
}
