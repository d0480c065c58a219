/** What a kernel whose run ended well does not stand: from an experiment that was made with --explain. */
import type { Evidence } from '../../evidence/evidence.ts';
import type { Detail } from '../../result/result.ts';
import { at, text } from './text.ts';

export function secondLook({ explanations }: Evidence): Detail[] {
  const joined = explanations?.joined;
  if (joined === undefined) return [];
  const { drive, requests, stop, ring, place } = joined;
  const [one, next] = requests;
  const behind =
    ring !== null && ring.looked < ring.index
      ? `: the used index is ${ring.index} then, and the driver has looked at ${ring.looked} of the elements. At each interrupt look at all elements up to used.idx (\`while\`, not \`if\`)`
      : '';
  return [
    text(
      `${drive}: this run went well, but a device may do two requests at once. As an experiment the run was repeated with request #${one} and request #${next} done together, ` +
        `with one interrupt for both, as QEMU's device does now and then. It ended so: ${stop}${behind}`,
    ),
    ...(place === null ? [] : [at('the handler looks at', place)]),
  ];
}
