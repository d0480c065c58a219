/** What goes wrong in a run that went well: from looks that are made with --explain. */
import { groupedDigits } from '../../bytes/grouped-digits.ts';
import type { Evidence } from '../../evidence/evidence.ts';
import type { Detail } from '../../result/result.ts';
import { at, text } from './text.ts';

export function secondLook(evidence: Evidence): Detail[] {
  return [...joinedRequests(evidence), ...wrapped(evidence)];
}

/** A wrong offset shows only as wrong data, and only to a check that looks at those. */
function wrapped({ explanations, requests }: Evidence): Detail[] {
  const found = explanations?.wrapped;
  if (found === undefined) return [];
  const { drive, earlier, later, address, bytes, stack } = found;
  const named = (number: number): string => {
    const request = requests.find((one) => one.drive === drive && one.number === number);
    return `request #${number} (sector ${request?.sector ?? 'unknown'})`;
  };
  return [
    text(
      `${drive}: the data of ${named(later)} are at ${address}, over those of ${named(earlier)}, which the kernel has not read before. In a row of reads each ` +
        `buffer began where the one before it ended, and this one begins ${groupedDigits(bytes)} bytes before that, as with an offset that is kept ` +
        'in 16 bits. If the kernel means to use these data: is the type of a variable too narrow?',
    ),
    { kind: 'code', text: 'notified at', stack },
  ];
}

function joinedRequests({ explanations }: Evidence): Detail[] {
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
