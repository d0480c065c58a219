/** A finding in one line, as reports and failed checks show it. */
import type { FindingEvidence } from './evidence.ts';

/** E.g. `data-length (virtio 1.2, 5.2.6.1), request #2, 3 times: The data of …`. */
export function describeFinding({ rule, section, request, pc, count, message }: FindingEvidence): string {
  const where = [
    ...(request === null ? [] : [`request #${request}`]),
    ...(pc === null ? [] : [`instruction at ${pc}`]),
    ...(count === 1 ? [] : [`${count} times`]),
  ];
  return `${[`${rule} (virtio 1.2, ${section})`, ...where].join(', ')}: ${message}`;
}
