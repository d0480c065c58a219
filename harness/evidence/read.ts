/**
 * Saved evidence, read back: it may have been cut off, edited, or written by another version, and is refused then, with the
 * reason. What is returned has every field that the types promise.
 *
 * The schema below is checked against the types: a field that is missing in it does not compile.
 */
import { z } from 'zod';
import { REFUSALS } from '../../machine/spec/fault.ts';
import { EVIDENCE_SCHEMA, type Evidence } from './evidence.ts';
import { exception, explanations, loop } from './read-explanation.ts';
import { base64, count, decimal, finding, hexBytes, hexNumber, placeOf, sha256 } from './read-fields.ts';

const stop = z.discriminatedUnion('reason', [
  z.object({ reason: z.literal('until'), console: z.string() }),
  z.object({ reason: z.enum(['poweroff', 'reset', 'idle', 'waiting-for-input', 'hang', 'trap-loop']) }),
  z.object({ reason: z.literal('exit'), code: z.int() }),
  z.object({ reason: z.enum(['limit', 'host-limit']), limit: z.string() }),
  z.object({ reason: z.enum(['not-bootable', 'worker-died', 'host-fault']), message: z.string() }),
]);

const descriptor = z.object({
  ...{ index: count, indirect: z.boolean(), address: hexNumber, length: count, flags: count, next: count, deviceWritable: z.boolean() },
});

const role = z.object({
  ...{ role: z.enum(['header', 'data', 'status']), descriptor: count, address: hexNumber, length: count, deviceWritable: z.boolean() },
});

const fault = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answer'), answer: z.enum(REFUSALS) }),
  z.object({ kind: z.literal('late'), nanoseconds: count }),
  z.object({ kind: z.enum(['after-next', 'interrupt-lost']) }),
  z.object({ kind: z.literal('data'), bytes: count }),
]);

const request = z.object({
  ...{
    number: count,
    drive: z.string(),
    queue: count,
    head: count,
    ringEntry: hexNumber,
    table: hexNumber,
    time: count,
    instructions: count,
    consoleBytes: count,
  },
  ...{ descriptors: z.array(descriptor), roles: z.array(role), type: count.nullable(), sector: decimal.nullable() },
  ...{ data: hexBytes, dataLength: count, problem: z.string().nullable(), fault: fault.nullable() },
  completion: z.object({ time: count, status: count.nullable(), usedLength: count }).nullable(),
});

const device = z.object({
  ...{ drive: z.string(), statusWrites: z.array(count), deviceFeatures: hexNumber, driverFeatures: hexNumber, queueSize: count },
  ...{ notifies: count, interruptsRaised: count, interruptsAcknowledged: count, broken: z.string().nullable() },
  ...{ unnotified: count, racesLeftOut: count },
});

/** Without the zeroes at its end. */
const sector = z.string().regex(/^([0-9a-f]{2}){0,512}$/);

const image = z.object({ drive: z.string(), size: count, initialSha256: sha256, changed: z.record(decimal, sector) });

const work = z.object({ units: count, counts: z.record(z.string(), count) });

const hart = z.object({ registers: z.array(hexNumber).length(32), stack: base64 });

const schema = z.object({
  ...{ schema: z.literal(EVIDENCE_SCHEMA), tool: z.string(), scenario: z.string(), setup: z.record(z.string(), sha256) },
  ...{ kernelSha256: sha256.nullable(), instructions: count, time: count, work, pc: hexNumber.nullable(), console: base64, stop },
  ...{ requests: z.array(request), devices: z.array(device), findings: z.array(finding), images: z.array(image) },
  ...{ hart: hart.nullable(), loop: loop.nullable(), exception: exception.nullable(), explanations: explanations.nullable() },
}) satisfies z.ZodType<Evidence>;

/** The evidence in a file's text; or what is wrong with it, as the end of a sentence that begins with its name. */
export function parseEvidence(text: string): Evidence | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'is no whole JSON document: it was cut off or edited' };
  }
  const named = z.object({ schema: z.string() }).safeParse(value);
  if (!named.success) return { problem: 'is no evidence' };
  if (named.data.schema !== EVIDENCE_SCHEMA) {
    return { problem: `is ${JSON.stringify(named.data.schema.slice(0, 60))}; this version reads ${EVIDENCE_SCHEMA}` };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return value as Evidence;
  return { problem: `is not as ${EVIDENCE_SCHEMA} has it, at ${placeOf(parsed.error)}` };
}
