/** A finding: a rule of the specification that a driver breaks, as plain JSON and in one line. Part of evidence.ts. Imports nothing. */

/** What a finding weighs: required by the specification, advised by it, or worth knowing (docs/conformance-rules.md). */
export type Severity = 'must' | 'should' | 'note';

/** One rule of the specification that a driver does not keep to, however often; of races, one for each instruction. */
export interface FindingEvidence {
  /** The rule's id. */
  rule: string;
  /** Of VIRTIO 1.2. */
  section: string;
  severity: Severity;
  drive: string;
  /** Number of the request that it is about; null where it is about none. */
  request: number | null;
  /** The first time: guest nanoseconds, and instructions retired. */
  time: number;
  instructions: number;
  /** Of a race: the instruction that touched the memory (hex); else null. */
  pc: string | null;
  count: number;
  message: string;
}

/** E.g. `data-length (virtio 1.2, 5.2.6.1), request #2, 3 times: The data of …`. */
export function describeFinding({ rule, section, request, pc, count, message }: FindingEvidence): string {
  const where = [
    ...(request === null ? [] : [`request #${request}`]),
    ...(pc === null ? [] : [`instruction at ${pc}`]),
    ...(count === 1 ? [] : [`${count} times`]),
  ];
  return `${[`${rule} (virtio 1.2, ${section})`, ...where].join(', ')}: ${message}`;
}
