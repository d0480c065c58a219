/** A finding: a rule of the specification that a driver breaks, as plain JSON and in one line. Part of evidence.ts. */
import { z } from 'zod';
import { count, hexNumber, type Saved, text } from './fields.ts';

export const findingSchema = z
  .object({
    rule: text.describe('the id of the rule ([conformance-rules.md](development/conformance-rules.md))'),
    section: text.describe('its section in virtio 1.2'),
    severity: z.enum(['must', 'should', 'note']).describe('required by the specification, advised by it, or worth knowing'),
    drive: text.describe("the drive's name in the rubric"),
    request: count.nullable().describe('the `number` of the request that it is about; `null` if it is about none'),
    culprit: z
      .object({
        position: count.describe("the descriptor's position in the chain, from 0"),
        field: z.enum(['address', 'length', 'flags', 'next']).describe('which of its fields'),
      })
      .nullable()
      .describe('the field of a descriptor that is to blame; `null` if it is not about a descriptor'),
    register: text.nullable().describe('the register that was accessed, by its name in the specification; `null` if it is not about one'),
    time: count.describe('guest nanoseconds when it was first seen'),
    instructions: count.describe('instructions retired when it was first seen'),
    pc: hexNumber
      .nullable()
      .describe(
        'address of the instruction that did it the first time: wrote the register, notified the device, or touched the memory; `null` if it is about something that was never done',
      ),
    count: z.int().min(1).describe('how often it was seen, 1 or more; for a race, in how many requests'),
    message: text.describe('a sentence for students, and in brackets what was seen the first time'),
  })
  .meta({
    id: 'finding',
    description: 'A rule of the virtio specification that a driver broke, however often; a race is one for each instruction.',
  });

export type FindingEvidence = Saved<typeof findingSchema>;

/** What a finding weighs (docs/development/conformance-rules.md). */
export type Severity = FindingEvidence['severity'];

/** E.g. `data-length (virtio 1.2, 5.2.6.1), request #2, 3 times: The data of …`. */
export function describeFinding({ rule, section, request, pc, count, message }: FindingEvidence): string {
  const where = [
    ...(request === null ? [] : [`request #${request}`]),
    ...(pc === null ? [] : [`instruction at ${pc}`]),
    ...(count === 1 ? [] : [`${count} times`]),
  ];
  return `${[`${rule} (virtio 1.2, ${section})`, ...where].join(', ')}: ${message}`;
}
