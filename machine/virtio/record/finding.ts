/** A rule of the specification that a driver breaks, as the record of a device holds it. rules/rule.ts says what the severities mean. */
export const SEVERITIES = ['must', 'should', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A field of a descriptor (2.7.5). */
export type DescriptorFieldName = 'address' | 'length' | 'flags' | 'next';

/** The field of a descriptor that is to blame. */
export interface Culprit {
  /** The descriptor's position in the chain, from 0. */
  readonly position: number;
  readonly field: DescriptorFieldName;
}

export interface TracedFinding {
  readonly rule: string;
  readonly section: string;
  readonly severity: Severity;
  /** The request that it is about; undefined if it is not about a request. */
  readonly request: number | undefined;
  /** Undefined if it is not about a descriptor. */
  readonly culprit: Culprit | undefined;
  /** The register that it is about, as far as the device has one there; undefined if it is about none. */
  readonly register: string | undefined;
  /** Guest nanoseconds and instructions retired at the first time. */
  readonly time: number;
  readonly instructions: bigint;
  /** The instruction that did it first; undefined if it is about something that was never done. */
  readonly pc: bigint | undefined;
  /** How often it was seen; equal accesses between two other events count once. */
  count: number;
  /** The rule's sentence, and details of the first time. */
  readonly message: string;
}
