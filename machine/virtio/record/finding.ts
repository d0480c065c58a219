/** A rule of the specification that a driver breaks, as the record of a device holds it. rules/rule.ts says what the severities mean. */
export const SEVERITIES = ['must', 'should', 'note'] as const;
export type Severity = (typeof SEVERITIES)[number];

export interface TracedFinding {
  readonly rule: string;
  readonly section: string;
  readonly severity: Severity;
  /** The request that it is about; undefined if it is not about a request. */
  readonly request: number | undefined;
  /** Guest nanoseconds and instructions retired at the first time. */
  readonly time: number;
  readonly instructions: bigint;
  /** The instruction, for an access to memory that belongs to the device. */
  readonly pc: bigint | undefined;
  /** How often it was seen; equal accesses between two other events count once. */
  count: number;
  /** The rule's sentence, and details of the first time. */
  readonly message: string;
}
