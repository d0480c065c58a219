/**
 * Saved evidence, read back: it may have been cut off, edited, or written by a different version. Then it is refused, with the
 * reason. What is returned has every field that the types promise.
 */
import { z } from 'zod';
import { EVIDENCE_SCHEMA, type Evidence, evidenceSchema } from './evidence.ts';
import { printable, quoted } from './printable.ts';

/** The evidence in a file's text; or what is wrong with it, as the end of a sentence that begins with its name. */
export function parseEvidence(text: string): Evidence | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
  const named = z.object({ schema: z.string() }).safeParse(value);
  if (!named.success) return { problem: 'is not evidence' };
  if (named.data.schema !== EVIDENCE_SCHEMA) {
    return { problem: `has the format ${quoted(named.data.schema, 60)}; this version reads ${EVIDENCE_SCHEMA}` };
  }
  return checked(evidenceSchema, EVIDENCE_SCHEMA, value);
}

export const NOT_JSON = { problem: 'is not a whole JSON document: it was cut off or edited' };

/** The value itself where it is as the schema has it: zod's copy of evidence may be large, and has its fields in a different order. */
export function checked<Value>(schema: z.ZodType<Value>, name: string, value: unknown): Value | { problem: string } {
  const parsed = schema.safeParse(value);
  return parsed.success ? (value as Value) : { problem: `does not have the form of ${name}, at ${placeOf(parsed.error)}` };
}

/** The place of the first mistake, for a sentence: keys may hold anything. */
function placeOf({ issues }: z.ZodError): string {
  const path = issues[0]?.path ?? [];
  return path.length === 0 ? 'its top' : printable(path.map(String).join('.'));
}
